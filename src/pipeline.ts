// sluice on one screen: sources → one scan → controllers, and back as facts. Each name here is a file of that name.

import { builds } from './controllers/builds.ts';
import { pulls } from './controllers/compose/pulls.ts';
import { serviceOrphans } from './controllers/compose/service-orphans.ts';
import { serviceRemovals } from './controllers/compose/service-removals.ts';
import { durations } from './controllers/durations.ts';
import { finishedJobs } from './controllers/finished-jobs.ts';
import { hooks } from './controllers/hooks.ts';
import { orphans } from './controllers/orphans.ts';
import { portForwards } from './controllers/port-forwards.ts';
import { prune } from './controllers/prune.ts';
import { removals } from './controllers/removals.ts';
import { restarts } from './controllers/restarts.ts';
import { servers } from './controllers/servers.ts';
import { synclets } from './controllers/synclets.ts';
import { trials } from './controllers/trials.ts';
import { type Engine, type Feed, makeEngine } from './engine/engine.ts';
import { reduce } from './engine/reduce.ts';
import type { Ports } from './model/ports.ts';
import { clock } from './sources/clock.ts';
import { cluster } from './sources/cluster.ts';
import { containerLogs } from './sources/compose/container-logs.ts';
import { containers } from './sources/compose/containers.ts';
import { config } from './sources/config.ts';
import { docker } from './sources/docker.ts';
import { files } from './sources/files.ts';
import { endpoints } from './sources/kubernetes/endpoints.ts';
import { events } from './sources/kubernetes/events.ts';
import { pods } from './sources/kubernetes/pods.ts';
import { services } from './sources/kubernetes/services.ts';
import { workloads } from './sources/kubernetes/workloads.ts';
import { logMarks } from './sources/log-marks.ts';
import { logTails } from './sources/log-tails.ts';
import { rights } from './sources/rights.ts';
import type { DeployedNotes } from './update/deploy/notes.ts';
import type { Durations } from './update/durations.ts';
import type { Synclets } from './update/live/synclet/pool.ts';
import type { Strategy } from './update/strategy.ts';

export interface PipelineOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** How changes are brought in, tried in this order. */
  readonly strategies: readonly Strategy[];
  /** What was deployed in this session and before. */
  readonly notes: DeployedNotes;
  /** How long first runs took, in this session and before. */
  readonly times: Durations;
  /** Helpers in containers, which strategies use as well. */
  readonly helpers: Synclets;
}

export function pipeline({ env, strategies, notes, times, helpers }: PipelineOptions, ports: Ports): Engine {
  // read only
  const sources: readonly Feed<Ports>[] = [
    config(env), //     sluice.yaml and all it names
    files(), //         saves, settled into changes
    docker, //          is the daemon there?
    cluster, //         is the cluster there, and may it be touched?
    containers, //      of Compose services
    containerLogs, //   their output → log store
    pods,
    services,
    workloads, //       what their controllers say of them
    endpoints, //       which pods take traffic
    events, // what the cluster says about ours
    rights, //          what it may not do with pods
    logTails, //        output of containers → log store
    logMarks(), //      that there is more of it → state
    clock(), //         when the planner wants to look again
  ];
  // change the world
  const controllers: readonly Feed<Ports>[] = [
    builds(strategies), // desired runs → builds, deploys, updates in place
    synclets(helpers), //  a helper in each container that saves can reach
    servers, //            local servers
    portForwards, //       local ports that outlive pods
    restarts, //           the same again, without a build
    trials, //             is what was started anew ready?
    removals, //           what is no longer wanted
    serviceRemovals, //    the same, of Compose
    serviceOrphans, //     and what others left of it
    pulls, //              images of services that still wait
    orphans(notes), //      what an earlier session left of them
    finishedJobs(notes), // done once is done
    durations(times), //   which order is quickest next time
    hooks, //              of charts, gone when they have run
    prune, //              images of ours that are old
  ];
  return makeEngine(reduce, [...sources, ...controllers], ports);
}
