// Requests as lines on stdin, for who started the session.
import { createInterface } from 'node:readline';
import { NEVER, Subscription } from 'rxjs';
import { limits } from '../model/limits.ts';
import { type Answering, answer } from './request.ts';

/** Answers go to stderr: stdout carries the stream and nothing else. */
export function readRequests(input: NodeJS.ReadStream, answering: Omit<Answering, 'gone$' | 'by'>): Subscription {
  const lines = createInterface({ input });
  lines.on('line', (line) => {
    if (line.trim() === '' || line.length > limits.requestBytes) return;
    void answer(line, { ...answering, by: 'stdin', gone$: NEVER }).then((reply) =>
      process.stderr.write(`${JSON.stringify(reply)}\n`),
    );
  });
  return new Subscription(() => lines.close());
}
