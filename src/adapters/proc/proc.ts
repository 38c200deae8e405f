// Processes of this machine, behind the port.
import type { ProcPort } from '../../model/ports.ts';
import { listener } from './listener.ts';
import { run } from './run.ts';

export function createProc(): ProcPort {
  return { run, listener };
}
