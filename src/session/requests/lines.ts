// Requests as lines of a stream, bounded: whoever writes without a line end must not fill the memory.
import type { Readable, Writable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';
import { Observable } from 'rxjs';
import { limits } from '../../model/limits.ts';

/** Each line that is not blank, without its end; null for one longer than `limits.requestBytes`, which is skipped. Reads no further while `output` is full. */
export function requestLines(input: Readable, output: Writable): Observable<string | null> {
  return new Observable((subscriber) => {
    const decoder = new StringDecoder('utf8');
    let open = '';
    let isSkipping = false;
    const end = (): void => {
      if (isSkipping) subscriber.next(null);
      else if (open.trim() !== '') subscriber.next(open);
      open = '';
      isSkipping = false;
    };
    const take = (text: string): void => {
      open = isSkipping ? '' : open + text;
      if (open.length <= limits.requestBytes) return;
      open = '';
      isSkipping = true;
    };
    const read = (chunk: Buffer): void => {
      const [first = '', ...rest] = decoder.write(chunk).split('\n');
      take(first);
      for (const text of rest) {
        end();
        take(text);
      }
      if (!output.writableNeedDrain) return;
      input.pause();
      output.once('drain', resume);
    };
    const resume = (): void => void input.resume();
    const over = (): void => {
      end();
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
