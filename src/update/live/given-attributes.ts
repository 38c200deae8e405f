// The owner and mode that a build would give to a file that is new: those of the last COPY that brings it in.
import type { ImageBuild } from '../../model/config.ts';
import type { Copied } from '../../model/dockerfile.ts';
import { hits } from './rules.ts';

export interface Given {
  /** Name or number, of a group too after a colon; null: nothing is said. */
  readonly owner: string | null;
  readonly mode: number | null;
  /** Why only a build can tell, null where it can be told. */
  readonly unclear: string | null;
}

/** Null where no COPY says anything of it. */
export function givenTo(source: string, place: string, build: ImageBuild): Given | null {
  if (build.is !== 'dockerfile') return null;
  const last = build.copies?.findLast((copied) => brings(copied, source, place, build.context));
  if (!last || (last.owner === null && last.mode === null)) return null;
  const { owner, mode } = last;
  const isOctal = mode === null || /^0?[0-7]{3,4}$/.test(mode);
  const isNamed = owner === null || /^[\w.-]+(:[\w.-]+)?$/.test(owner);
  if (isOctal && isNamed) return { owner, mode: mode === null ? null : Number.parseInt(mode, 8), unclear: null };
  const flag = isOctal ? `--chown=${owner}` : `--chmod=${mode}`;
  return { owner: null, mode: null, unclear: `${place} is new, and what ${flag} gives it is known to a build` };
}

function brings({ sources, to }: Copied, source: string, place: string, context: string): boolean {
  const isAimed = to === null || to === '/' || place === to || place.startsWith(`${to}/`);
  return (
    isAimed &&
    hits(
      sources.map((each) => (each === '' ? context : `${context}/${each}`)),
      source,
    )
  );
}
