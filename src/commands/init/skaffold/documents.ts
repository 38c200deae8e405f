// The documents of a skaffold.yaml and of those that it requires, each with its profiles applied.
import { readFile, stat } from 'node:fs/promises';
import { dirname, join, normalize } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { placeOfOffset } from '../../../config/yaml/document.ts';
import { structureFaults, unparsable } from '../../../config/yaml/structure.ts';
import { limits } from '../../../model/limits.ts';
import { record } from '../../../model/manifests/workload.ts';
import { yamlWords } from '../../../model/text/yaml-words.ts';
import { leftOut } from '../draft.ts';
import { type Keys, keys } from '../keys.ts';
import { type Surroundings, withProfiles } from './profiles.ts';

export interface SkaffoldDocument {
  /** The file, relative to the project. */
  readonly file: string;
  readonly root: Keys;
}

export interface Documents {
  readonly documents: readonly SkaffoldDocument[];
  readonly notes: readonly string[];
}

/** `dir` is the project's. Those that are required come before what requires them. */
export async function readDocuments(dir: string, file: string, around: Surroundings): Promise<Documents> {
  const [documents, notes]: [SkaffoldDocument[], string[]] = [[], []];
  const seen = new Set<string>();
  const read = async (path: string, asked: readonly string[]): Promise<void> => {
    if (seen.has(path)) return;
    if (seen.size >= limits.initModules) {
      notes.push(leftOut(path, `more than ${limits.initModules} files are required`));
      return;
    }
    seen.add(path);
    for (const value of await valuesIn(dir, path, notes)) {
      const profiled = withProfiles(value, asked, around);
      if (path === file) notes.push(...profileNotes(profiled));
      else notes.push(...profileNotes(profiled).map((note) => `${path}: ${note}`));
      const root = keys(profiled.value);
      for (const each of root.maps('requires')) await required(each, path, profiled.active, read, dir);
      documents.push({ file: path, root });
    }
  };
  const named = (around.env.SKAFFOLD_PROFILE ?? '').split(',').filter((name) => name !== '');
  await read(file, named);
  return { documents, notes };
}

type Read = (path: string, asked: readonly string[]) => Promise<void>;

/** A file of this project; what stands in a repository or a bucket is left. */
async function required(each: Keys, from: string, active: readonly string[], read: Read, dir: string): Promise<void> {
  const path = each.text('path');
  each.take('configs');
  const asked = each.maps('activeProfiles').flatMap((profile) => {
    const by = profile.texts('activatedBy');
    const name = profile.text('name');
    return name && (by.length === 0 || by.some((other) => active.includes(other))) ? [name] : [];
  });
  if (path === null || each.has('git') || each.has('googleCloudStorage')) return;
  const place = normalize(join(dirname(from), path));
  const isDirectory = await stat(join(dir, place)).then(
    (found) => found.isDirectory(),
    () => !/\.ya?ml$/.test(place),
  );
  await read(isDirectory ? join(place, 'skaffold.yaml') : place, asked);
}

async function valuesIn(dir: string, path: string, notes: string[]) {
  const source = await readFile(join(dir, path), 'utf8').catch((error: NodeJS.ErrnoException) => {
    notes.push(leftOut(path, `it cannot be read (${error.code ?? error.message})`));
    return '';
  });
  if (source.length > limits.configBytes) {
    notes.push(leftOut(path, 'it is too large'));
    return [];
  }
  const early = unparsable(source);
  const documents = early
    ? []
    : parseAllDocuments(source, { logLevel: 'error', merge: true, prettyErrors: false, uniqueKeys: false });
  if (early) notes.push(leftOut(path, `it is no YAML: ${lineOf(source, early.offset)}${early.what}`));
  return documents.flatMap((document) => {
    const fault = yamlWords(source, document.errors)[0] ?? structureFaults([document], source)[0];
    // What aliases come to has been measured.
    if (!fault) return [record(document.toJS({ maxAliasCount: -1 }))];
    notes.push(leftOut(path, `it is no YAML: ${lineOf(source, fault.offset)}${fault.what}`));
    return [];
  });
}

const lineOf = (source: string, offset: number): string => `line ${placeOfOffset(source, '', offset).line}: `;

function profileNotes({ active, others, broken }: ReturnType<typeof withProfiles>): readonly string[] {
  return [
    ...(active.length > 0 ? [`With the profiles that skaffold dev activates: ${active.join(', ')}.`] : []),
    ...(others.length > 0 ? [`Its profiles are not taken over: ${others.join(', ')}.`] : []),
    ...broken.map((name) => `The patches of its profile ${name} do not fit, and are left out.`),
  ];
}
