// Virtual time for operator tests: one frame of a marble is one ms.
import { TestScheduler } from 'rxjs/testing';
import { expect } from 'vitest';

export const scheduler = (): TestScheduler => new TestScheduler((actual, expected) => expect(actual).toEqual(expected));
