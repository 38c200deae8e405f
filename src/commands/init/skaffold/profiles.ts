// Which profiles `skaffold dev` activates, and what a document is with them: https://skaffold.dev/docs/environment/profiles
import jsonPatch from 'fast-json-patch';
import { isRecord, type Json, list, record, text } from '../../../model/manifests/workload.ts';

export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Current context of the kubeconfig, null where there is none. */
  readonly context: string | null;
}

export interface Profiled {
  readonly value: Json;
  readonly active: readonly string[];
  readonly others: readonly string[];
  /** Whose patches do not fit. */
  readonly broken: readonly string[];
}

/** `asked`: names of those that are active whatever they say. */
export function withProfiles(document: Json, asked: readonly string[], around: Surroundings): Profiled {
  const profiles = list(document.profiles);
  const { profiles: _, ...rest } = document;
  let value: Json = rest;
  const [active, others, broken]: [string[], string[], string[]] = [[], [], []];
  for (const [i, profile] of profiles.entries()) {
    const name = text(profile.name) ?? String(i);
    if (!asked.includes(name) && !isActive(profile, around)) {
      others.push(name);
      continue;
    }
    active.push(name);
    const { name: _, activation, requiresAllActivations, patches, ...over } = profile;
    value = overlaid(value, over);
    const patched = withPatches(value, list(patches));
    if (patched === null) broken.push(name);
    else value = patched;
  }
  return { value, active, others, broken };
}

function isActive({ activation, requiresAllActivations }: Json, around: Surroundings): boolean {
  const met = list(activation).map((each) => isMet(each, around));
  return met.length > 0 && (requiresAllActivations === true ? met.every(Boolean) : met.some(Boolean));
}

/** All that one activation names must hold. */
function isMet({ env, kubeContext, command }: Json, around: Surroundings): boolean {
  const conditions = [
    ...(text(command) ? [fits(command as string, 'dev')] : []),
    ...(text(kubeContext) ? [around.context !== null && fits(kubeContext as string, around.context)] : []),
    ...(text(env) ? [fitsVariable(env as string, around)] : []),
  ];
  return conditions.length > 0 && conditions.every(Boolean);
}

function fitsVariable(condition: string, { env }: Surroundings): boolean {
  const [, name = '', expected = ''] = /^([^=]*)=([\s\S]*)$/.exec(condition) ?? [];
  const value = (Object.hasOwn(env, name) && env[name]) || '';
  return name !== '' && (expected === '' ? value === '' : fits(expected, value));
}

/** Equal, or matched by the expression; `!` in front turns it round. */
function fits(expected: string, actual: string): boolean {
  if (expected.startsWith('!')) return !fits(expected.slice(1), actual);
  if (expected === actual) return true;
  try {
    return new RegExp(expected).test(actual);
  } catch {
    return false;
  }
}

const builders = ['local', 'googleCloudBuild', 'cluster'];

/** Maps are merged, all else is replaced where the profile says something; of the ways to build there is one. */
function overlaid(base: Json, over: Json): Json {
  const isOther = builders.some((key) => key in over);
  const kept = Object.entries(base).filter(([key]) => !isOther || !builders.includes(key) || key in over);
  const merged = new Map<string, unknown>(kept);
  for (const [key, value] of Object.entries(over)) {
    const before = merged.get(key);
    if (isRecord(value)) merged.set(key, overlaid(record(before), value));
    else if (value !== null && !(Array.isArray(value) && value.length === 0)) merged.set(key, value);
  }
  return Object.fromEntries(merged);
}

/** JSON patches, `replace` where no operation is named. Null where one does not fit. */
function withPatches(value: Json, patches: readonly Json[]): Json | null {
  if (patches.length === 0) return value;
  try {
    const operations = patches.map((each) => ({ op: 'replace', ...each })) as unknown as jsonPatch.Operation[];
    return jsonPatch.applyPatch(structuredClone(value), operations, true, false).newDocument as Json;
  } catch {
    return null;
  }
}
