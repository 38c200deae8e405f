// The configuration as everybody loads it: what must not be shown is known to the log store before anything is said of it.
import { type Loaded, type LoadRequest, loadConfig } from '../config/load.ts';
import type { Ports } from '../model/ports.ts';
import type { Excerpt, Problem } from '../model/problems/problem.ts';

/** Its problems quote no private value. Rejects only when `stop` is aborted. */
export async function loaded(
  request: LoadRequest,
  ports: Pick<Ports, 'disk' | 'kept' | 'proc' | 'logs'>,
  stop: AbortSignal,
): Promise<Loaded> {
  const result = await loadConfig(request, ports, stop);
  ports.logs.hide(result.secrets);
  return 'problems' in result ? { ...result, problems: result.problems.map(hidden(ports.logs.scrub)) } : result;
}

/** A problem without what `scrub` takes out of texts. */
export const hidden =
  (scrub: (text: string) => string) =>
  (problem: Problem): Problem => ({
    ...problem,
    what: scrub(problem.what),
    ...(problem.excerpt === undefined ? {} : { excerpt: scrubbedExcerpt(problem.excerpt, scrub) }),
    ...(problem.hint === undefined ? {} : { hint: scrub(problem.hint) }),
    ...(problem.logTail === undefined ? {} : { logTail: problem.logTail.map(scrub) }),
  });

/** The mark stays under its place. */
const scrubbedExcerpt = ({ text, column }: Excerpt, scrub: (text: string) => string): Excerpt => ({
  text: scrub(text),
  column: scrub(text.slice(0, column - 1)).length + 1,
});
