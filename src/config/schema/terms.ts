// Kinds of values that keys of more than one part of the configuration have.
import * as z from 'zod';

export const text = z.string().min(1).max(65_536);
export const texts = z.array(text);
export const scalar = z.union([z.string(), z.number(), z.boolean()]);
