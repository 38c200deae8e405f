// How long to wait before the next try: twice as long as before the last one, no longer than the most.

/** ms before the try that comes after `tries` that failed in a row since the first. */
export const backoff = (tries: number, firstMs: number, maxMs: number): number => Math.min(maxMs, firstMs * 2 ** tries);
