// Networks and volumes that a service needs: made when they are missing, and networks made anew that are configured otherwise.
import { composeLabels, projectLabel } from '../../model/compose/names.ts';
import type { ComposeSpec } from '../../model/config.ts';
import type { ContainersPort } from '../../model/ports/containers.ts';
import { isProblemError, type Problem, ProblemError } from '../../model/problems/problem.ts';
import { lookup } from '../../model/text/lookup.ts';
import { once } from '../../operators/promises/once.ts';
import { networkParts, type Part, volumeParts } from './part-requests.ts';

/** Ids of the networks of a service, by name. */
export type NetworkIds = Readonly<Record<string, string>>;

type Asked = readonly [spec: ComposeSpec, engine: ContainersPort, say: (text: string) => void, stop: AbortSignal];

interface Ensuring {
  readonly spec: ComposeSpec;
  readonly engine: ContainersPort;
  readonly say: (text: string) => void;
  readonly stop: AbortSignal;
}

/** Rejects where an external one is not there. `say` hears of each that was made, and of volumes that are not as configured. */
export async function ensureParts(...asked: Asked): Promise<NetworkIds> {
  const [ids] = await Promise.all([ensureNetworks(...asked), ensureVolumes(...asked)]);
  return ids;
}

export async function ensureNetworks(...[spec, engine, say, stop]: Asked): Promise<NetworkIds> {
  const ensuring: Ensuring = { spec, engine, say, stop };
  const ids = networkParts(spec).map(async (part) => [part.name, await ensured(part, ensuring)] as const);
  return Object.fromEntries(await Promise.all(ids));
}

export async function ensureVolumes(...[spec, engine, say, stop]: Asked): Promise<void> {
  const ensuring: Ensuring = { spec, engine, say, stop };
  await Promise.all(volumeParts(spec).map((part) => ensured(part, ensuring)));
}

/** The id of a network; volumes have none. What is wrong with it is told where each service stands, whoever asked first. */
const ensured = (part: Part, ensuring: Ensuring): Promise<string> =>
  once(
    ensuring.engine,
    `${part.kind} ${part.name}`,
    (stop) => (part.kind === 'network' ? ensureNetwork : ensureVolume)(part, { ...ensuring, stop }),
    ensuring.stop,
  ).catch((error: unknown) => {
    const isWrong = isProblemError(error) && error.problem.kind === 'yours';
    throw isWrong ? new ProblemError({ ...error.problem, at: ensuring.spec.at }) : error;
  });

async function ensureNetwork(part: Part, ensuring: Ensuring): Promise<string> {
  const { spec, engine, say, stop } = ensuring;
  const found = await engine.network(part.name, stop);
  if (found && part.isExternal) return found.id;
  if (part.isExternal) throw new ProblemError(missing(part));
  if (!found) return makeNetwork(part, ensuring);
  const owner = lookup(found.labels, composeLabels.project);
  if (owner !== spec.compose.name) throw new ProblemError(taken(part, owner));
  if (!isDiverged(part, found.labels)) return found.id;
  say(`network ${part.name} is made anew: its configuration changed`);
  await removeNetwork(part, ensuring);
  return makeNetwork(part, ensuring);
}

/** Whoever is in it is taken out, and is made anew when its own turn comes: it is not in the new one. What never ran only names it. */
async function removeNetwork({ name }: Part, { spec, engine, stop }: Ensuring): Promise<void> {
  const all = await engine.list([projectLabel(spec.compose.name)], stop);
  const inside = all.filter(({ networks, state }) => state !== 'created' && Object.hasOwn(networks, name));
  await Promise.all(inside.map(({ id }) => engine.disconnect(name, id, stop)));
  await engine.removeNetwork(name, stop);
}

async function makeNetwork(part: Part, { engine, say, stop }: Ensuring): Promise<string> {
  try {
    const id = await engine.createNetwork(part.request, stop);
    say(`network ${part.name} made`);
    return id;
  } catch (error) {
    // Another session may have made it in between.
    const found = isTwice(error) ? await engine.network(part.name, stop) : null;
    if (found) return found.id;
    throw error;
  }
}

/** One that is configured otherwise is kept: what is in it is somebody's data. */
async function ensureVolume(part: Part, { engine, say, stop }: Ensuring): Promise<string> {
  const found = await engine.volume(part.name, stop);
  if (part.isExternal && !found) throw new ProblemError(missing(part));
  if (found) {
    if (!part.isExternal && isDiverged(part, found.labels))
      say(`volume ${part.name} is kept as it was made: its configuration changed since (down --volumes takes it away)`);
    return '';
  }
  try {
    await engine.createVolume(part.request, stop);
    say(`volume ${part.name} made`);
  } catch (error) {
    if (!isTwice(error)) throw error;
  }
  return '';
}

/** Versions of Compose and of sluice before hashes wrote none: nothing is known of what they made. */
const isDiverged = ({ hash }: Part, labels: Readonly<Record<string, string>>): boolean =>
  (lookup(labels, composeLabels.hash) ?? hash) !== hash;

const isTwice = (error: unknown): boolean => isProblemError(error) && /already exists/.test(error.message);

const missing = ({ kind, name }: Part): Problem => ({
  kind: 'yours',
  code: 'S372',
  what: `the external ${kind} ${name} is not there`,
  hint: `docker ${kind} create ${name}, or take external: true away`,
});

const taken = ({ kind, name }: Part, owner: string | undefined): Problem => ({
  kind: 'yours',
  code: 'S373',
  what: `the ${kind} ${name} was not made for this project${owner ? ` but for ${owner}` : ''}`,
  hint: `give it another name, or external: true where it is meant to be shared`,
});
