import { describe, expect, it } from 'vitest';
import { ResumePoint, readStamp } from '../../../src/adapters/kube/resume-point.ts';
import { limits } from '../../../src/model/limits.ts';

const at = (us: number, nanos = 0) =>
  readStamp(
    `2026-01-01T00:00:${String(Math.floor(us / 1e6)).padStart(2, '0')}.${String(us % 1e6).padStart(6, '0')}${String(nanos).padStart(3, '0')}Z`,
  )!;

describe('the place where a log is resumed', () => {
  it('reads timestamps with and without fractions, in any zone', () => {
    expect(readStamp('2026-01-01T01:00:00.5+01:00')?.us).toBe(Date.parse('2026-01-01T00:00:00.5Z') * 1_000);
    expect(readStamp('2026-01-01T00:00:00Z')?.us).toBe(Date.parse('2026-01-01T00:00:00Z') * 1_000);
    expect(readStamp('unable')).toBeNull();
    expect(readStamp('2026-99-01T00:00:00Z')).toBeNull();
  });

  it('tells repeats from new lines, also in one tick of the clock and out of order', () => {
    const point = new ResumePoint();
    const first = [at(100), at(300), at(200), at(300), at(300, 1)];
    expect(first.map((stamp) => point.isNew(stamp))).toEqual([true, true, true, true, true]);
    expect(Date.parse(point.since ?? '')).toBeLessThan(at(300).us / 1_000);
    point.resume();
    const again = [at(100), at(300), at(200), at(300), at(300, 1), at(250), at(300), at(400)];
    expect(again.map((stamp) => point.isNew(stamp))).toEqual([false, false, false, false, false, true, true, true]);
  });

  it('takes what is older than its memory for seen, and keeps that memory small', () => {
    const point = new ResumePoint();
    for (let us = 0; us < 1_000_000; us += 10) point.isNew(at(us));
    point.resume();
    expect(point.isNew(at(500_000))).toBe(false);
    expect(point.isNew(at(999_990))).toBe(false);
    expect(point.isNew(at(1_000_000))).toBe(true);
    const kept = point as unknown as { older: { counts: Map<string, number> }; newer: { counts: Map<string, number> } };
    expect(kept.older.counts.size + kept.newer.counts.size).toBeLessThanOrEqual(2 * limits.logResumeStamps);
  });
});
