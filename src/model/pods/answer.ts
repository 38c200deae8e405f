// Fields of what a cluster answered, one by one and made harmless: anything at all may come in.
import { placeAnnotation } from '../labels.ts';
import { shortened } from '../text/cut.ts';
import type { Pod } from './pod.ts';

export type Raw = Readonly<Record<string, unknown>>;

/** More than any pod has (the API allows no more than fit in 1.5 MB): keeps a hostile answer small. */
export const mostItems = 500;
const mostChars = 2_000;

export const isRaw = (value: unknown): value is Raw =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
export const raw = (value: unknown): Raw => (isRaw(value) ? value : {});
export const list = (value: unknown): readonly Raw[] =>
  Array.isArray(value) ? value.slice(0, mostItems).filter(isRaw) : [];
/** Text without control characters, which would reach the terminal. */
export const text = (value: unknown): string =>
  typeof value === 'string'
    ? shortened(value, mostChars).replace(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, '')
    : '';
export const textOrNull = (value: unknown): string | null => text(value) || null;
export const count = (value: unknown): number => (typeof value === 'number' && Number.isSafeInteger(value) ? value : 0);
export const time = (value: unknown): number | null => {
  const ms = typeof value === 'string' ? Date.parse(value) : Number.NaN;
  return Number.isNaN(ms) ? null : ms;
};
export const texts = (value: unknown): Record<string, string> => {
  const result: Record<string, string> = Object.create(null);
  for (const [key, one] of Object.entries(raw(value)).slice(0, mostItems))
    if (typeof one === 'string') result[text(key)] = text(one);
  return { ...result };
};

/** Of a status, by its type. */
export const condition = (status: Raw, type: string): Raw | undefined =>
  list(status.conditions).find((one) => one.type === type);
export const isTrue = (status: Raw, type: string): boolean => condition(status, type)?.status === 'True';

/** The controller among the owners of an object, else the first of them. */
export function readOwner(metadata: Raw): Pod['owner'] {
  const owners = list(metadata.ownerReferences);
  const owner = owners.find((one) => one.controller === true) ?? owners[0];
  return owner ? { kind: text(owner.kind), name: text(owner.name), uid: text(owner.uid) } : null;
}

/** As it is: it is compared, and never shown. No path is longer than 4096 bytes. */
export const placeIn = (metadata: Raw): Pick<Pod, 'place'> => {
  const { [placeAnnotation]: place } = raw(metadata.annotations);
  return typeof place === 'string' ? { place: place.slice(0, 4_096) } : {};
};
