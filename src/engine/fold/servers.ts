// server/*: local servers, their probes, crashes and restart back-off.

import type { Action } from '../../model/fact.ts';
import { limits } from '../../model/limits.ts';
import { serverRun } from '../../model/pods/log-run.ts';
import type { EngineState, LocalState, ResourceState } from '../../model/state.ts';
import { backoff } from '../../operators/backoff.ts';
import { serverOf, withGeneration, withResource } from '../resources/resource.ts';
import { replaced } from '../resources/resource-list.ts';
import { those } from '../resources/those.ts';

type ServerFact = Extract<Action, { type: `server/${string}` }>;

export function serverFact(state: EngineState, fact: ServerFact): EngineState {
  return withResource(state, fact.resource, (resource) => {
    if (resource.kind !== 'local') return resource;
    // Also one that was replaced, or that nobody wants any more: until now its process was there.
    if (fact.type === 'server/stopped')
      return resource.server.process?.generation === fact.generation
        ? { ...resource, server: { ...resource.server, process: null } }
        : resource;
    // A generation that was replaced has nothing more to say.
    if (fact.generation !== resource.used.generations || !resource.server.serves) return resource;
    switch (fact.type) {
      case 'server/started':
        return started(resource, fact.pid, fact.at);
      case 'server/probed':
        return probed(resource, fact);
      case 'server/exited':
        return exited(resource, fact.code, fact.signal, fact.at);
      case 'server/failed':
        return {
          ...resource,
          server: {
            ...resource.server,
            process: { ...base(resource, fact.at), status: 'failed', problem: fact.problem },
          },
        };
    }
  });
}

const base = (resource: LocalState, at: number) =>
  resource.server.process?.generation === resource.used.generations
    ? resource.server.process
    : {
        generation: resource.used.generations,
        status: 'starting' as const,
        pid: null,
        startedAt: at,
        exitCode: null,
        problem: null,
      };

function started(resource: LocalState, pid: number, at: number): LocalState {
  return {
    ...resource,
    server: {
      ...resource.server,
      process: {
        generation: resource.used.generations,
        status: 'starting',
        pid,
        startedAt: at,
        exitCode: null,
        problem: null,
      },
      restartAt: null,
    },
  };
}

function probed(
  resource: LocalState,
  { ready, problem, starting = false }: Extract<ServerFact, { type: 'server/probed' }>,
): LocalState {
  if (resource.server.process?.generation !== resource.used.generations) return resource;
  const isStarting = resource.server.process.status === 'starting' && (starting || !problem);
  const status = ready ? 'ready' : isStarting ? 'starting' : 'unready';
  return {
    ...resource,
    server: { ...resource.server, process: { ...resource.server.process, status, problem: ready ? null : problem } },
  };
}

function exited(resource: LocalState, code: number | null, signal: string | null, at: number): LocalState {
  const { spec } = resource;
  const server = base(resource, at);
  const how = signal ? `was ended by ${signal}` : `exited with code ${code}`;
  const isFine = code === 0 && spec.restart !== 'always';
  const willRestart = spec.restart === 'always' || (spec.restart === 'on-failure' && !isFine);
  const failures = at - server.startedAt >= limits.serverHealthyMs ? 1 : resource.server.failures + 1;
  const pause = backoff(failures - 1, limits.serverRestartFirstMs, limits.serverRestartMaxMs);
  return {
    ...resource,
    server: {
      ...resource.server,
      failures,
      restartAt: willRestart ? at + pause : null,
      process: {
        ...server,
        status: 'exited',
        pid: null,
        exitCode: code,
        problem: isFine
          ? null
          : {
              kind: 'step',
              code: 'S420',
              what: `server of ${spec.name} ${how}`,
              hint: willRestart
                ? `it is started again in ${pause} ms`
                : 'save a file it depends on, or trigger it, to start it again',
              at: spec.at,
              of: { run: serverRun(server.generation) },
            },
      },
    },
  };
}

/** Restarts that are due: a new generation each, so that the controller starts a new process. */
export const dueRestarts = (state: EngineState, at: number): EngineState =>
  replaced(
    state,
    crashedIn(state).flatMap((r) => {
      const restartAt = restartOf(r);
      return r.kind === 'local' && restartAt !== null && restartAt <= at
        ? { ...withGeneration(r), server: { ...r.server, restartAt: null, restarts: r.server.restarts + 1 } }
        : [];
    }),
  );

/** ms epoch: when its server is started again, null where it is not. */
export const restartOf = (resource: ResourceState): number | null => serverOf(resource)?.restartAt ?? null;

const crashedIn = those((resource: ResourceState) => resource.enabled && restartOf(resource) !== null);
