// A release of Skaffold's helm deployer.
import { isRecord, type Json } from '../../../model/manifests/workload.ts';
import type { ManifestDraft, Scalar } from '../draft.ts';
import type { Keys } from '../keys.ts';
import { quoted } from './custom.ts';
import { placeIn, type Reading } from './read-context.ts';
import { type Templates, templates } from './templates.ts';

/** One from a repository is rendered by a command: an entry for a chart knows neither address nor version. */
export function helmRelease(release: Keys, refs: readonly string[], reading: Reading): readonly ManifestDraft[] {
  const local = release.text('chartPath');
  const chart = local === null ? release.text('remoteChart') : placeIn(reading.file, local);
  const written = (given: string): string => reading.templates.text(given) ?? given;
  if (chart === null) return [];
  const [name, namespace, repo, version] = ['name', 'namespace', 'repo', 'version'].map((key) => release.text(key));
  const values = ['valuesFiles', 'valuesFilePath'].flatMap((key) => release.texts(key));
  const files = values.map((path) => written(placeIn(reading.file, path)));
  const set = settings(release, refs, reading);
  if (local === null && (repo || version)) return [byCommand({ chart, name, namespace, repo, version, files, set })];
  if (version) release.leave('version');
  return [
    {
      helm: written(local !== null && !/[./]/.test(chart) ? `./${chart}` : chart),
      ...(name ? { name: written(name) } : {}),
      ...(namespace ? { namespace: written(namespace) } : {}),
      ...(files.length > 0 ? { values: files } : {}),
      ...(Object.keys(set).length > 0 ? { set } : {}),
    },
  ];
}

interface Remote {
  readonly chart: string;
  readonly name: string | null | undefined;
  readonly namespace: string | null | undefined;
  readonly repo: string | null | undefined;
  readonly version: string | null | undefined;
  readonly files: readonly string[];
  readonly set: Readonly<Record<string, Scalar>>;
}

function byCommand({ chart, name, namespace, repo, version, files, set }: Remote): ManifestDraft {
  const options = { repo, version, namespace };
  const words = [
    'helm',
    'template',
    name ?? chart.slice(chart.lastIndexOf('/') + 1),
    chart,
    '--include-crds',
    ...Object.entries(options).flatMap(([key, value]) => (value ? [`--${key}=${value}`] : [])),
    ...files.map((file) => `--values=${file}`),
    ...Object.entries(set).map(([key, value]) => `--set=${key}=${value}`),
  ];
  return {
    command: words.map((word) => quoted(word.replaceAll('$$', '$'))).join(' '),
    ...(files.length > 0 ? { deps: files } : {}),
  };
}

/** Names of images are put in by sluice: a chart only has to name them. */
function settings(release: Keys, refs: readonly string[], reading: Reading): Readonly<Record<string, Scalar>> {
  const named = templates({}, new Map(refs.flatMap(namesOf)));
  const either: Templates = {
    ...reading.templates,
    text: (given) => named.text(given) ?? reading.templates.text(given),
  };
  const all = new Map<string, Scalar>();
  for (const key of ['setValues', 'setValueTemplates', 'overrides'])
    for (const [path, value] of flat(release.take(key))) {
      const written = typeof value === 'string' ? either.text(value) : value;
      if (written === null) release.leave(key);
      else all.set(path, typed(written));
    }
  const isHelm = release.map('imageStrategy').has('helm');
  release.map('imageStrategy').take('helm');
  release.map('imageStrategy').take('fqn');
  for (const key of ['artifactOverrides', 'values'])
    for (const [path, value] of flat(release.take(key))) all.set(isHelm ? `${path}.repository` : path, value);
  return Object.fromEntries(all);
}

/** As `helm --set` would read it, which is what Skaffold uses. */
const typed = (value: Scalar): Scalar => {
  if (value === 'true' || value === 'false') return value === 'true';
  return typeof value === 'string' && /^(0|-?[1-9]\d{0,14})$/.test(value) ? Number(value) : value;
};

/** Paths as `helm --set` writes them. */
function flat(value: unknown, path = ''): readonly (readonly [string, Scalar])[] {
  if (Array.isArray(value)) return value.flatMap((each, i) => flat(each, `${path}[${i}]`));
  if (isRecord(value))
    return Object.entries(value as Json).flatMap(([key, inside]) => flat(inside, path === '' ? key : `${path}.${key}`));
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? [[path, value]] : [];
}

/** What templates of values call an image. */
function namesOf(ref: string): readonly (readonly [string, string])[] {
  const suffix = ref.replace(/[^A-Za-z0-9]/g, '_');
  const slash = ref.indexOf('/');
  const domain = slash > 0 && /[.:]|^localhost$/.test(ref.slice(0, slash)) ? ref.slice(0, slash) : '';
  return [
    [`IMAGE_NAME_${suffix}`, ref],
    [`IMAGE_REPO_${suffix}`, ref],
    [`IMAGE_TAG_${suffix}`, 'latest'],
    [`IMAGE_FULLY_QUALIFIED_${suffix}`, `${ref}:latest`],
    [`IMAGE_DOMAIN_${suffix}`, domain],
    [`IMAGE_REPO_NO_DOMAIN_${suffix}`, domain === '' ? ref : ref.slice(slash + 1)],
  ];
}
