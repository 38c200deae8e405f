// A recording: every action as one JSON line, secrets scrubbed, so that `replay` and a bug report see the same session. One
// that nobody asked for keeps the last actions in memory, and becomes a file only when there is a bug to report.
import { randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { filter, map, type Observable, takeWhile } from 'rxjs';
import { notesDir } from '../adapters/fs/notes.ts';
import { makeFile } from '../adapters/fs/own-place.ts';
import type { Step } from '../engine/engine.ts';
import { scrubbedJson } from '../logs/scrub/scrub-json.ts';
import type { Action } from '../model/fact.ts';
import { limits } from '../model/limits.ts';
import type { LogStore } from '../model/log.ts';
import type { Problem } from '../model/problems/problem.ts';

export interface Recorder {
  /** The file, complete once this is called; null where there is none and none can be made. */
  kept(): string | null;
  close(): Promise<void>;
}

type Scrub = LogStore['scrub'];

/**
 * `path` null: only what `.sluice` of `dir` gets when it is asked for. The action that met a bug is the last one. `troubled`
 * hears why a recording that was asked for ends before the session.
 */
export const recorder = (
  path: string | null,
  dir: string,
  step$: Observable<Step>,
  scrub: Scrub,
  troubled: (problem: Problem) => void = () => {},
): Recorder => {
  const action$ = step$.pipe(
    takeWhile(({ state }) => state.bug === null, true),
    map(({ action }) => action),
    filter((action) => action !== null),
  );
  return path === null ? remembered(dir, action$, scrub) : written(path, action$, scrub, troubled);
};

function written(
  path: string,
  action$: Observable<Action>,
  scrub: Scrub,
  troubled: (problem: Problem) => void,
): Recorder {
  const out = createWriteStream(path, { mode: 0o600 });
  const say = (text: string): void => {
    const what = `the recording ${path} ${text}`;
    process.stderr.write(`sluice: ${what}\n`);
    troubled({ kind: 'step', code: 'S657', what, hint: 'what came until then is in it; the session goes on' });
  };
  out.on('error', (error) => say(`cannot be written: ${error.message}`));
  let bytes = 0;
  let isFull = false;
  const writing = action$.subscribe((action) => {
    if (isFull || out.destroyed) return;
    const line = `${recorded(action, scrub)}\n`;
    bytes += line.length;
    isFull = bytes > limits.recordingBytes;
    if (isFull) say(`is full at ${limits.recordingBytes >> 20} MB: what comes now is not in it`);
    else out.write(line);
  });
  return {
    kept: () => path,
    async close() {
      writing.unsubscribe();
      out.end();
      await finished(out).catch(() => {});
    },
  };
}

function remembered(dir: string, action$: Observable<Action>, scrub: Scrub): Recorder {
  const last: Action[] = [];
  const keeping = action$.subscribe((action) => {
    last.push(action);
    // Cut now and then: a shift for each would move all of them.
    if (last.length > 2 * limits.actionsKept) last.splice(0, last.length - limits.actionsKept);
  });
  let file: string | null = null;
  return {
    kept() {
      if (file !== null) return file;
      const text = last.map((action) => `${recorded(action, scrub)}\n`).join('');
      for (const place of [() => notesDir(dir), tmpdir])
        try {
          // In a directory that all share somebody may have guessed a number.
          const path = join(place(), `sluice-bug-${process.pid}-${randomUUID().slice(0, 8)}.ndjson`);
          makeFile(path, text);
          file = path;
          return path;
        } catch {
          // The next place may take it.
        }
      return null;
    },
    close: async () => keeping.unsubscribe(),
  };
}

/** Without lines of the user's files: what stands in one that cannot be read is not known, and so is not hidden. */
function recorded(action: Action, scrub: Scrub): string {
  const line = scrubbedJson(action, scrub);
  if (!line.includes('"excerpt":')) return line;
  return scrubbedJson(withoutExcerpts(action), scrub);
}

function withoutExcerpts(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutExcerpts);
  if (typeof value !== 'object' || value === null) return value;
  const kept = Object.entries(value).filter(([key, each]) => key !== 'excerpt' || typeof each?.text !== 'string');
  return Object.fromEntries(kept.map(([key, each]) => [key, withoutExcerpts(each)]));
}
