import { setImmediate as turn } from 'node:timers/promises';
import { Subject } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { turns } from '../../src/operators/turns.ts';

function watched() {
  const source = new Subject<number>();
  const seen: (readonly number[])[] = [];
  let ending: unknown = null;
  const watching = source.pipe(turns()).subscribe({
    next: (all) => seen.push(all),
    error: (error) => {
      ending = error;
    },
    complete: () => {
      ending = 'complete';
    },
  });
  return { source, seen, watching, ending: () => ending };
}

describe('turns', () => {
  it('what comes in one turn goes on together and in order', async () => {
    const { source, seen } = watched();
    source.next(1);
    await Promise.resolve();
    source.next(2);
    expect(seen).toEqual([]);
    await turn();
    expect(seen).toEqual([[1, 2]]);
    await turn();
    expect(seen).toHaveLength(1);
  });

  it('an answer to a turn belongs to the next one', async () => {
    const source = new Subject<number>();
    const seen: (readonly number[])[] = [];
    source.pipe(turns()).subscribe((all) => {
      seen.push(all);
      if (all.includes(1)) source.next(9);
    });
    source.next(1);
    source.next(2);
    await turn();
    await turn();
    expect(seen).toEqual([[1, 2], [9]]);
  });

  it('an end passes on what is left first', () => {
    const completed = watched();
    completed.source.next(1);
    completed.source.complete();
    expect([completed.seen, completed.ending()]).toEqual([[[1]], 'complete']);
    const failed = watched();
    failed.source.next(1);
    failed.source.error('no');
    expect([failed.seen, failed.ending()]).toEqual([[[1]], 'no']);
  });

  it('nothing comes once nobody listens', async () => {
    const { source, seen, watching } = watched();
    source.next(1);
    watching.unsubscribe();
    await turn();
    expect(seen).toEqual([]);
  });
});
