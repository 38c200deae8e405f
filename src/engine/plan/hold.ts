// Why a resource that wants a run has to wait. The first reason that applies is the one shown.
import { notExchangeable } from '../../model/builds/exchangeable.ts';
import { isBuilt, usesDocker } from '../../model/builds/who-builds.ts';
import type { ComposeSpec, KubeSpec, Need } from '../../model/config.ts';
import type { UpdateMode } from '../../model/run.ts';
import type { EngineState, Hold, ResourceState } from '../../model/state.ts';
import { lookup } from '../../model/text/lookup.ts';
import { replaced } from '../resources/resource-list.ts';
import { currentRun, isRunning } from '../resources/run.ts';
import { hasPlace, isMaking } from '../resources/slots.ts';
import { those } from '../resources/those.ts';
import { isBuiltAhead, waitsSince, wantsRun } from '../resources/want.ts';
import { containersOf, hasLiveRules } from '../runtime/containers.ts';
import { trialKey } from '../runtime/trial.ts';
import type { Decisions } from './decisions.ts';
import { isSettling, isToCome } from './upstream.ts';

/** Null: it may start. */
export function holdOf(soFar: Decisions, resource: ResourceState): Hold | null {
  return sessionHold(soFar.state, resource) ?? needsHold(soFar, resource) ?? placeHold(soFar, resource);
}

/** Its images cannot be built either, whatever it needs. */
export const buildHoldOf = (soFar: Decisions, resource: ResourceState): Hold | null =>
  sessionHold(soFar.state, resource) ?? placeHold(soFar, resource);

const placeHold = (soFar: Decisions, resource: ResourceState): Hold | null =>
  (resource.spec.kind === 'local' ? null : clusterHold(soFar, resource, resource.spec)) ??
  (hasPlace(soFar, resource) ? null : { reason: 'slots', on: [] });

/** The same resource where it is held by the same already. */
export const held = (resource: ResourceState, hold: Hold): ResourceState =>
  resource.update.hold?.reason === hold.reason &&
  resource.update.hold.on.join() === hold.on.join() &&
  resource.update.hold.built === hold.built
    ? resource
    : { ...resource, update: { ...resource.update, hold } };

/** Who runs, or wants no run any more, is held by nothing. */
export const withoutOldHolds = (state: EngineState): EngineState =>
  replaced(
    state,
    heldNoMoreIn(state).map((resource) => ({ ...resource, update: { ...resource.update, hold: null } })),
  );

const heldNoMoreIn = those(
  (resource: ResourceState) => resource.update.hold !== null && (isRunning(resource) || !wantsRun(resource)),
);

/** What goes for all: what is going, being read, watched or rebased is waited for. */
function sessionHold(state: EngineState, { spec, update: { asked } }: ResourceState): Hold | null {
  const { name } = spec;
  if (lookup(state.removals, name)) return { reason: 'removing', on: [name] };
  if (state.config.wanted !== state.config.loaded) return { reason: 'config-reload', on: ['sluice.yaml'] };
  if (state.options.watch && !state.files.watching) return { reason: 'watching', on: ['files'] };
  if (state.git.held && asked?.cause !== 'trigger') return { reason: 'git', on: [state.git.because] };
  return null;
}

export function needsHold(soFar: Decisions, resource: ResourceState): Hold | null {
  const on = resource.spec.needs.filter((need) => isUnmet(soFar, resource, need)).map(({ name }) => name);
  if (on.length === 0) return null;
  return { reason: 'needs', on, ...(isBuiltAhead(resource) ? { built: true } : {}) };
}

function clusterHold(soFar: Decisions, resource: ResourceState, spec: KubeSpec | ComposeSpec): Hold | null {
  const { state } = soFar;
  const { name } = spec;
  const away = outOfReach(state, resource, spec);
  if (away) return away;
  const base = spec.kind === 'kubernetes' ? soFar.of('uncategorized') : undefined;
  if (
    name !== 'uncategorized' &&
    base?.enabled &&
    (isRunning(base) || (!base.update.hasSucceeded && base.update.asked !== null))
  )
    return { reason: 'uncategorized', on: ['uncategorized'] };
  if (!mayBeInPlace(state, name, resource)) {
    const sharing = buildersOf(soFar, name, spec);
    if (sharing.length > 0) return { reason: 'shared-image', on: sharing };
  }
  if (isStarting(state, name, resource)) return { reason: 'container-starting', on: [name] };
  const paused = pausedOf(state, name, resource);
  return paused.length > 0 ? { reason: 'container-paused', on: paused } : null;
}

/** Docker only for images that it has to build; the cluster for anything deployed. */
function outOfReach(state: EngineState, resource: ResourceState, spec: KubeSpec | ComposeSpec): Hold | null {
  if (spec.kind === 'compose') return state.docker.ok ? null : { reason: 'docker', on: ['docker'] };
  const mayDoWithout = isSave(resource);
  const builds = spec.images.some(
    (ref) =>
      usesDocker(lookup(state.config.current?.images, ref)?.build) && !(mayDoWithout && needsNoBuilder(state, ref)),
  );
  if (builds && !state.docker.ok) return { reason: 'docker', on: ['docker'] };
  return state.cluster.ok ? null : { reason: 'cluster', on: [state.cluster.info?.context ?? 'cluster'] };
}

/** Files alone, which have not been tried in vain. */
const isSave = (resource: ResourceState): boolean =>
  resource.kind === 'kubernetes' &&
  resource.deploy.result !== null &&
  resource.update.asked === null &&
  resource.update.digest === resource.spec.digest &&
  resource.update.last?.outcome !== 'failed';

/** What changed of it may be put into the last image in its registry. */
function needsNoBuilder({ config, images }: EngineState, ref: string): boolean {
  const [spec, image] = [lookup(config.current?.images, ref), lookup(images, ref)];
  if (!spec || !image?.last) return false;
  const { change } = image.last;
  const isUnchanged = Object.values(image.files).every((file) => file.change <= change);
  return isUnchanged || (image.lost <= change && notExchangeable(spec, image.last) === null);
}

/** Strategies that build nothing. */
const inPlace: ReadonlySet<string> = new Set<UpdateMode>(['container', 'synclet', 'exec']);

/** Others that make an image of this resource: what one has built the other need not build again. */
const buildersOf = (
  { state, running }: Decisions,
  name: string,
  { images }: KubeSpec | ComposeSpec,
): readonly string[] =>
  running
    .filter(
      (other) =>
        other.spec.name !== name &&
        !inPlace.has(currentRun(other)?.strategy ?? '') &&
        other.kind !== 'local' &&
        other.spec.images.some(
          (ref) => images.includes(ref) && isBuilt(state.config.current?.images, ref) && isMaking(other, ref),
        ),
    )
    .map(({ spec }) => spec.name);

/** Files alone, and containers that may take them: what others build of the image is nothing to wait for. */
export function mayBeInPlace(state: EngineState, name: string, resource: ResourceState): boolean {
  const {
    update: { asked, digest },
    spec,
  } = resource;
  if ((asked !== null && asked.cause !== 'crash') || digest !== spec.digest) return false;
  if (!updatesInPlace(state) || !hasLiveRules(state, resource)) return false;
  return containersOf(state, name, resource).some(({ running }) => running);
}

const updatesInPlace = ({ options: { updateMode } }: EngineState): boolean =>
  updateMode !== 'image' && updateMode !== 'naive';

/**
 * A change that could be put into the container waits for it to run: a save while the pod starts must not cost a full build.
 * Running is enough: one that is not ready may be waiting for this very change.
 */
function isStarting(state: EngineState, name: string, resource: ResourceState): boolean {
  if (resource.update.asked !== null || !updatesInPlace(state)) return false;
  const { status, stuck, text } = resource.runtime;
  if (resource.kind === 'local' || resource.deploy.result === null || !hasLiveRules(state, resource)) return false;
  const containers = containersOf(state, name, resource);
  if (status === 'failed' && !text.includes('BackOff'))
    return containers.some(({ running, podUid, name: container }) => !running && hasEnded(state, podUid, container));
  if (status !== 'pending' || stuck) return false;
  return containers.length === 0 || containers.some(({ running }) => !running);
}

/** Nothing can be put into what somebody has paused, and who paused it wants it as it is: the change waits. */
function pausedOf(state: EngineState, name: string, resource: ResourceState): readonly string[] {
  if (resource.kind !== 'compose' || !mayBeInPlace(state, name, resource)) return [];
  const pods = containersOf(state, name, resource).flatMap(({ podUid }) => lookup(state.pods, podUid) ?? []);
  return pods.filter(({ status }) => status === 'paused').map((pod) => pod.name);
}

/** The kubelet starts one that ended under what was put into it again in a moment: its mend need not cost a full build. */
function hasEnded(state: EngineState, podUid: string, container: string): boolean {
  const trial = lookup(state.trials, trialKey(podUid, container));
  const isKept = lookup(state.pods, podUid)?.owner != null;
  return isKept && (trial?.is === 'fell' || trial?.is === 'over');
}

/** Its newest version is on its way: building, deploying, or deployed and not ready yet. */
export const isComingUp = (resource: ResourceState): boolean =>
  resource.enabled && (isRunning(resource) || resource.update.asked !== null || isSettling(resource));

/**
 * Every need gates the first run, and with `order` that is all. By the other policies a run waits for what is to come of the need:
 * a save that concerns both runs the dependent once, after it.
 */
function isUnmet(soFar: Decisions, resource: ResourceState, need: Need): boolean {
  const other = soFar.of(need.name);
  if (!other) return false;
  if (need.hook) return isHookUnmet(resource, other, need.hook);
  if (!resource.update.hasSucceeded && !(need.until === 'started' ? hasStarted(other) : isReady(other)))
    return !(need.isOptional && cannotCome(other));
  if (need.update === 'order' || !other.enabled) return false;
  if (need.update === 'wait-fresh' && (isRunning(other) || other.update.asked !== null || isBehind(other))) return true;
  return awaits(soFar, resource, other);
}

const isBehind = ({ changes: { live, seen } }: ResourceState): boolean => live < seen;

/**
 * Not what brings a container its files again, or only starts it again. A run for the sake of the need waits until that is up as
 * well, or it would be one against the old version.
 */
function awaits({ of }: Decisions, resource: ResourceState, other: ResourceState): boolean {
  const { asked, wantsRestart } = resource.update;
  if (asked?.cause === 'crash' || asked?.cause === 'restart') return false;
  const isForNeed = asked?.cause === 'needs' || wantsRestart;
  const follow = isForNeed ? (['rerun', 'restart'] as const) : (['rerun'] as const);
  return isToCome(of, other, waitsSince(resource), follow) || (isForNeed && isSettling(other));
}

/** Now: what was up once and has fallen since is waited for again. */
const isReady = ({ wasReady, runtime }: ResourceState): boolean =>
  wasReady && (runtime.status === 'ready' || runtime.status === 'done');

const hasStarted = ({ update: { hasSucceeded }, enabled }: ResourceState): boolean => enabled && hasSucceeded;

/** Nobody has asked for it, or it has failed for good. */
const cannotCome = ({ enabled, spec, update: { asked, last, now }, runtime }: ResourceState): boolean => {
  if (!enabled) return true;
  if (now.is !== 'idle' || asked !== null) return false;
  if (!spec.start && last === null) return true;
  return last?.outcome === 'failed' || (runtime.status === 'failed' && runtime.stuck);
};

/**
 * A release and its hooks: a hook before it must have ended well, and a part must be applied before a hook that comes after it,
 * ready or not: it may be waiting for that very hook. Again at each upgrade, which a changed configuration is; a save is none.
 */
function isHookUnmet(resource: ResourceState, other: ResourceState, when: NonNullable<Need['hook']>): boolean {
  if (!other.enabled) return false;
  const isUpgrade = resource.update.asked?.cause === 'config';
  if (when === 'after')
    return !other.update.hasSucceeded || (isUpgrade && (isRunning(other) || other.update.asked !== null));
  const isReady = resource.update.hasSucceeded || other.wasReady;
  return !isReady || (isUpgrade && (isComingUp(other) || other.runtime.status === 'failed'));
}
