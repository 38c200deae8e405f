// What a resource said at its end, out of the log store: lines of the container that failed, chosen by what they say.
import type { TailOf } from '../../engine/public.ts';
import { withoutColours } from '../../logs/lines/ansi.ts';
import { excerpt } from '../../logs/lines/excerpt.ts';
import { limits } from '../../model/limits.ts';
import type { LogLine, LogReader } from '../../model/log.ts';

export const lastWords =
  (logs: Pick<LogReader, 'tail'>): TailOf =>
  (resource, of, count) => {
    const filter = {
      resources: [resource],
      sources: ['runtime' as const],
      ...(of?.pod ? { pods: [of.pod] } : {}),
      ...(of?.container ? { containers: [of.container] } : {}),
    };
    const all = logs.tail(filter, limits.excerptLines).lines.filter((line) => !isEvent(line));
    // What it said before it was started again explains an earlier end.
    const own = all.filter(({ run }) => run === of?.run);
    const lines = own.length > 0 ? own : all;
    return excerpt(
      lines.map(({ text, level }) => ({ text: withoutColours(text), level })),
      count,
    );
  };

/** Events of the cluster are told behind what the program said. */
const isEvent = ({ pod, container }: LogLine): boolean => pod !== undefined && container === undefined;
