// Times as people read them.

/** `0.4s`, `12s`, `1m05s`, `2h03m`. */
export function duration(ms: number): string {
  if (ms < 0) return '0s';
  if (ms < 9_950) return `${(ms / 1000).toFixed(1)}s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return `${seconds}s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes}m${String(seconds % 60).padStart(2, '0')}s`;
  return `${Math.floor(minutes / 60)}h${String(minutes % 60).padStart(2, '0')}m`;
}

/** `3s`: whole seconds, for what ticks while it is looked at. */
export const seconds = (ms: number): string => (ms < 59_500 ? `${Math.max(0, Math.round(ms / 1000))}s` : duration(ms));

/** `<1m`, `3m`, `2h`, `4d`: coarse, so that it need not be drawn anew each second. */
export function age(ms: number): string {
  const minutes = Math.floor(ms / 60_000);
  if (minutes < 1) return '<1m';
  if (minutes < 60) return `${minutes}m`;
  if (minutes < 48 * 60) return `${Math.floor(minutes / 60)}h`;
  return `${Math.floor(minutes / (24 * 60))}d`;
}

/** `12:03:59`, local time. */
export function clock(at: number): string {
  const date = new Date(at);
  const two = (n: number) => String(n).padStart(2, '0');
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}`;
}
