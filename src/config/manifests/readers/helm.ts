// `{helm: CHART}`: rendered by the user's own helm.
import { basename, join, resolve } from 'node:path';
import type { SourcePos } from '../../../model/problems/problem.ts';
import { type Loading, watched } from '../../load-context.ts';
import type { RawManifest } from '../../schema/schema.ts';
import { missing } from '../../values/near-path.ts';
import type { Path } from '../../yaml/document.ts';
import { type Explained, renderedByAny } from './render.ts';

type Given = Exclude<RawManifest, string>;

/** `entry`: the path of the entry in sluice.yaml. */
export async function helm(chart: string, given: Given, entry: Path, loading: Loading): Promise<string> {
  const at = loading.report.at(entry);
  const { dir, disk, namespace } = loading;
  const path = resolve(dir, chart);
  // What is no path here is the name of a chart in a repository or registry.
  const isLocal = /^[./]/.test(chart) || (await disk.exists(path));
  if (isLocal) await watched(path, loading);
  const values = (given.values ?? []).map((file) => resolve(dir, file));
  for (const file of values) await watched(file, loading);
  const name = given.name ?? releaseName(chart);
  const space = given.namespace ?? namespace;
  const cmd = [
    'helm',
    'template',
    name,
    isLocal ? path : chart.replace(/^-+/, ''),
    '--include-crds',
    ...(space ? [`--namespace=${space}`] : []),
    ...values.map((file) => `--values=${field(file)}`),
    ...Object.entries(given.set ?? {}).map(setting),
  ];
  const explain = async (said: string): Promise<Explained | null> => {
    if (isLocal && !(await disk.exists(path))) return missing('the chart', chart, at, loading);
    for (const [i, file] of (given.values ?? []).entries()) {
      const isPath = !file.includes('://');
      if (isPath && !(await disk.exists(resolve(dir, file))))
        return missing('the values file', file, loading.report.at([...entry, 'values', i]), loading);
    }
    const place = isLocal ? templatePlace(said, path) : null;
    return place && { at: place };
  };
  return renderedByAny(
    [{ cmd, name: `helm template ${name}`, at, explain }],
    'helm was not found',
    'install helm, or put its directory on the PATH',
    loading,
  );
}

/** What a release is called that the configuration gives no name. */
const releaseName = (chart: string): string =>
  basename(chart)
    .replace(/\.tgz$/, '')
    .toLowerCase()
    .replace(/[^a-z0-9-]+/g, '-')
    .replace(/^-+|-+$/g, '') || 'release';

/** Helm names a template by the chart's name and its path inside: `template: db/templates/a.yaml:12:20: …`. */
function templatePlace(said: string, chart: string): SourcePos | null {
  const [, file, line, column] =
    /[\w.-]+\/((?:charts\/|templates\/)[^\s:)]+?\.(?:ya?ml|tpl|txt))(?::(\d+)(?::(\d+))?)?/.exec(said) ?? [];
  return file === undefined ? null : { file: join(chart, file), line: Number(line ?? 1), column: Number(column ?? 1) };
}

/** helm reads --values as a line of CSV. */
const field = (path: string): string => (/[",\r\n]/.test(path) ? `"${path.replaceAll('"', '""')}"` : path);

const setting = ([key, value]: [string, unknown]): string =>
  typeof value === 'string' ? `--set-string=${key}=${escaped(value)}` : `--set=${key}=${value}`;

/** helm splits the value of --set at commas and reads braces as a list. */
const escaped = (value: string): string => value.replace(/[\\,{}]/g, '\\$&');
