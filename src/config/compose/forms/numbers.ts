// Numbers as Compose takes them: of a text only decimal digits, and of a fraction where a whole number belongs what stands before its
// point. They are told by the kinds that Go keeps them in.
import type { Form } from './forms.ts';
import { floatIn, isLong, lastBits } from './go-numbers.ts';

const shown = (value: unknown): string => String(value).slice(0, 40);

/** Kept in 32 bits, and printed with as many figures as tell it from its neighbours. */
export const single: Form = (value, writing) => {
  const given = typeof value === 'string' ? floatIn(value) : Number(value);
  const kept = Math.fround(given ?? Number.NaN);
  if (!Number.isFinite(kept)) {
    const what = given === null ? `"${shown(value)}" is no number` : `${shown(value)} is beyond 32 bits`;
    writing.fail(what, given === null ? 'write digits' : 'write a smaller one');
    return value;
  }
  // Nine figures tell any two of them apart.
  const figures = Array.from({ length: 9 }, (_, i) => Number(kept.toPrecision(i + 1)));
  return figures.find((each) => Math.fround(each) === kept) ?? kept;
};

/** A 0 before its digits means nothing in a text. */
export const whole: Form = (value, writing) => {
  if (typeof value === 'string' && !/^[-+]?\d+$/.test(value)) {
    writing.fail(`"${shown(value)}" is no whole number`, 'write digits');
    return value;
  }
  if (typeof value === 'bigint') return Number(BigInt.asIntN(64, value));
  // No minus before a 0.
  const is = Math.trunc(Number(value)) + 0;
  if (!isLong(typeof value === 'string' ? BigInt(value.replace('+', '')) : BigInt(is)))
    writing.fail(`${shown(value)} is beyond 64 bits`, 'write a smaller one');
  return is;
};

/** Not below 0. */
export const amount: Form = (value, writing) => {
  const is = typeof value === 'bigint' ? Number(value) : whole(value, writing);
  if (typeof is === 'number' && is < 0) writing.fail(`${shown(value)} is less than none`, 'write 0, or more');
  return is;
};

/** The same in so many bits. */
export const amountIn =
  (bits: 16 | 32): Form =>
  (value, writing) => {
    const is = amount(value, writing);
    return typeof is === 'number' ? lastBits(is, bits) : is;
  };

/** Of these Compose makes no number where they are texts. */
export const bareAmountIn =
  (bits: 16 | 32): Form =>
  (value, writing) => {
    if (typeof value === 'string') writing.fail(`"${shown(value)}" is a text here`, 'write it without quotes');
    return amountIn(bits)(value, writing);
  };

/** What a text says is looked at as a number would be. */
export const from =
  (least: number, form: Form, most = Number.POSITIVE_INFINITY): Form =>
  (value, writing) => {
    const is = form(value, writing);
    if (typeof is === 'number' && (is < least || is > most || !Number.isInteger(is)))
      writing.fail(
        `"${shown(value)}" is no whole number from ${least} ${most === Infinity ? 'on' : `to ${most}`}`,
        'write another one',
      );
    return is;
  };
