// What an agent can ask of the running session: each tool is one request to its socket.

import { duration } from '../../config/values/duration.ts';
import type { Problem } from '../../model/problems/problem.ts';

export interface Tool {
  readonly name: string;
  readonly description: string;
  readonly inputSchema: Readonly<Record<string, unknown>>;
  /** The request to the session; a text says what is wrong with the arguments. */
  request(args: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> | string;
  /** Only reads. */
  readonly isReading: boolean;
}

const names = { type: 'array', items: { type: 'string' }, description: 'Names of resources' };
const schema = (properties: Readonly<Record<string, unknown>>, required: readonly string[] = []) => ({
  type: 'object',
  properties,
  required,
  additionalProperties: false,
});

export const tools: readonly Tool[] = [
  {
    name: 'status',
    description: 'What is live, what runs, what waits and for what: every resource with its last problem.',
    inputSchema: schema({}),
    request: () => ({ do: 'status' }),
    isReading: true,
  },
  {
    name: 'logs',
    description: 'The newest log lines, oldest first.',
    inputSchema: schema({
      resources: { ...names, description: 'Only of these resources' },
      tail: { type: 'integer', minimum: 1, maximum: 10_000, description: 'How many lines; default 200' },
      level: { enum: ['debug', 'info', 'warn', 'error'], description: 'The lowest level' },
      source: { enum: ['build', 'runtime'] },
      previous: { type: 'boolean', description: 'Of containers before they were started again' },
    }),
    request: ({ tail = 200, ...rest }) => ({ do: 'logs', tail, ...rest }),
    isReading: true,
  },
  {
    name: 'wait',
    description:
      'Returns when the resources are ready; with fresh: when every file saved before this call is live. Call it after an edit, before testing.',
    inputSchema: schema({
      resources: { ...names, description: 'Default: all' },
      fresh: { type: 'boolean', description: 'Every change saved up to now must be live. Default: true' },
      timeout: { type: 'string', description: 'Such as 30s or 5m, the default' },
    }),
    request: ({ resources, fresh = true, timeout = '5m' }) => {
      const timeoutMs = typeof timeout === 'string' || typeof timeout === 'number' ? duration(timeout) : null;
      if (timeoutMs === null) return 'timeout is a duration such as 30s or 5m';
      return { do: 'wait', resources, fresh, timeoutMs };
    },
    isReading: true,
  },
  acting('trigger', 'Brings pending changes in now; without any, builds anew and restarts.', {
    force: { type: 'boolean', description: 'A full build whatever changed' },
  }),
  acting('cancel', 'Stops the run of a resource.'),
  acting('enable', 'Brings a disabled resource up again.'),
  acting('disable', 'Takes a resource down and leaves it so for this session.'),
  acting('restart', 'Starts what runs anew, without a build.'),
];

function acting(name: string, description: string, more: Readonly<Record<string, unknown>> = {}): Tool {
  return {
    name,
    description,
    inputSchema: schema({ resources: names, ...more }, ['resources']),
    request: (args) => ({ ...args, do: name }),
    isReading: false,
  };
}

/** A problem as a model reads it: what, where, what to do. */
export const problemText = ({ what, at, hint, logTail = [] }: Problem): string =>
  [what, ...(at ? [`at ${at.file}:${at.line}:${at.column}`] : []), ...logTail, ...(hint ? [`hint: ${hint}`] : [])].join(
    '\n',
  );
