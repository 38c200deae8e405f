// An entry of `kubernetes.manifests` on its own, read and rendered as `up` does it: its objects, or why it cannot be used.
import { relative } from 'node:path';
import { stringify } from 'yaml';
import { createDisk } from '../../adapters/fs/disk.ts';
import { createProc } from '../../adapters/proc/proc.ts';
import { expand } from '../../config/environment/expand.ts';
import { allOver, type Loading } from '../../config/load-context.ts';
import { manifestReader } from '../../config/manifests/kept-objects.ts';
import { manifests } from '../../config/manifests/manifests.ts';
import { createReads } from '../../config/reads.ts';
import { createReport } from '../../config/report.ts';
import { validate } from '../../config/schema/validate.ts';
import { parseSource } from '../../config/yaml/document.ts';
import type { ManifestObject } from '../../model/config.ts';
import type { Problem } from '../../model/problems/problem.ts';
import type { Candidate } from './candidates.ts';
import { leftOut, leftOutNote, type ManifestDraft, plain, titleOf } from './draft.ts';

export interface Trying {
  /** The configuration to be written, an absolute path. */
  readonly file: string;
  readonly dir: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly namespace: string | null;
  readonly stop: AbortSignal;
}

export interface Tried {
  readonly candidates: readonly Candidate[];
  readonly notes: readonly string[];
}

/** In their order; what cannot be used is a note. Of a glob, the files that can be used remain. */
export async function tryAll(entries: readonly ManifestDraft[], trial: Trying): Promise<Tried> {
  const tried = await allOver(entries.map((entry) => tryOne(entry, trial)));
  return { candidates: tried.flatMap(({ candidates }) => candidates), notes: tried.flatMap(({ notes }) => notes) };
}

async function tryOne(entry: ManifestDraft, trial: Trying): Promise<Tried> {
  const { objects, problems } = await read(entry, trial);
  const name = titleOf(entry);
  if (problems.length === 0 && objects.length === 0)
    return { candidates: [], notes: [leftOutNote(entry, 'there is nothing in it')] };
  const isRendered = typeof entry !== 'string';
  const files = isRendered ? [] : [...new Set(objects.map(({ at }) => at.file))];
  const bad = new Map(problems.flatMap((problem) => (problem.at ? [[problem.at.file, problem] as const] : [])));
  const good = files.filter((file) => !bad.has(file));
  if (problems.length > 0 && (isRendered || good.length === 0 || bad.has(trial.file)))
    return { candidates: [], notes: [leftOutNote(entry, problems[0]?.what ?? '')] };
  const local = (file: string): string => relative(trial.dir, file);
  return {
    candidates: [
      {
        name,
        parts: isRendered
          ? [{ name, objects }]
          : good.map((file) => ({ name: local(file), objects: objects.filter(({ at }) => at.file === file) })),
        entries: (kept) =>
          isRendered || (bad.size === 0 && kept.length === files.length)
            ? [entry]
            : kept.map((part) => plain(escaped(part.name))),
      },
    ],
    notes: [...bad].map(([file, { what, at }]) => leftOut(local(file), `${what}, line ${at?.line ?? 1}`)),
  };
}

/** A name that is no pattern. */
const escaped = (path: string): string => path.replace(/[*?[\]{}()!+@\\]/g, '\\$&');

async function read(entry: ManifestDraft, { file, dir, env, namespace, stop }: Trying) {
  const source = parseSource(stringify({ kubernetes: { manifests: [entry] } }), file);
  const report = createReport(source);
  const expanded = expand(source, env);
  report.put(...expanded.problems);
  const raw = validate(expanded.value, report);
  const loading: Loading = {
    dir,
    report,
    reads: createReads(),
    disk: createDisk(),
    proc: createProc(),
    manifests: manifestReader(undefined, file),
    env: {},
    configuration: [file],
    ignore: [],
    namespace,
    builder: null,
    stop,
  };
  const found = await manifests(raw?.kubernetes?.manifests ?? [], loading);
  const problems: readonly Problem[] = report.problems;
  const objects: readonly ManifestObject[] = found.objects;
  return { objects, problems };
}
