// A Skaffold configuration as a draft. Each of its keys is taken over, or told by its name.
import { type Draft, emptyDraft } from '../draft.ts';
import { type Artifact, artifact } from './artifact.ts';
import { readDocuments, type SkaffoldDocument } from './documents.ts';
import { deployed } from './manifests.ts';
import { type Forward, forwardsOf } from './ports.ts';
import type { Surroundings } from './profiles.ts';
import type { Reading } from './read-context.ts';
import { templates } from './templates.ts';

export interface FromSkaffold extends Draft {
  readonly forwards: readonly Forward[];
}

/** `file` is relative to `dir`, the project's. */
export async function fromSkaffold(
  dir: string,
  file: string,
  around: Surroundings,
  stop: AbortSignal,
): Promise<FromSkaffold> {
  const { documents, notes } = await readDocuments(dir, file, around);
  const told: string[] = [];
  const variables = templates(around.env);
  const readings = documents.map((each) => ({
    ...each,
    reading: { dir, file: each.file, templates: variables, notes: told, stop },
  }));
  const artifacts: Artifact[] = [];
  for (const { root, reading } of readings) artifacts.push(...(await artifactsOf(root, reading)));
  const refs = artifacts.map(({ ref }) => ref);
  const parts = readings.map(({ root, reading }) => deployed(root, refs, reading));
  const forwards = documents.flatMap(({ root }) => forwardsOf(root));
  return {
    ...emptyDraft,
    images: Object.fromEntries(basesFirst(artifacts).flatMap(({ ref, image }) => (image ? [[ref, image]] : []))),
    manifests: parts.flatMap(({ manifests }) => manifests),
    namespace: parts.find(({ namespace }) => namespace)?.namespace ?? null,
    context: parts.find(({ context }) => context)?.context ?? null,
    forwards,
    notes: [
      `Taken over from ${[...new Set(documents.map((each) => each.file))].join(', ') || file}.`,
      ...notes,
      ...told,
      ...documents.flatMap(leftOf),
      ...[...variables.unset].map((name) => `The variable ${name} is not set here: it counts as empty.`),
    ],
  };
}

async function artifactsOf(root: SkaffoldDocument['root'], reading: Reading): Promise<readonly Artifact[]> {
  const build = root.map('build');
  const platforms = build.texts('platforms');
  if (platforms.length > 1) build.leave('platforms');
  const found: Artifact[] = [];
  for (const each of build.maps('artifacts')) {
    const one = await artifact(each, platforms, reading);
    if (one) found.push(one);
  }
  return found;
}

/** What others are built from stands before them. */
function basesFirst(artifacts: readonly Artifact[]): readonly Artifact[] {
  const ordered = new Set<Artifact>();
  const open = new Set<Artifact>();
  const add = (each: Artifact): void => {
    if (open.has(each)) return;
    open.add(each);
    for (const ref of each.requires) for (const base of artifacts.filter((other) => other.ref === ref)) add(base);
    ordered.add(each);
  };
  artifacts.forEach(add);
  return [...ordered];
}

function leftOf({ file, root }: SkaffoldDocument): readonly string[] {
  for (const key of ['apiVersion', 'kind', 'metadata']) root.take(key);
  const left = root.left();
  return left.length > 0 ? [`Not taken over from ${file}: ${left.join(', ')}.`] : [];
}
