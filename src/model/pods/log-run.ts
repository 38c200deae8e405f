// What tells the lines of a program from those of the same program when it ran before.
import type { Container } from './pod.ts';

/** Of a container that is made anew for each start: the short form of its id, without the runtime's name. */
export const containerRun = (id: string): string => id.replace(/^[\w.+-]+:\/\//, '').slice(0, 12);

/** Of a container that keeps its id when it is started again; `startedAt` in ms since the epoch. */
export const startedRun = (id: string, startedAt: number): string => `${containerRun(id)}@${startedAt}`;

/** Null where it was never started. */
export const startOf = ({ id, startedAt }: Pick<Container, 'id' | 'startedAt'>): string | null =>
  id === null || startedAt === null ? null : startedRun(id, startedAt);

/** Of a local server. */
export const serverRun = (generation: number): string => `serve-${generation}`;
