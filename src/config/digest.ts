// Hashes by which things are known to be unchanged.
import { createHash } from 'node:crypto';
import { stableJson } from '../model/manifests.ts';

/** 16 hex digits, equal for equal values whatever the order of their keys. */
export const digestOf = (value: unknown): string =>
  createHash('sha256').update(stableJson(value)).digest('hex').slice(0, 16);
