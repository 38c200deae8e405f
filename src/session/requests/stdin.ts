// Requests as lines on stdin, for who started the session. The answers become records of its stream.
import type { Readable, Writable } from 'node:stream';
import { catchError, defer, EMPTY, finalize, from, mergeMap, type Observable, of } from 'rxjs';
import { type Answer, type Answering, answers } from './answer.ts';
import { requestLines } from './lines.ts';
import { refusalOf } from './refusal.ts';

/**
 * Reads while it is subscribed to; answers come as they are found, each with the id of its request. Nothing is read while
 * `output`, where the answers go, is full.
 */
export function stdinAnswers(
  input: Readable,
  output: Writable,
  answering: Omit<Answering, 'gone' | 'by'>,
): Observable<Answer> {
  return defer(() => {
    let open = 0;
    // A stdin that cannot be read, a directory or a terminal that has gone, has asked for nothing more.
    input.on('error', () => {});
    return requestLines(input, output).pipe(
      catchError(() => EMPTY),
      mergeMap((line) => {
        const refused = refusalOf(line, open);
        if (refused || line === null) return refused ? of(refused) : EMPTY;
        open++;
        return from(answers(line, { ...answering, by: 'stdin', gone: never })).pipe(finalize(() => open--));
      }),
    );
  });
}

/** Who started the session is there as long as it is. */
const never = new AbortController().signal;
