// Numbers that look like chance and are the same for the same seed.

/** mulberry32: small, and the same everywhere. */
export const mulberry = (start: number) => {
  let seeded = start;
  return (below: number): number => {
    seeded = (seeded + 0x6d2b79f5) | 0;
    let t = Math.imul(seeded ^ (seeded >>> 15), 1 | seeded);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % below;
  };
};
