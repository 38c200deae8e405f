// Numbers as Compose takes them: of a text only decimal digits, and of a fraction where a whole number belongs what stands before its
// point. They are told by the kinds that Go keeps them in.
import type { Form } from './forms.ts';

const shown = (value: unknown): string => String(value).slice(0, 40);

/** With a fraction perhaps. */
export const number: Form = (value, writing) => {
  if (typeof value === 'string' && !/^[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?$/i.test(value)) {
    writing.fail(`"${shown(value)}" is no number`, 'write digits');
    return value;
  }
  return Number(value);
};

/** Kept in 32 bits, and printed with as many figures as tell it from its neighbours. */
export const single: Form = (value, writing) => {
  const is = number(value, writing);
  if (typeof is !== 'number') return is;
  const kept = Math.fround(is);
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
  // No minus before a 0.
  return Math.trunc(Number(value)) + 0;
};

/** Not below 0. */
export const amount: Form = (value, writing) => {
  const is = whole(value, writing);
  if (typeof is === 'number' && is < 0) writing.fail(`${shown(value)} is less than none`, 'write 0, or more');
  return is;
};

/** Of these Compose makes no number where they are texts. */
export const bareAmount: Form = (value, writing) => {
  if (typeof value === 'string') writing.fail(`"${shown(value)}" is a text here`, 'write it without quotes');
  return amount(value, writing);
};
