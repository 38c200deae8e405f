// Which of the candidates are taken: no object stands in two of them. Pure.
import type { ManifestObject } from '../../model/config.ts';
import { objectKey } from '../../model/manifests.ts';
import type { Candidate, Part } from './candidates.ts';
import { leftOut, type ManifestDraft } from './draft.ts';

export interface Choice {
  readonly manifests: readonly ManifestDraft[];
  readonly objects: readonly ManifestObject[];
  readonly notes: readonly string[];
}

/** The earlier ones win. `namespace`: of objects that name none. */
export function choose(candidates: readonly Candidate[], namespace: string | null): Choice {
  const holders = new Map<string, string>();
  const choice = { manifests: [] as ManifestDraft[], objects: [] as ManifestObject[], notes: [] as string[] };
  for (const each of candidates) {
    const rival = rivalOf(each, new Map(holders), namespace);
    if (rival) {
      choice.notes.push(leftOut(whole(each), told(rival)));
      continue;
    }
    const kept: Part[] = [];
    for (const part of each.parts) {
      const clash = clashOf(part, holders, namespace);
      if (clash) {
        choice.notes.push(leftOut(part.name, told(clash)));
        continue;
      }
      for (const { object } of part.objects) holders.set(objectKey(object, namespace), part.name);
      kept.push(part);
    }
    choice.manifests.push(...each.entries(kept));
    choice.objects.push(...kept.flatMap(({ objects }) => objects));
  }
  return choice;
}

const whole = ({ name, parts }: Candidate): string =>
  parts.length === 1 ? (parts[0]?.name ?? name) : `${name} (${parts.length} files)`;

interface Clash {
  readonly object: ManifestObject['object'];
  readonly holder: string;
}

function clashOf(part: Part, holders: ReadonlyMap<string, string>, namespace: string | null): Clash | null {
  const seen = new Map(holders);
  for (const { object } of part.objects) {
    const key = objectKey(object, namespace);
    const holder = seen.get(key);
    if (holder !== undefined) return { object, holder };
    seen.set(key, part.name);
  }
  return null;
}

/** Where most of it stands elsewhere it is another way of deploying the same: the rest of it would be an accident. */
function rivalOf({ parts }: Candidate, holders: ReadonlyMap<string, string>, namespace: string | null): Clash | null {
  const clashes = parts.flatMap((part) => clashOf(part, holders, namespace) ?? []).filter((clash) => !isShared(clash));
  return clashes.length * 2 > parts.length ? (clashes[0] ?? null) : null;
}

/** What many bring along, each for itself. */
const isShared = ({ object }: Clash): boolean => /^(Namespace|CustomResourceDefinition)$/.test(object.kind);

const told = ({ object, holder }: Clash): string =>
  `${object.kind} ${object.metadata.name} stands in ${holder} as well`;
