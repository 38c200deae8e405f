// Durations, sizes, flags and paths as Compose reads them, and as it prints them.
import { homedir } from 'node:os';
import { isAbsolute, join, resolve } from 'node:path';
import { floatIn, isLong } from './go-numbers.ts';

/** In nanoseconds; null for what is none. Units as Go has them, and d and w. */
export function nanoseconds(text: string): number | null {
  const [, sign, amounts = ''] = /^([-+]?)(.+)$/.exec(text) ?? [];
  if (amounts === '0') return 0;
  const parts = [...amounts.matchAll(/(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h|d|w)/g)];
  if (parts.length === 0 || parts.map(([whole]) => whole).join('') !== amounts) return null;
  const sum = parts.reduce((all, [, count, unit]) => all + Number(count) * (units[unit as string] as number), 0);
  return sum < 2 ** 63 ? Math.round(sign === '-' ? -sum : sum) : null;
}

const units: Readonly<Record<string, number>> = {
  ns: 1,
  us: 1e3,
  µs: 1e3,
  μs: 1e3,
  ms: 1e6,
  s: 1e9,
  m: 60e9,
  h: 3600e9,
  d: 86_400e9,
  w: 604_800e9,
};

/** `1m30s`, as Go writes it. */
export function durationText(ns: number): string {
  if (ns === 0) return '0s';
  if (ns < 0) return `-${durationText(-ns)}`;
  if (ns < 1e3) return `${ns}ns`;
  if (ns < 1e6) return `${ns / 1e3}µs`;
  if (ns < 1e9) return `${ns / 1e6}ms`;
  const [hours, minutes] = [Math.floor(ns / 3600e9), Math.floor((ns % 3600e9) / 60e9)];
  const seconds = `${(ns % 60e9) / 1e9}s`;
  if (hours > 0) return `${hours}h${minutes}m${seconds}`;
  return minutes > 0 ? `${minutes}m${seconds}` : seconds;
}

/**
 * Bytes as decimal digits; null for what is no size. A unit is a power of 1024, with or without `i` and `b`. A float that is
 * written without quotes is nothing to Compose, and so is an integer beyond 64 bits.
 */
export function bytesText(value: string | number | bigint): string | null {
  if (typeof value === 'bigint') return isLong(value) ? String(value) : '0';
  if (typeof value === 'number') return Number.isInteger(value) && Math.abs(value) < 1e6 ? String(value) : '0';
  const [, count = '', unit = ''] = /^(.*?[0-9.]) ?(?:([kmgtp])(?:i?b)?|b)?$/i.exec(value) ?? [];
  const power = unit === '' ? 0 : 'kmgtp'.indexOf(unit.toLowerCase()) + 1;
  const amount = floatIn(count);
  const bytes = amount === null ? Number.NaN : Math.trunc(amount * 1024 ** power);
  return Number.isFinite(bytes) && isLong(BigInt(bytes)) ? String(BigInt(bytes)) : null;
}

/** Null for what is neither: a figure is no switch to Compose. */
export function flag(value: string): boolean | null {
  const word = value.toLowerCase();
  if (['true', 'on', 'yes', 'y'].includes(word)) return true;
  return ['false', 'off', 'no', 'n'].includes(word) ? false : null;
}

/** `~` is the home directory; what is relative is so to `dir`. */
export function pathFrom(dir: string, path: string): string {
  if (path === '~' || path.startsWith('~/')) return join(homedir(), path.slice(1));
  return isAbsolute(path) || isWindowsPath(path) ? path : resolve(dir, path);
}

export const isWindowsPath = (path: string): boolean => /^[A-Za-z]:[\\/]|^\\\\/.test(path);

/** A URL, or `git@host:…`: built from there by the daemon. */
export const isRemote = (context: string): boolean =>
  /^[a-z][a-z0-9+.-]*:\/\//i.test(context) || context.startsWith('git@') || /^github\.com\//.test(context);
