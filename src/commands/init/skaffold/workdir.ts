// The working directory that a Dockerfile gives to its image.
import { posix } from 'node:path';
import { parseDockerfile } from '../../../model/dockerfile.ts';

/** Null where it is that of an image from elsewhere, or holds a variable. `target`: a stage, null for the last. */
export function workdirOf(source: string, target: string | null): string | null {
  const stages: { readonly name: string; readonly dir: string | null }[] = [];
  for (const { keyword, rest } of parseDockerfile(source).instructions) {
    const last = stages.at(-1);
    if (keyword === 'FROM') {
      const [image = '', , name = ''] = rest.split(/\s+/);
      const from = stages.find((stage) => stage.name !== '' && stage.name === image.toLowerCase());
      stages.push({ name: name.toLowerCase(), dir: from?.dir ?? null });
    } else if (keyword === 'WORKDIR' && last) {
      const given = rest.trim().replace(/^(["'])(.*)\1$/, '$2');
      const dir = posix.isAbsolute(given) ? given : last.dir && posix.join(last.dir, given);
      stages[stages.length - 1] = { ...last, dir: given.includes('$') ? null : dir };
    }
  }
  const meant = target === null ? stages.at(-1) : stages.find(({ name }) => name === target.toLowerCase());
  return meant?.dir ?? null;
}
