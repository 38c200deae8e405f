// What a resource said at its end, out of the log store: lines of the container that failed, chosen by what they say.
import type { TailOf } from '../engine/public.ts';
import { withoutColours } from '../logs/lines/ansi.ts';
import { excerpt } from '../logs/lines/excerpt.ts';
import { limits } from '../model/limits.ts';
import type { LogLine, LogReader } from '../model/log.ts';

export const lastWords =
  (logs: Pick<LogReader, 'tail'>): TailOf =>
  (resource, of, count) => {
    const filter = {
      resources: [resource],
      sources: ['runtime' as const],
      ...(of ? { pods: [of.pod] } : {}),
      ...(of?.container ? { containers: [of.container] } : {}),
    };
    const lines = logs.tail(filter, limits.excerptLines).lines.filter((line) => !isEvent(line));
    return excerpt(
      lines.map(({ text, level }) => ({ text: withoutColours(text), level })),
      count,
    );
  };

/** Events of the cluster are told behind what the program said. */
const isEvent = ({ pod, container }: LogLine): boolean => pod !== undefined && container === undefined;
