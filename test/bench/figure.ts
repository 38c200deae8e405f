// One measured figure, on its way to the table and to bench-results.json.
import { appendFileSync, readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';

export interface Figure {
  readonly name: string;
  readonly unit: 'ms' | 'µs' | '%' | 'MiB' | '×';
  readonly n: number;
  readonly median: number;
  readonly p99: number;
  /** The median must not be over it; null where there is nothing to compare with. */
  readonly target: number | null;
}

const quantile = (sorted: readonly number[], q: number): number =>
  sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? Number.NaN;

export const median = (values: readonly number[]): number =>
  quantile(
    values.toSorted((a, b) => a - b),
    0.5,
  );

export const p99 = (values: readonly number[]): number =>
  quantile(
    values.toSorted((a, b) => a - b),
    0.99,
  );

export function figure(name: string, unit: Figure['unit'], values: readonly number[], target: number | null): void {
  const sorted = values.toSorted((a, b) => a - b);
  const made: Figure = {
    name,
    unit,
    n: values.length,
    median: quantile(sorted, 0.5),
    p99: quantile(sorted, 0.99),
    target,
  };
  const out = process.env.SLUICE_BENCH_OUT;
  if (out === undefined) console.log(made);
  else appendFileSync(out, `${JSON.stringify(made)}\n`);
}

/** Milliseconds that `work` takes. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

/** Between two saves: a person does not save at the same phase of anything that ticks. */
export const breathe = (): Promise<void> => pause(300 + Math.random() * 1_000);

/** CPU seconds and MiB of a process so far; Linux counts 100 ticks a second. */
export function usage(pid: number): { cpu: number; rss: number } {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  const rss = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return { cpu: (Number(fields[11]) + Number(fields[12])) / 100, rss: Number(rss) / 1024 };
}
