// JSON Schema (2020-12) of the records of the NDJSON stream: what `sluice schema stream` prints. Fields may be added.
const text = { type: 'string' } as const;
const count = { type: 'integer', minimum: 0 } as const;
const texts = { type: 'array', items: text } as const;
const time = { type: 'number', description: 'ms since the epoch' } as const;
const ref = (name: string) => ({ $ref: `#/$defs/${name}` });
const list = (name: string) => ({ type: 'array', items: ref(name) });
const oneOf = (...values: readonly string[]) => ({ enum: values });

const object = (properties: Readonly<Record<string, unknown>>, optional: readonly string[] = []) => ({
  type: 'object',
  properties,
  required: Object.keys(properties).filter((key) => !optional.includes(key)),
});

const record = (type: string, properties: Readonly<Record<string, unknown>>, optional: readonly string[] = []) =>
  object({ type: { const: type }, seq: count, at: time, ...properties }, optional);

const changes = object({ seen: count, live: count });
const ownChanges = object({ seen: count, live: count, behind: count }, ['behind']);
const healthFields = {
  ok: { type: 'boolean' },
  status: oneOf('unknown', 'starting', 'ok', 'failing', 'off'),
  problem: ref('problem'),
  retryAt: time,
};

const update = object(
  {
    status: oneOf('none', 'pending', 'held', 'running', 'ok', 'failed', 'cancelled'),
    hold: object({ reason: text, on: texts, built: { const: true } }, ['built']),
    run: text,
    strategy: text,
    step: text,
    progress: text,
    why: texts,
    startedAt: time,
    endedAt: time,
    estimate: { type: 'number' },
    problem: ref('problem'),
  },
  ['hold', 'run', 'strategy', 'step', 'progress', 'startedAt', 'endedAt', 'estimate', 'problem'],
);

const pod = object({
  name: text,
  status: text,
  ready: { type: 'boolean' },
  restarts: count,
  containers: { type: 'array', items: object({ name: text }) },
});

const runtime = object(
  {
    status: oneOf('none', 'pending', 'ready', 'failed', 'done'),
    text,
    restarts: count,
    pods: { type: 'array', items: pod },
    pid: count,
    problem: ref('problem'),
  },
  ['pid', 'problem'],
);

export const streamSchema = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  title: 'A line of `sluice up --json`',
  oneOf: ['session', 'state-record', 'patch', 'log', 'answer', 'verdict'].map(ref),
  $defs: {
    session: record('session', {
      version: { const: 1 },
      runId: text,
      pid: count,
      dir: text,
      socket: { type: ['string', 'null'] },
    }),
    'state-record': record('state', { state: ref('state') }),
    patch: record('patch', { cause: text, patch: list('operation') }),
    log: record(
      'log',
      {
        resource: { type: 'string', description: 'empty: the session itself' },
        source: oneOf('build', 'runtime', 'engine'),
        level: oneOf('debug', 'info', 'warn', 'error'),
        text,
        pod: text,
        container: text,
        run: text,
        dropped: count,
      },
      ['pod', 'container', 'run', 'dropped'],
    ),
    answer: record(
      'answer',
      {
        id: { description: 'of the request; null where it had none' },
        ok: { type: 'boolean' },
        result: { description: 'what was asked for, where ok' },
        problem: ref('problem'),
      },
      ['result', 'problem'],
    ),
    verdict: record('verdict', { ok: { type: 'boolean' }, exitCode: { type: 'integer' }, problems: list('problem') }),
    operation: object({ op: oneOf('add', 'remove', 'replace'), path: text, value: {} }, ['value']),
    state: object({
      phase: oneOf('starting', 'up', 'draining'),
      idle: { type: 'boolean' },
      changes,
      config: object({ ok: { type: 'boolean' }, problems: list('problem') }),
      docker: ref('health'),
      cluster: object({ ...healthFields, context: text }, ['problem', 'retryAt']),
      feeds: { type: 'object', additionalProperties: ref('health') },
      resources: { type: 'object', additionalProperties: ref('resource') },
    }),
    resource: object({
      name: text,
      kind: oneOf('kubernetes', 'compose', 'local'),
      labels: texts,
      enabled: { type: 'boolean' },
      trigger: oneOf('auto', 'manual'),
      update,
      runtime,
      pending: texts,
      changes: ownChanges,
      endpoints: texts,
      logs: object({ lines: count, bytes: count }),
    }),
    health: object(healthFields, ['problem', 'retryAt']),
    problem: object(
      {
        kind: oneOf('yours', 'step', 'unavailable', 'denied', 'timeout'),
        code: text,
        what: text,
        hint: text,
        at: object({ file: text, line: count, column: count }),
        of: object({ pod: text, container: text, run: text }, ['pod', 'container', 'run']),
        logTail: texts,
      },
      ['hint', 'at', 'of', 'logTail'],
    ),
  },
} as const;
