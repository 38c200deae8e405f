// Loaded into a session before it begins (`--import`), its worker threads included: the machine's clock is off by as many ms
// as the file named by SLUICE_CLOCK_OFFSET says, from one look to the next. Time that has passed (`performance`) is not.
import { readFileSync } from 'node:fs';

const { now } = Date;
const RealDate = Date;
const file = process.env.SLUICE_CLOCK_OFFSET;
const offset = () => {
  try {
    return Number(readFileSync(file, 'utf8'));
  } catch {
    return 0;
  }
};

if (file) {
  globalThis.Date = class extends RealDate {
    constructor(...of) {
      super(...(of.length === 0 ? [RealDate.now()] : of));
    }
  };
  RealDate.now = () => now() + offset();
}
