// Durations: `50ms`, `2s`, `1m30s`, `1h`; a bare number is milliseconds.
import { limits } from '../model/limits.ts';

const units: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };

/** Milliseconds, null for what is no duration of at most a day. */
export function duration(value: string | number): number | null {
  const ms = typeof value === 'number' ? value : parse(value.trim());
  return Number.isFinite(ms) && ms >= 0 && ms <= limits.durationMs ? ms : null;
}

function parse(text: string): number {
  if (/^\d+$/.test(text)) return Number(text);
  if (!/^(\d+(\.\d+)?(ms|s|m|h))+$/.test(text)) return Number.NaN;
  return [...text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)].reduce(
    (sum, [, count, unit]) => sum + Number(count) * units[unit!]!,
    0,
  );
}
