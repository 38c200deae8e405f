// Durations: `50ms`, `2s`, `1m30s`, `1h`; a bare number is milliseconds.
import { limits } from '../../model/limits.ts';

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

/** What to write instead of something that is no duration. */
export function durationHint(value: string | number): string {
  const text = String(value).trim().toLowerCase();
  const [, count = '', word = ''] = /^(\d+(?:\.\d+)?)\s*([a-zµ]+)\.?$/.exec(text) ?? [];
  const unit = /^d(ays?)?$/.test(word) ? 'd' : unitOf(word);
  const meant = unit === 'd' ? `${Number(count) * 24}h` : `${count}${unit}`;
  if (unit !== null && duration(meant) !== null) return `did you mean ${meant}?`;
  if (unit !== null || /^\d+$/.test(text) || !Number.isNaN(parse(text))) return 'the longest is a day: 24h';
  if (text.startsWith('-')) return 'none is negative';
  return 'a number and its unit: ms, s, m or h';
}

function unitOf(word: string): string | null {
  if (/^(ms|msecs?|millis|milliseconds?)$/.test(word)) return 'ms';
  if (/^(s|secs?|seconds?)$/.test(word)) return 's';
  if (/^(m|mins?|minutes?)$/.test(word)) return 'm';
  return /^(h|hrs?|hours?)$/.test(word) ? 'h' : null;
}
