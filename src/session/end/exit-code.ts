// Which exit code a problem means that ended a command before there was a session.
import { exitCodes } from '../../engine/verdict.ts';
import type { Problem } from '../../model/problems/problem.ts';

export function exitCodeOf({ kind }: Problem): number {
  switch (kind) {
    case 'yours':
      return exitCodes.usage;
    case 'unavailable':
    case 'timeout':
      return exitCodes.unreachable;
    case 'denied':
      return exitCodes.deploy;
    case 'step':
      return exitCodes.other;
  }
}
