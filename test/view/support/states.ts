// States as views see them, in few words.
import type { PublicResource, PublicState } from '../../../src/model/public-state.ts';

type Parts<T> = {
  readonly [K in keyof T]?: T[K] extends readonly unknown[] ? T[K] : T[K] extends object ? Partial<T[K]> : T[K];
};

export function resource(name: string, parts: Parts<PublicResource> = {}): PublicResource {
  return {
    name,
    kind: 'kubernetes',
    labels: [],
    enabled: true,
    trigger: 'auto',
    pending: [],
    endpoints: [],
    needs: [],
    history: [],
    events: [],
    forwards: [],
    ...parts,
    update: { status: 'none', why: [], ...parts.update },
    runtime: { status: 'none', text: '', restarts: 0, pods: [], ...parts.runtime },
    changes: { seen: 0, live: 0, ...parts.changes },
    logs: { lines: 0, bytes: 0, ...parts.logs },
    at: { file: '/p/sluice.yaml', line: 1, column: 1, ...parts.at },
  };
}

export function state(resources: readonly PublicResource[], parts: Partial<PublicState> = {}): PublicState {
  return {
    phase: 'up',
    idle: false,
    changes: { seen: 0, live: 0 },
    config: { ok: true, problems: [] },
    docker: { ok: true, status: 'ok' },
    cluster: { ok: true, status: 'ok', context: 'kind-dev' },
    feeds: {},
    resources: Object.fromEntries(resources.map((each) => [each.name, each])),
    order: resources.map(({ name }) => name),
    git: { held: false, because: '' },
    ...parts,
  };
}

export const running = (name: string, run = 1, why = 'server.js changed'): PublicResource =>
  resource(name, {
    update: { status: 'running', run: `${name}#${run}`, why: [why], startedAt: 1_000 },
    runtime: { status: 'pending' },
  });

export const live = (name: string, run = 1, parts: Parts<PublicResource> = {}): PublicResource =>
  resource(name, {
    ...parts,
    update: {
      status: 'ok',
      run: `${name}#${run}`,
      why: [],
      strategy: 'image',
      startedAt: 1_000,
      endedAt: 1_900,
      ...parts.update,
    },
    runtime: { status: 'ready', text: 'Running', since: 2_200, ...parts.runtime },
  });
