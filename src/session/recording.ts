// A recording: every action as one JSON line, secrets scrubbed, so that `replay` and a bug report see the same session.
import { createWriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import { filter, type Observable } from 'rxjs';
import type { Step } from '../engine/engine.ts';
import { jsonText } from '../model/json.ts';
import { limits } from '../model/limits.ts';
import type { LogStore } from '../model/log.ts';

export interface Recorder {
  close(): Promise<void>;
}

export function recorder(path: string, step$: Observable<Step>, logs: Pick<LogStore, 'scrub'>): Recorder {
  const out = createWriteStream(path, { mode: 0o600 });
  out.on('error', (error) =>
    process.stderr.write(`sluice: the recording ${path} cannot be written: ${error.message}\n`),
  );
  let written = 0;
  const writing = step$.pipe(filter(({ action }) => action !== null)).subscribe(({ action }) => {
    if (written > limits.recordingBytes || out.destroyed) return;
    const line = `${logs.scrub(jsonText(action))}\n`;
    written += line.length;
    out.write(line);
  });
  return {
    async close() {
      writing.unsubscribe();
      out.end();
      await finished(out).catch(() => {});
    },
  };
}
