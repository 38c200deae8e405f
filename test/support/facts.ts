// Facts about this machine that tests wait for or compare: ports, pages, processes.
import { readdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';

const POLL_MS = 50;

/** A TCP port of this machine that nobody listens on. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}

/** Asks until `look` gives something; fails after `deadlineMs`, naming `what` and what was seen last. */
export async function eventually<T>(
  look: () => Promise<T | null> | T | null,
  what: string,
  deadlineMs = 60_000,
): Promise<T> {
  const deadline = Date.now() + deadlineMs;
  let last = 'nothing';
  while (Date.now() < deadline) {
    try {
      const found = await look();
      if (found !== null) return found;
    } catch (error) {
      last = (error as Error).message;
    }
    await pause(POLL_MS);
  }
  throw new Error(`not within ${deadlineMs} ms: ${what}; last error: ${last}`);
}

/** The page at `url`; rejects when nobody answers. */
export async function page(url: string): Promise<string> {
  const answer = await fetch(url, { signal: AbortSignal.timeout(15_000), headers: { connection: 'close' } });
  return answer.text();
}

/** Resolves when the page at `url` contains `text`. */
export const serves = (url: string, text: string, deadlineMs?: number): Promise<string> =>
  eventually(
    async () => {
      const found = await page(url);
      if (found.includes(text)) return found;
      throw new Error(`the page was: ${found.slice(0, 200)}`);
    },
    `${url} shows "${text}"`,
    deadlineMs,
  );

/** Command lines of living processes that contain `text`, this one aside. */
export function processesWith(text: string): readonly string[] {
  const lines: string[] = [];
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)) {
    try {
      const line = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
      if (line.includes(text)) lines.push(`${pid} ${line}`);
    } catch {
      // gone meanwhile
    }
  }
  return lines;
}
