// Programs of the user's own that the configuration calls: are they on the PATH?
import { accessSync, constants, readFileSync, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { parseSource } from '../../config/yaml/document.ts';
import type { Config } from '../../model/config.ts';
import type { Check } from './check.ts';

export function programChecks(config: Config, env: Readonly<Record<string, string | undefined>>): readonly Check[] {
  const uses = (key: string): boolean => renderersOf(config).some((entry) => key in entry);
  const find = (program: string): string | null => onPath(program, env.PATH ?? '');
  return [
    ...(uses('kustomize') ? [check('kustomize', find('kubectl') ?? find('kustomize'), 'kubectl or kustomize')] : []),
    ...(uses('helm') ? [check('helm', find('helm'), 'helm')] : []),
  ];
}

function renderersOf({ file }: Config): readonly object[] {
  const { value } = parseSource(readFileSync(file, 'utf8'), file);
  const manifests = (value as { kubernetes?: { manifests?: unknown } | null } | null)?.kubernetes?.manifests;
  return Array.isArray(manifests) ? manifests.filter((each) => typeof each === 'object' && each !== null) : [];
}

const check = (name: string, path: string | null, needed: string): Check =>
  path
    ? { name, status: 'ok', what: path }
    : { name, status: 'fail', what: `${needed} is not on the PATH`, hint: `install ${needed}, or extend the PATH` };

/** Absolute path of the first executable file of this name. */
export function onPath(program: string, path: string): string | null {
  for (const dir of path.split(delimiter)) {
    const file = join(dir === '' ? '.' : dir, program);
    try {
      accessSync(file, constants.X_OK);
      if (statSync(file).isFile()) return file;
    } catch {
      // Not in this directory.
    }
  }
  return null;
}
