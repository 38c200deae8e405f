// The time that facts are stamped with: ms since the epoch, as the machine's clock has it, but passing one after the other.
// That clock is set by people and by NTP, and runs on while a laptop sleeps; what waits for ten seconds waits for ten seconds.
import { limits } from '../../model/limits.ts';
import type { ClockPort } from '../../model/ports.ts';

/** `wall` may step at any moment; `steady` never does, and stands still while the machine sleeps (CLOCK_MONOTONIC). */
export function createClock(wall: () => number = Date.now, steady: () => number = () => performance.now()): ClockPort {
  let offset = wall() - steady();
  const now = (): number => Math.round(steady() + offset);
  return {
    now,
    follow() {
      const by = Math.round(wall() - steady() - offset);
      if (Math.abs(by) < limits.clockStepMs) return 0;
      offset += by;
      return by;
    },
  };
}
