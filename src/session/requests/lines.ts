// Requests as lines of a stream, bounded: whoever writes without a line end must not fill the memory.
import type { Readable, Writable } from 'node:stream';
import { Observable } from 'rxjs';
import { limits } from '../../model/limits.ts';
import { lineSplitter } from '../../model/text/line-splitter.ts';

/** Each line that is not blank, without its end; null for one longer than `limits.requestBytes`, which is skipped. Reads no further while `output` is full. */
export function requestLines(input: Readable, output: Writable): Observable<string | null> {
  return new Observable((subscriber) => {
    const splitter = lineSplitter(limits.requestBytes, (bytes, cut) => {
      const line = bytes.toString();
      if (cut > 0) subscriber.next(null);
      else if (line.trim() !== '') subscriber.next(line);
    });
    const read = (chunk: Buffer): void => {
      splitter.push(chunk);
      if (!output.writableNeedDrain) return;
      input.pause();
      output.once('drain', resume);
    };
    const resume = (): void => void input.resume();
    const over = (): void => {
      splitter.end();
      subscriber.complete();
    };
    const failed = (error: unknown): void => subscriber.error(error);
    input.on('data', read).once('end', over).once('error', failed);
    return () => {
      output.off('drain', resume);
      input.off('data', read).off('end', over).off('error', failed);
      input.pause();
    };
  });
}
