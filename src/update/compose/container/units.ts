// Durations as Go writes them and sizes in digits, as the Engine API takes them.

const nanoseconds: Readonly<Record<string, number>> = {
  h: 3_600e9,
  m: 60e9,
  s: 1e9,
  ms: 1e6,
  us: 1e3,
  µs: 1e3,
  ns: 1,
};

/** `1m30s` in nanoseconds; undefined for what is not said. */
export function nanosecondsOf(duration: string | undefined): number | undefined {
  if (duration === undefined) return undefined;
  let sum = 0;
  for (const [, value, unit] of duration.matchAll(/([\d.]+)(h|ms|us|µs|ns|m|s)/g))
    sum += Number(value) * (nanoseconds[unit as string] as number);
  return Math.round(sum);
}

/** Whole seconds, no less than was said. */
export const secondsOf = (duration: string | undefined): number | undefined => {
  const ns = nanosecondsOf(duration);
  return ns === undefined ? undefined : Math.ceil(ns / 1e9);
};

export const numberOf = (size: string | number | undefined): number | undefined =>
  size === undefined ? undefined : Number(size);

/** Without what is undefined: what is not asked for is not sent. */
export const said = (fields: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));

/** `KEY=value`; a variable without a value is taken away where the image sets it. */
export const environmentOf = (environment: Readonly<Record<string, string | null>> | undefined): readonly string[] =>
  Object.entries(environment ?? {}).map(([key, value]) => (value === null ? key : `${key}=${value}`));
