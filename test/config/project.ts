// A configuration loaded from real files with the real disk and processes.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createDisk } from '../../src/adapters/fs/disk.ts';
import { createProc } from '../../src/adapters/proc/proc.ts';
import { type Loaded, type LoadRequest, loadConfig } from '../../src/config/load.ts';
import type { Config } from '../../src/model/config.ts';
import { tempProject } from '../support/temp.ts';

export interface Project {
  readonly dir: string;
  write(path: string, text: string): void;
  load(env?: Readonly<Record<string, string>>, namespace?: string): Promise<Loaded>;
  /** Fails the test where there are problems. */
  config(env?: Readonly<Record<string, string>>): Promise<Config>;
  /** `file:line:col code what`, one each, files relative to the project. */
  faults(env?: Readonly<Record<string, string>>): Promise<string[]>;
}

/** What is made of one file, or what is wrong with it. */
export const loaded = (request: LoadRequest): Promise<Loaded> =>
  loadConfig(request, { disk: createDisk(), proc: createProc() }, new AbortController().signal);

/** Fails the test where there are problems. */
export async function configOf(request: LoadRequest): Promise<Config> {
  const found = await loaded(request);
  if ('problems' in found) throw new Error(JSON.stringify(found.problems, null, 1));
  return found.config;
}

export function project(files: Readonly<Record<string, string>>): Project {
  const dir = tempProject(files);
  const request = (env = {}, namespace: string | null = null) => ({ file: join(dir, 'sluice.yaml'), env, namespace });
  const load: Project['load'] = (env, namespace) => loaded(request(env, namespace));
  const faults: Project['faults'] = async (env) => {
    const found = await load(env);
    if ('config' in found) return [];
    return found.problems.map(({ at, code, what }) => {
      const place = at ? `${at.file.replace(`${dir}/`, '')}:${at.line}:${at.column}` : 'nowhere';
      return `${place} ${code} ${what.replaceAll(`${dir}/`, '')}`;
    });
  };
  return {
    dir,
    write: (path, text) => writeFileSync(join(dir, path), text),
    load,
    faults,
    config: (env) => configOf(request(env)),
  };
}

/** A Deployment as manifest text. */
export const deployment = (name: string, ...images: readonly string[]): string =>
  `apiVersion: apps/v1
kind: Deployment
metadata: {name: ${name}}
spec:
  selector: {matchLabels: {app: ${name}}}
  template:
    metadata: {labels: {app: ${name}}}
    spec:
      containers:
${images.map((image, i) => `        - {name: c${i}, image: "${image}"}\n`).join('')}`;
