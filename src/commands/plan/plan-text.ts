// A plan for people: resources by number, under each what would be done and why.
import { basename } from 'node:path';
import type { Problem } from '../../model/problems/problem.ts';
import { printable } from '../../session/end/complaint.ts';
import { missingNamespace } from '../../update/deploy/objects/apply.ts';
import type { ImagePlan } from './images.ts';
import type { PlannedNeed } from './needs.ts';
import type { Plan, ResourcePlan } from './plan.ts';

export function planText(plan: Plan): string {
  const builders = buildersIn(plan);
  const lines = [
    ...headOf(plan),
    ...missingOf(plan),
    ...plan.resources.flatMap((resource, i) => [
      `${i + 1}. ${resource.name}${conditions(resource)}`,
      ...steps(resource, builders).map((step) => `     ${step}`),
    ]),
  ];
  const left = plan.leftOut.map(({ kind, name, hook }) => `${kind.toLowerCase()}/${name} (${hook})`);
  if (left.length > 0) lines.push(`left out, hooks that \`up\` never comes to: ${left.join(', ')}`);
  if (plan.resources.length === 0) lines.push('nothing: the configuration has no resources');
  return `${lines.map(printable).join('\n')}\n`;
}

/** All that would change in the cluster, as a diff. */
export function diffText(plan: Plan): string {
  const diffs = plan.resources.map(({ diff }) => diff ?? '').join('');
  const isAsked = plan.cluster === 'ok';
  const told = isAsked ? (diffs === '' ? ['nothing would change'] : []) : headOf(plan);
  const problems = plan.resources.flatMap(({ name, problems: all }) => all.map(({ what }) => `# ${name}: ${what}`));
  return `${[...told, ...problems, ...diffs.split('\n')].map(printable).join('\n').trimEnd()}\n`;
}

function headOf({ docker, cluster, context, namespace, delivery, warnings }: Plan): string[] {
  const told = (problem: Problem | 'ok' | null): string[] =>
    problem === null || problem === 'ok' ? [] : [problem.what, ...(problem.hint ? [`  hint: ${problem.hint}`] : [])];
  const where =
    context === null ? [] : [`to context ${context}, namespace ${namespace}${delivery ? `, ${delivery}` : ''}`];
  const said = warnings.flatMap((warning) => {
    const place = warning.at ? `${basename(warning.at.file)}:${warning.at.line}: ` : '';
    return [`warning: ${place}${warning.what}`, ...(warning.hint ? [`  hint: ${warning.hint}`] : [])];
  });
  const lines = [...where, ...told(docker), ...told(cluster), ...said];
  return lines.length > 0 ? [...lines, ''] : [];
}

/** Of each namespace that is not there, once: what it keeps from being applied says the same of each object. */
function missingOf({ resources }: Plan): string[] {
  const hints = new Map<string, string>();
  for (const problem of resources.flatMap(({ problems }) => problems)) {
    const namespace = missingNamespace(problem);
    if (namespace !== null) hints.set(namespace, problem.hint ?? '');
  }
  const lines = [...hints].flatMap(([namespace, hint]) => [
    `would fail: the namespace ${namespace} is not there`,
    `  hint: ${hint}`,
  ]);
  return lines.length > 0 ? [...lines, ''] : [];
}

/** By image: the first resource that it is built for. */
const buildersIn = ({ resources }: Plan): ReadonlyMap<string, string> =>
  new Map(resources.toReversed().flatMap(({ name, images }) => images.map(({ ref }) => [ref, name] as const)));

const awaited: Readonly<Record<PlannedNeed['waitsFor'], string>> = {
  started: 'is started',
  ready: 'is ready',
  ended: 'has ended well',
};

const needText = ({ name, waitsFor, isOptional, update }: PlannedNeed): string =>
  `${name} ${awaited[waitsFor]}${isOptional ? ' if it can' : ''}${update === 'order' ? '' : ` (update: ${update})`}`;

function conditions({ needs, builtMeanwhile, start, trigger, hook }: ResourcePlan): string {
  const parts = [
    ...(hook ? [`hook ${hook.when} ${hook.moments.join(' and ')}`] : []),
    ...(needs.length > 0 ? [`after ${needs.map(needText).join(', ')}`] : []),
    ...(builtMeanwhile ? ['built meanwhile'] : []),
    ...(start ? [] : ['only when asked: sluice trigger']),
    ...(trigger === 'manual' ? ['changes wait for sluice trigger'] : []),
  ];
  return parts.length > 0 ? `  (${parts.join('; ')})` : '';
}

function steps(
  { name, images, apply, cmd, serve, compose, problems, warnings }: ResourcePlan,
  builders: ReadonlyMap<string, string>,
): string[] {
  const missing = new Set(problems.flatMap((problem) => missingNamespace(problem) ?? []));
  const toldHere = problems.filter((problem) => missingNamespace(problem) === null);
  return [
    ...images.map((image) => imageStep(image, name, builders.get(image.ref) ?? name)),
    ...(compose
      ? [`run ${compose.containers === 1 ? 'a container' : `${compose.containers} containers`} of ${compose.image}`]
      : []),
    ...(apply.length > 0 ? [`apply ${apply.map(({ kind, name }) => `${kind.toLowerCase()}/${name}`).join(', ')}`] : []),
    ...(cmd === null ? [] : [`run ${cmd}`]),
    ...(serve === null ? [] : [`serve ${serve}`]),
    ...toldHere.flatMap(({ what, hint }) => [`would fail: ${what}`, ...(hint ? [`  hint: ${hint}`] : [])]),
    ...[...missing].map((namespace) => `would fail: no namespace ${namespace}`),
    ...warnings.map((text) => `warning: ${text}`),
  ];
}

const verbs: Readonly<Record<ImagePlan['action'], string>> = {
  build: 'build',
  keep: 'keep',
  push: 'push',
  elsewhere: 'use',
  unknown: 'perhaps build',
};

/** What several are made from is built once. */
const imageStep = ({ action, ref, why }: ImagePlan, name: string, builder: string): string =>
  builder !== name && action !== 'keep' && action !== 'elsewhere'
    ? `use ${ref}: built once, for ${builder} already`
    : `${verbs[action]} ${ref}: ${why}`;
