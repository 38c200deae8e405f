import { describe, expect, it } from 'vitest';
import { fittedName, labelValue } from '../../../src/model/text/fitted-name.ts';

const long = 'a'.repeat(63);

describe('a name as a label may carry it', () => {
  it('is the name where it fits', () => {
    expect(['web', 'a.b_c-d', long].map(labelValue)).toEqual(['web', 'a.b_c-d', long]);
  });

  it.each([
    ['names that begin alike for as long as a label', `${long}-one`, `${long}-two`],
    ['a name and a longer one that begins with it', long, `${long}a`],
    ['a character that labels refuse, and what is written for it', 'web:job', 'web_job'],
    ['ends that labels refuse', 'web-', 'web'],
    ['nothing that labels take', ':::', '::'],
    ['letters of another alphabet', 'é', 'è'],
  ])('stays different: %s', (_, one, other) => {
    expect(labelValue(one)).not.toBe(labelValue(other));
  });

  it.each([`${long}-one`, 'web:job', ':::', `${'x'.repeat(49)}.:y`, '-a-'])('is a valid value: %s', (name) => {
    expect(labelValue(name)).toMatch(/^(?=.{1,63}$)[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?$/);
  });

  it('is the same in every session', () => {
    expect(labelValue('web:job')).toBe('web_job-02fxpgtlrkupk');
  });
});

it('two runs of resources with long names build under two names', () => {
  const asTag = { refused: /[^a-zA-Z0-9.-]+/g, instead: '-', most: 100 };
  const [one, other] = ['one', 'two'].map((end) => fittedName(`sluice-build-1-${'n'.repeat(120)}-${end}#1`, asTag));
  expect(one).not.toBe(other);
  expect(one).toHaveLength(100);
});
