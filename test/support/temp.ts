// Temporary project directories, removed when the test that made them ends.
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';

/** Writes files below `dir`: path → text. Directories are made as needed. */
export function writeFiles(dir: string, files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(dir, path)), { recursive: true });
    writeFileSync(join(dir, path), text);
  }
}

/** A new directory `sluice-test-…` holding `files`; its real path (macOS has /tmp as a link). Inside a test only. */
export function tempProject(files: Readonly<Record<string, string>> = {}): string {
  let dir = '';
  // Asked for before it is made: what still runs when its test has ended is told that it has, and leaves none behind.
  onTestFinished(() => rmSync(dir, { recursive: true, force: true, maxRetries: 3 }));
  dir = realpathSync(mkdtempSync(join(tmpdir(), 'sluice-test-')));
  writeFiles(dir, files);
  return dir;
}
