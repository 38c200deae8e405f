// Certainty that all earlier events were delivered: the kernel keeps one queue per worker, so when the event of a file
// made now arrives, everything before it has arrived.
import { type FSWatcher, watch } from 'node:fs';
import { rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { limits } from '../../../model/limits.ts';
import { notesDir } from '../notes.ts';
import { makeFile } from '../own-place.ts';

export interface Probe {
  /** False where nothing certain can be said: no inotify, no writable directory, no event in time. */
  pass(): Promise<boolean>;
  close(): void;
}

/** Probes in <dir>/.sluice, which no target sees. */
export function createProbe(dir: string): Probe {
  let watcher: FSWatcher | null = null;
  let watched = 0;
  let count = 0;
  const waiting = new Map<string, () => void>();
  const arrival = (name: string) =>
    new Promise<boolean>((resolve) => {
      const timer = setTimeout(() => resolve(false), limits.probeMs);
      waiting.set(name, () => {
        clearTimeout(timer);
        resolve(true);
      });
    });
  const forget = () => {
    watcher?.close();
    watcher = null;
  };
  const pass = async () => {
    // Elsewhere each watch has a queue of its own.
    if (process.platform !== 'linux') return false;
    const name = `probe-${process.pid}-${count++}`;
    try {
      const notes = notesDir(dir);
      const { ino } = await stat(notes);
      if (ino !== watched) forget();
      watcher ??= watch(notes, (_event, seen) => waiting.get(seen ?? '')?.()).on('error', () => {});
      watched = ino;
      const arrived = arrival(name);
      makeFile(join(notes, name), '');
      const inTime = await arrived;
      await rm(join(notes, name), { force: true });
      // It may be another directory of the same number.
      if (!inTime) forget();
      return inTime;
    } catch {
      return false;
    } finally {
      waiting.delete(name);
    }
  };
  return { pass, close: forget };
}
