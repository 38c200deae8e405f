// The answers of the far side, line by line. What sits in a container is hostile: a line has a length, a wait an end.
import type { Readable } from 'node:stream';
import { limits } from '../../../model/limits.ts';

export interface Answers {
  /** The next line; rejects when the stream ended, failed, a line is too long, or none came within `ms` (null: for ever). */
  next(ms: number | null): Promise<string>;
}

interface Waiting {
  readonly resolve: (line: string) => void;
  readonly reject: (error: Error) => void;
}

export function answersOf(stdout: Readable): Answers {
  const lines: string[] = [];
  let rest = '';
  let over: Error | null = null;
  let waiting: Waiting | null = null;

  const end = (error: Error) => {
    over ??= error;
    waiting?.reject(over);
    waiting = null;
  };
  const line = (text: string) => {
    if (waiting) waiting.resolve(text);
    else lines.push(text);
    waiting = null;
  };
  stdout.on('data', (chunk: Buffer) => {
    const parts = (rest + chunk.toString('latin1')).split('\n');
    rest = parts.pop()!;
    for (const part of parts) line(part);
    if (rest.length > limits.syncAnswerBytes || lines.length > limits.syncAnswers) {
      stdout.destroy();
      end(new Error(`the container answered with something else: ${JSON.stringify(rest.slice(0, 80))}`));
    }
  });
  stdout.on('end', () => end(new Error(`the connection ended${rest ? `: ${rest.slice(0, 200)}` : ''}`)));
  stdout.on('error', end);
  stdout.on('close', () => end(new Error('the connection was closed')));

  return {
    next: (ms) =>
      new Promise<string>((resolve, reject) => {
        const ready = lines.shift();
        if (ready !== undefined) return resolve(ready);
        if (over) return reject(over);
        const timer = ms === null ? null : setTimeout(() => end(new Error(`no answer within ${ms / 1000} s`)), ms);
        const settle =
          <T>(done: (value: T) => void) =>
          (value: T) => {
            if (timer) clearTimeout(timer);
            done(value);
          };
        waiting = { resolve: settle(resolve), reject: settle(reject) };
      }),
  };
}
