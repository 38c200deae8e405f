// The user's keys.yaml.
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { commands } from '../commands.ts';
import { type Keymap, keymapOf } from './keymap.ts';

/** The keys in force, and what is wrong with the file, if there is one. A missing file is nothing wrong. */
export function readKeymap(file: string | null): { readonly keymap: Keymap; readonly problem: string | null } {
  const { keymap: defaults } = keymapOf(commands, null);
  if (file === null) return { keymap: defaults, problem: null };
  try {
    const { keymap, problems } = keymapOf(
      commands,
      parse(readFileSync(file, 'utf8'), { maxAliasCount: 0, logLevel: 'error' }),
    );
    return { keymap, problem: problems.length > 0 ? `${file}: ${problems[0]}` : null };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { keymap: defaults, problem: null };
    return { keymap: defaults, problem: `${file}: ${(error as Error).message.split('\n')[0]}` };
  }
}
