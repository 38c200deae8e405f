// Injects images into the manifests of a resource, applies them in order, and takes out what is no longer in them.
import { basename } from 'node:path';
import type { Observable } from 'rxjs';
import type { KubeObject } from '../../model/config.ts';
import { kindRank, objectRef } from '../../model/manifests.ts';
import type { KubePort, Ports } from '../../model/ports.ts';
import { isAbort, type Problem } from '../../model/problems/problem.ts';
import type { BuiltImage, Deployed, JobNote, KubeWork, Outcome, RunEvent } from '../../model/run.ts';
import { strategyRun } from '../strategy-run.ts';
import { customKinds, untilServed } from './custom-kinds.ts';
import { withControllers } from './generations.ts';
import { isDue, leftAlone } from './hooks.ts';
import { injected } from './injection.ts';
import { digestOfObject, homeOf, vanishes } from './jobs.ts';
import { type Applied, applyObject } from './objects/apply.ts';
import { deleteObjects } from './objects/delete.ts';
import { type IsNamespaced, namespacedKinds, placedRefs, refKey } from './objects/namespaces.ts';
import { byRank } from './objects/ranks.ts';
import { isFaulty, type Refused, refusal } from './refusals.ts';
import { replaceKept, withoutBare } from './replace-pods.ts';
import { warnedOf } from './warnings.ts';

interface Deploying {
  readonly work: KubeWork;
  readonly kube: KubePort;
  readonly ports: Ports;
  readonly isNamespaced: IsNamespaced;
  readonly step: (text: string) => void;
  readonly stop: AbortSignal;
}

/** Deploys with these images (and the last ones of what was not built now). Ends with one outcome. */
export function deployImages(
  work: KubeWork,
  built: readonly BuiltImage[],
  stop: AbortSignal,
  ports: Ports,
  strategy = 'full build',
): Observable<RunEvent> {
  return strategyRun(stop, async (say, signal): Promise<Outcome> => {
    say.phase('deploy');
    for (const image of built) say.built(image);
    const kube = warnedOf(await ports.kube(), work.resource, work.run, ports);
    const images = imagesOf(work, built);
    const isNamespaced = namespacedKinds(kube, customKinds(work.spec.objects.map(({ object }) => object)), signal);
    const deploying: Deploying = { work, kube, ports, isNamespaced, step: say.step, stop: signal };
    if (!(await isDue(deploying))) return leftAlone(work);
    const { objects, templates } = await injected(work, images, isNamespaced, ports, signal);
    say.step('deploy');
    const touched = await withoutBare(deploying);
    const applied = await applyAll(objects, deploying);
    await collectGarbage(applied, deploying);
    const deployed: Deployed = {
      objects: applied.filter(({ foreign }) => !foreign).map(({ ref }) => ref),
      templates: withControllers(templates, objects, applied),
      namespace: work.kubernetes.namespace ?? 'default',
      alreadyDone: work.spec.ready === 'job' && isAllDone(applied),
      images: Object.fromEntries(images.map((image) => [image.ref, image.inCluster])),
      jobs: await jobsOf(applied, deploying),
    };
    const replaced = await replaceKept(touched, templates, deploying);
    const unchanged = replaced.length === 0 && applied.every((each) => each.unchanged);
    const how = unchanged ? 'unchanged' : built.length > 0 ? strategy : 'deploy';
    return { is: 'ok', result: { strategy: how, images: built, deployed, replaced, ledgers: {}, unchanged } };
  });
}

/** Just built, else as last built. */
function imagesOf(work: KubeWork, built: readonly BuiltImage[]): readonly BuiltImage[] {
  const byRef = new Map(built.map((image) => [image.ref, image]));
  return work.images.flatMap(({ spec, last }) => byRef.get(spec.ref) ?? last ?? []);
}

async function applyAll(objects: readonly KubeObject[], deploying: Deploying): Promise<readonly Applied[]> {
  const placeOf = (object: KubeObject) =>
    deploying.work.spec.objects[objects.indexOf(object)]?.at ?? deploying.work.spec.at;
  const defined = customKinds(objects);
  const left = new Set(objects);
  const refused: Refused[] = [];
  try {
    return await byRank(objects, kindRank, async (object) => {
      left.delete(object);
      const mine = defined.filter(({ apiVersion, kind }) => apiVersion === object.apiVersion && kind === object.kind);
      try {
        await untilServed(deploying.kube, mine, deploying.stop);
        return await applyOne(object, deploying);
      } catch (error) {
        if (!isAbort(error)) refused.push({ object, error, at: placeOf(object) });
        throw error;
      }
    });
  } catch (error) {
    if (refused.length === 0 || deploying.stop.aborted) throw error;
    const also = refused.some((each) => isFaulty(each.error)) ? await faultyAmong([...left], deploying) : [];
    const all = await refusal(
      [...refused, ...also.map((each) => ({ ...each, at: placeOf(each.object) }))],
      deploying.kube,
      deploying.ports,
      deploying.stop,
    );
    for (const problem of [all.problem, ...all.others]) say(deploying, 'error', told(problem));
    throw all;
  }
}

/** Nothing more is applied once something was refused; what else is wrong is asked for all the same, to be mended at once. */
async function faultyAmong(
  objects: readonly KubeObject[],
  { kube, stop }: Deploying,
): Promise<readonly Omit<Refused, 'at'>[]> {
  const faulty: Omit<Refused, 'at'>[] = [];
  for (const object of objects)
    await kube.apply(object, stop, { dryRun: true }).catch((error: unknown) => {
      if (isFaulty(error)) faulty.push({ object, error });
    });
  return faulty;
}

const told = ({ what, at }: Problem): string => (at ? `${what} (${basename(at.file)}:${at.line}:${at.column})` : what);

async function applyOne(object: KubeObject, deploying: Deploying): Promise<Applied> {
  const { work, kube, stop } = deploying;
  const key = refKey(objectRef(object));
  const options = {
    say: (text: string) => say(deploying, 'info', text),
    waits: (what: string) => {
      say(deploying, 'info', `${what} is being deleted: waiting for it to be gone`);
      deploying.step(`deploy waits for ${what} to be gone`);
    },
    project: work.project,
    adopt: work.adopt,
    isRemembered: work.remembered?.some((ref) => refKey(ref) === key) ?? false,
    anew: work.force,
    job: work.deployed?.jobs?.[key],
    among: work.spec.objects.map((each) => each.object),
  };
  const applied = await applyObject(kube, object, options, stop);
  say(
    deploying,
    'info',
    `${object.kind.toLowerCase()}/${object.metadata.name} ${applied.unchanged ? 'unchanged' : 'applied'}`,
  );
  return applied;
}

/** Only after everything was applied: what this resource had deployed before and its manifests no longer name. */
async function collectGarbage(applied: readonly Applied[], deploying: Deploying): Promise<void> {
  const { work, kube, ports, isNamespaced, stop } = deploying;
  if (!work.deployed || work.deployed.objects.length === 0) return;
  const now = new Set(applied.map(({ ref }) => refKey(ref)));
  const { namespace } = work.deployed;
  const before = await placedRefs(work.deployed.objects, namespace, isNamespaced);
  const old = before.filter((ref) => !now.has(refKey(ref)));
  const part = { resource: work.resource, refs: old, remembered: work.remembered ?? [] };
  if (old.length > 0) await deleteObjects(kube, part, { project: work.project }, ports, stop);
}

const isAllDone = (applied: readonly Applied[]): boolean => {
  const jobs = applied.filter(({ ref }) => ref.kind === 'Job');
  return jobs.length > 0 && jobs.every(({ done }) => done);
};

async function jobsOf(applied: readonly Applied[], { kube, stop }: Deploying): Promise<Record<string, JobNote>> {
  const jobs: Record<string, JobNote> = {};
  for (const { ref, object, done } of applied.filter((each) => vanishes(each.object)))
    jobs[refKey(ref)] = { digest: digestOfObject(object), home: await homeOf(kube, ref, stop), isDone: done };
  return jobs;
}

function say({ ports, work }: Deploying, level: 'info' | 'error', text: string): void {
  ports.logs.line({ resource: work.resource, source: 'build', run: work.run }, level, text, ports.now());
}
