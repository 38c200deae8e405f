// Objects in the order of their kinds: those of one rank together, the next rank only when all of these are done.
import { limits } from '../../../model/limits.ts';

/**
 * Results in the order begun. Within a rank limits.applyParallel run at once. Rejects with the first failure, and only once
 * nothing that was begun is under way any more.
 */
export async function byRank<T, R>(
  items: readonly T[],
  rankOf: (item: T) => number,
  act: (item: T) => Promise<R>,
): Promise<readonly R[]> {
  const results: R[] = [];
  const ranks = [...new Set(items.map(rankOf))].sort((a, b) => a - b);
  for (const rank of ranks) {
    const group = items.filter((item) => rankOf(item) === rank);
    results.push(...(await together(group, act)));
  }
  return results;
}

async function together<T, R>(items: readonly T[], act: (item: T) => Promise<R>): Promise<readonly R[]> {
  const results: R[] = new Array(items.length);
  const failures: unknown[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < items.length && failures.length === 0) {
      const mine = next++;
      try {
        results[mine] = await act(items[mine] as T);
      } catch (error) {
        failures.push(error);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(limits.applyParallel, items.length) }, worker));
  if (failures.length > 0) throw failures[0];
  return results;
}
