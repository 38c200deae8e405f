// Resources: what local commands and grouped objects become with their settings from `resources:`.
import type {
  ComposeSpec,
  Config,
  ImageSpec,
  KubeSpec,
  LocalSpec,
  PortForward,
  ResourceBase,
  ResourceSpec,
} from '../model/config.ts';
import { limits } from '../model/limits.ts';
import { type Group, group, imagesIn, objectName, placesOf, readyDefault } from '../model/manifests.ts';
import { lookup } from '../model/text/lookup.ts';
import { hintFor } from '../model/text/nearest.ts';
import { digestOf } from './digest.ts';
import type { Loading } from './load-context.ts';
import { httpUrl, local } from './local.ts';
import { hooksAmong, needsOfHooks, type Part, withHooks } from './manifests/hooks.ts';
import type { Manifests } from './manifests/manifests.ts';
import type { Raw, RawResource } from './schema/schema.ts';
import { duration } from './values/duration.ts';
import { collide, portForward } from './values/port.ts';
import type { Path } from './yaml/document.ts';

type Images = Config['images'];
type AllSettings = ReadonlyMap<string, RawResource>;
type Settings = Omit<ResourceBase, 'name' | 'at' | 'digest'>;

/** By name, in start order: `uncategorized`, local ones as written, then what the manifests hold. */
export async function resources(
  raw: Raw,
  found: Manifests,
  { images, services }: { readonly images: Images; readonly services: readonly ComposeSpec[] },
  loading: Loading,
): Promise<Record<string, ResourceSpec>> {
  const settings = new Map(Object.entries(raw.resources ?? {}).map(([name, given]) => [name, given ?? {}]));
  const hooks = hooksAmong(found.objects);
  const groups = withHooks(groupsOf(raw, { ...found, objects: hooks.objects }, settings, loading), hooks.turns);
  const kube = groups.map((each) => {
    const spec = kubeSpec(each, settings.get(each.name) ?? {}, raw, images, loading);
    return { ...spec, needs: [...spec.needs, ...needsOfHooks(each, groups)] };
  });
  const locals = await Promise.all(
    Object.entries(raw.local ?? {}).map(([name, given]) => localSpec(name, given, settings.get(name) ?? {}, loading)),
  );
  const isFirst = ({ name }: ResourceSpec): boolean => name === uncategorized;
  const composed = services.map((spec) => composeSpec(spec, settings.get(spec.name) ?? {}, loading));
  const ordered = [...kube.filter(isFirst), ...locals, ...composed, ...kube.filter((each) => !isFirst(each))];
  const specs = Object.fromEntries(ordered.map((spec) => [spec.name, spec]));
  checkNames(locals, kube, loading);
  checkServices(composed, [...locals, ...kube], loading);
  if (found.isComplete) checkSettings(settings.keys(), specs, loading);
  checkPorts(kube, loading);
  return specs;
}

const uncategorized = 'uncategorized';

/** The groups of the manifests, and those that have selectors alone: pods that others made. */
function groupsOf(raw: Raw, { objects, isComplete }: Manifests, settings: AllSettings, loading: Loading): Group[] {
  const claims = [...settings].flatMap(([resource, given]) =>
    given.objects ? [{ resource, objects: given.objects }] : [],
  );
  const { groups, missing } = group(objects, claims, loading.namespace);
  const known = objects.map(({ object }) => objectName(object));
  for (const { resource, object } of isComplete ? missing : []) {
    // That objects have no meaning for a local resource is told.
    if (lookup(raw.local, resource)) continue;
    const path = ['resources', resource, 'objects', settings.get(resource)?.objects?.indexOf(object) ?? 0];
    loading.report.add('S129', path, `${object} stands in no manifest`, hintFor(object, known));
  }
  const bare = [...settings].filter(
    ([name, given]) => given.selectors && !groups.some((each) => each.name === name) && !lookup(raw.local, name),
  );
  return [...groups, ...bare.map(([name]): Group => ({ name, objects: [], workload: null }))];
}

function checkNames(locals: readonly ResourceSpec[], kube: readonly ResourceSpec[], { report }: Loading): void {
  for (const { name } of locals) {
    if (name !== uncategorized && !kube.some((each) => each.name === name)) continue;
    const what = `${name} is the name of a local resource and of one in the manifests`;
    report.add('S126', ['local', name], what, 'rename the local one', 'key');
  }
}

function checkSettings(names: Iterable<string>, specs: Record<string, ResourceSpec>, { report }: Loading): void {
  for (const name of names)
    if (!Object.hasOwn(specs, name) && !report.has(['local', name])) {
      const hint = hintFor(name, Object.keys(specs), 'there are');
      report.add('S128', ['resources', name], `no resource is called ${name}`, hint, 'key');
    }
}

function checkServices(services: readonly ComposeSpec[], others: readonly ResourceSpec[], { report }: Loading): void {
  for (const { name, at } of services) {
    const other = others.find((each) => each.name === name);
    if (!other) continue;
    const what = `${name} is the name of a Compose service and of a ${other.kind === 'local' ? 'local resource' : 'resource in the manifests'}`;
    report.put({ kind: 'yours', code: 'S126', what, hint: 'rename one of them', at });
  }
}

/** With its settings; it needs what they say and what its file says. */
function composeSpec(spec: ComposeSpec, given: RawResource, loading: Loading): ComposeSpec {
  for (const key of ['ports', 'ready', 'selectors', 'objects'] as const)
    if (given[key] !== undefined)
      loading.report.add(
        'S103',
        ['resources', spec.name, key],
        `${key} has no meaning for ${spec.name}, a Compose service`,
        'say it in the Compose file',
        'key',
      );
  const settings = settingsOf(spec.name, given, loading);
  return { ...spec, ...settings, needs: [...spec.needs, ...settings.needs] };
}

async function localSpec(
  name: string,
  raw: NonNullable<Raw['local']>[string],
  given: RawResource,
  loading: Loading,
): Promise<LocalSpec> {
  for (const key of ['ports', 'ready', 'selectors', 'objects'] as const)
    if (given[key] !== undefined)
      loading.report.add(
        'S103',
        ['resources', name, key],
        `${key} has no meaning for ${name}, a local resource`,
        key === 'ready' ? `say it under local.${name}` : 'it concerns resources in the cluster',
        'key',
      );
  const part = await local(name, raw, loading);
  const base = settingsOf(name, given, loading);
  const links = [
    ...(raw.links ?? []).filter((url, i) => httpUrl(url, ['local', name, 'links', i], loading.report)),
    ...base.links,
  ];
  const { cmd, serve, dir, env } = part;
  return {
    name,
    at: loading.report.keyAt(['local', name]),
    ...base,
    ...part,
    links,
    digest: digestOf({ cmd, serve, dir, env }),
  };
}

function kubeSpec(
  { name, objects, workload, release }: Part,
  given: RawResource,
  raw: Raw,
  images: Images,
  loading: Loading,
): KubeSpec {
  const selectors = given.selectors ?? [];
  const used = withBases(
    imagesIn(
      objects.map(({ object }) => object),
      Object.keys(images),
      placesOf(Object.values(images)),
    ),
    images,
  );
  const { context = null, registry = null, delivery = null } = raw.kubernetes ?? {};
  const digest = digestOf({
    objects: objects.map(({ object }) => object),
    // Live rules are left out: they say how a running container is reached, not what it is made of.
    images: used.map((ref) => {
      const { build, files, places, start } = lookup(images, ref) ?? {};
      return { ref, build, files, places, start };
    }),
    target: [context, registry, delivery, loading.namespace, raw.project ?? null],
  });
  return {
    name,
    kind: 'kubernetes',
    at:
      objects.find(({ object }) => object.kind === workload?.kind && object.metadata.name === workload.name)?.at ??
      objects[0]?.at ??
      loading.report.keyAt(['resources', name]),
    ...settingsOf(name, given, loading),
    objects,
    images: used,
    workload,
    ports: (given.ports ?? []).map(portForward).filter((port) => port !== null),
    ready: given.ready ?? readyDefault(workload, selectors),
    selectors,
    ...(release ? { release } : {}),
    digest,
  };
}

/** Images in the order they are built: each after those it is made from. */
function withBases(refs: readonly string[], images: Readonly<Record<string, ImageSpec>>): string[] {
  const ordered = new Set<string>();
  const open = new Set<string>();
  const add = (ref: string): void => {
    if (open.has(ref)) return;
    open.add(ref);
    lookup(images, ref)?.bases.forEach(add);
    ordered.add(ref);
  };
  refs.forEach(add);
  return [...ordered];
}

function settingsOf(name: string, given: RawResource, { report }: Loading): Settings {
  const path: Path = ['resources', name];
  return {
    labels: given.labels ?? [],
    needs: (given.needs ?? []).map((need) =>
      typeof need === 'string' ? { name: need, update: 'order' } : { name: need.name, update: need.update ?? 'order' },
    ),
    trigger: given.trigger ?? 'auto',
    start: given.start ?? true,
    onChange: given.onChange ?? 'smart',
    debounce: debounce(given, path, report),
    links: (given.links ?? []).filter((url, i) => httpUrl(url, [...path, 'links', i], report)),
  };
}

function debounce(given: RawResource, path: Path, report: Loading['report']): ResourceBase['debounce'] {
  const quietMs = duration(given.debounce?.quiet ?? limits.debounceQuietMs) ?? limits.debounceQuietMs;
  const maxMs = duration(given.debounce?.max ?? Math.max(limits.debounceMaxMs, quietMs)) ?? limits.debounceMaxMs;
  if (maxMs < quietMs)
    report.add(
      'S103',
      [...path, 'debounce', 'max'],
      'debounce.max is shorter than debounce.quiet',
      'max ends what quiet would prolong',
    );
  return { quietMs, maxMs };
}

function checkPorts(specs: readonly KubeSpec[], { report }: Loading): void {
  const taken: { readonly name: string; readonly port: PortForward }[] = [];
  for (const spec of specs)
    for (const [i, port] of spec.ports.entries()) {
      const other = taken.find((each) => collide(each.port, port));
      if (other)
        report.add(
          'S127',
          ['resources', spec.name, 'ports', i],
          `the local port ${port.local} is forwarded to ${other.name} already`,
          `choose another one: "${port.local + 1}:${port.container ?? port.local}"`,
        );
      else taken.push({ name: spec.name, port });
    }
}
