// Which exit code a problem means that ended a command before there was a session.
import { exitCodes } from '../../engine/verdict.ts';
import { problemCodes } from '../../model/problems/code-names.ts';
import type { Problem } from '../../model/problems/problem.ts';

export function exitCodeOf({ kind, code }: Problem): number {
  switch (kind) {
    case 'yours':
      return exitCodes.usage;
    case 'unavailable':
    case 'timeout':
      return exitCodes.unreachable;
    // Who may not even log in has configured the wrong user, whatever was to be done.
    case 'denied':
      return code === problemCodes.loginRefused ? exitCodes.usage : exitCodes.deploy;
    case 'step':
      return exitCodes.other;
  }
}
