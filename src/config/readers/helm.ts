// `{helm: CHART}`: rendered by the user's own helm.
import { basename, resolve } from 'node:path';
import type { SourcePos } from '../../model/problem.ts';
import { type Loading, watched } from '../loading.ts';
import type { RawManifest } from '../schema.ts';
import { renderedByAny } from './render.ts';

type Given = Exclude<RawManifest, string>;

export async function helm(chart: string, given: Given, at: SourcePos, loading: Loading): Promise<string> {
  const { dir, disk, namespace } = loading;
  const path = resolve(dir, chart);
  // What is no path here is the name of a chart in a repository or registry.
  const isLocal = /^[./]/.test(chart) || (await disk.exists(path));
  if (isLocal) await watched(path, loading);
  const values = (given.values ?? []).map((file) => resolve(dir, file));
  for (const file of values) await watched(file, loading);
  const name =
    given.name ??
    (basename(chart)
      .replace(/\.tgz$/, '')
      .toLowerCase()
      .replace(/[^a-z0-9-]+/g, '-')
      .replace(/^-+|-+$/g, '') ||
      'release');
  const space = given.namespace ?? namespace;
  const cmd = [
    'helm',
    'template',
    name,
    isLocal ? path : chart.replace(/^-+/, ''),
    '--include-crds',
    ...(space ? [`--namespace=${space}`] : []),
    ...values.map((file) => `--values=${field(file)}`),
    ...Object.entries(given.set ?? {}).map(([key, value]) =>
      typeof value === 'string' ? `--set-string=${key}=${escaped(value)}` : `--set=${key}=${value}`,
    ),
  ];
  return renderedByAny(
    [{ cmd, name: `helm template ${name}`, at }],
    'helm was not found',
    'install helm, or put its directory on the PATH',
    loading,
  );
}

/** helm reads --values as a line of CSV. */
const field = (path: string): string => (/[",\r\n]/.test(path) ? `"${path.replaceAll('"', '""')}"` : path);

/** helm splits the value of --set at commas and reads braces as a list. */
const escaped = (value: string): string => value.replace(/[\\,{}]/g, '\\$&');
