// Is all that we would apply there already? Then an apply would change nothing, and its round trip can be saved.
import { isRecord } from '../../../model/manifests/workload.ts';

/**
 * True when each field of `desired` is in `existing` with the same value; what the cluster added beside is nothing of ours.
 * Values that the cluster writes in another way ("1000m" as "1") give false: the apply itself then finds out.
 */
export function isAlready(desired: unknown, existing: unknown): boolean {
  if (Array.isArray(desired))
    return (
      Array.isArray(existing) &&
      desired.length === existing.length &&
      desired.every((item, i) => isAlready(item, existing[i]))
    );
  if (!isRecord(desired)) return desired === existing;
  return isRecord(existing) && Object.entries(desired).every(([key, value]) => isAlready(value, existing[key]));
}
