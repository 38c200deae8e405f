// Requests that are not even looked into, and what is said of them: whoever keeps within the bounds is served all the time.
import { limits } from '../../model/limits.ts';
import { isDeeper } from '../../model/text/json.ts';
import { type Answer, idIn, type Request } from './answer.ts';

/** Null where `line`, null for one that was too long, may be answered while `open` others wait for their answers. */
export function refusalOf(line: string | null, open: number): Answer | null {
  if (line === null) return refusal(null, 'S650', `a request is at most ${limits.requestBytes} bytes long`);
  if (open < limits.openRequests) return null;
  return refusal(line, 'S651', `${open} requests wait for their answers already`);
}

/** With the id of the request where it has one. */
export const refusal = (line: string | null, code: string, what: string): Answer => ({
  id: line === null ? null : idOf(line),
  ok: false,
  problem: { kind: 'unavailable', code, what, hint: 'read the answers, or ask less at a time' },
});

function idOf(line: string): unknown {
  try {
    return isDeeper(line, limits.requestDepth) ? null : idIn((JSON.parse(line) ?? {}) as Request);
  } catch {
    return null;
  }
}
