// One row of the table of faults: what was done to the session, and the figure that shows how it held.
import { appendFileSync } from 'node:fs';

/**
 * Called by a test once its assertions have passed; `npm test` prints the rows together, before the count.
 * `figure` carries its unit: `noticed after 1.2 s, back after 0.8 s`, `RSS +2 %`. What must hold is asserted, not told here.
 */
export function row(fault: string, figure: string): void {
  const out = process.env.SLUICE_FAULT_ROWS;
  if (out === undefined) console.log(`fault: ${fault} · ${figure}`);
  else appendFileSync(out, `${JSON.stringify({ fault, figure })}\n`);
}

/** Seconds since `start`, a reading of `performance.now()`, with one decimal. */
export const since = (start: number): string => `${((performance.now() - start) / 1000).toFixed(1)} s`;
