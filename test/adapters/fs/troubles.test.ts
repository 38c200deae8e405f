// What is not as it should be with the watching is told once each, and that it is over once nothing of it stands.
import { expect, test } from 'vitest';
import { troubles } from '../../../src/adapters/fs/watch/troubles.ts';
import type { Problem } from '../../../src/model/problems/problem.ts';

const problem = (code: string): Problem => ({ kind: 'unavailable', code, what: code });

test('each is told once, what is met again stays, and the last that stands is told when another is over', () => {
  const told: string[] = [];
  const of = troubles((event) => told.push(event.is === 'problem' ? event.problem.code : event.is));
  const takes = () => told.splice(0);
  of.meets('S501 /a', problem('S501'));
  of.meets('S500', problem('S500'));
  of.meets('S500', problem('S500'));
  expect(takes()).toEqual(['S501', 'S500']);
  of.over('S500');
  expect(takes()).toEqual(['S501']);
  of.begin();
  of.meets('S501 /a', problem('S501'));
  of.meets('S509 /b', problem('S509'));
  of.settled();
  expect(takes()).toEqual(['S509']);
  of.begin();
  of.meets('S501 /a', problem('S501'));
  of.settled();
  expect(takes()).toEqual(['S501']);
  of.begin();
  of.settled();
  expect(takes()).toEqual(['mended']);
  of.over('S500');
  of.begin();
  of.settled();
  expect(takes()).toEqual([]);
});
