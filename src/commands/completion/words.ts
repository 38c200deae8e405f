// What can stand on a command line, from the commands' own definitions; what values mean, is known here.
import type { Definition } from 'clipanion';

export interface OptionWords {
  /** All its spellings: `-f`, `--file`. */
  readonly names: readonly string[];
  readonly description: string;
  /** What may follow it: words, any file, or something that cannot be guessed. Null: it takes no value. */
  readonly value: Value | null;
}

export type Value = readonly string[] | 'file' | 'resource' | 'free';

export interface CommandWords {
  readonly name: string;
  readonly description: string;
  readonly options: readonly OptionWords[];
  /** What its operands are, the last for all that follow. */
  readonly operands: readonly Value[];
}

const values: Readonly<Record<string, Value>> = {
  '--file': 'file',
  '--record': 'file',
  '--junit': 'file',
  '--update-mode': ['auto', 'image', 'naive', 'synclet', 'exec', 'container'],
  '--level': ['debug', 'info', 'warn', 'error'],
  '--source': ['build', 'runtime'],
};

export function commandWords(definitions: readonly Definition[]): readonly CommandWords[] {
  return definitions.map(({ path, usage, description, options }) => ({
    name: path.split(' ').slice(1).join(' '),
    description: firstLine(description),
    options: options.map(optionWords),
    operands: operandsOf(usage.slice(path.length)),
  }));
}

function optionWords({ definition, description }: { definition: string; description?: string }): OptionWords {
  const [spelling = '', count] = definition.split(' #');
  const names = spelling.split(',');
  const long = names.find((name) => name.startsWith('--')) ?? '';
  // Those are on unless switched off.
  const all = long === '--logs' ? ['--no-logs'] : long === '--color' ? [...names, '--no-color'] : names;
  const isSwitch = count === undefined;
  return { names: all, description: firstLine(description), value: isSwitch ? null : (values[long] ?? 'free') };
}

/** `<auto|manual> <resource> ...` and the like; options stand in brackets with a dash, and what may be left out is `...`. */
function operandsOf(usage: string): readonly Value[] {
  const words = usage.replace(/\[-[^\]]*\]/g, ' ').match(/[\w|]+|(?<!resource> )\.{3}/g) ?? [];
  return words.map((word) =>
    word === 'resource' || word === '...'
      ? 'resource'
      : word.includes('|')
        ? word.split('|')
        : /^(PATH|FILE)$/.test(word)
          ? 'file'
          : 'free',
  );
}

const firstLine = (text = ''): string => text.trim().split('\n')[0] ?? '';
