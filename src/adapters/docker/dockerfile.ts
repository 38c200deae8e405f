// Just enough of a Dockerfile's syntax to say which line a failed step stands on, and which registries it names.
import { lookup } from '../../model/lookup.ts';
import { registryOf } from './reference.ts';

export interface Instruction {
  /** From 1, of its first line. */
  readonly line: number;
  readonly keyword: string;
  /** With continuations joined and white space collapsed, keyword included. */
  readonly text: string;
}

/** Comments, continuations, the escape directive and here-documents are understood. */
export function instructionsOf(dockerfile: string): readonly Instruction[] {
  const found: Instruction[] = [];
  const joiner = /^#\s*escape\s*=\s*`/im.test(dockerfile.split(/^\s*[^#\s]/m)[0] ?? '') ? '`' : '\\';
  const lines = dockerfile.split(/\r?\n/);
  for (let at = 0; at < lines.length; at++) {
    const first = at;
    let text = lines[at]!.trim();
    if (text === '' || text.startsWith('#')) continue;
    while (text.endsWith(joiner) && at + 1 < lines.length) {
      const next = lines[++at]!.trim();
      text = next.startsWith('#') || next === '' ? text : `${text.slice(0, -1)} ${next}`;
    }
    for (const [, end] of text.matchAll(/<<-?\s*["']?([A-Za-z_]\w*)["']?/g))
      while (at + 1 < lines.length && lines[++at]!.trim() !== end);
    found.push({ line: first + 1, keyword: text.split(/\s/)[0]!.toUpperCase(), text: collapse(text) });
  }
  return found;
}

export const collapse = (text: string): string => text.replace(/\s+/g, ' ').trim();

/** Images that must be pulled: FROM and COPY --from, stages and `scratch` left out, build args filled in. */
export function basesOf(
  instructions: readonly Instruction[],
  args: Readonly<Record<string, string>>,
): readonly { readonly image: string; readonly line: number }[] {
  const values: Record<string, string> = {};
  const stages = new Set<string>(['scratch']);
  const bases: { image: string; line: number }[] = [];
  for (const { keyword, text, line } of instructions) {
    const words = text.split(' ').slice(1);
    if (keyword === 'ARG') {
      const [name = '', value = ''] = words[0]?.split('=') ?? [];
      values[name] = lookup(args, name) ?? unquote(value);
    }
    const image =
      keyword === 'FROM'
        ? words.find((word) => !word.startsWith('--'))
        : keyword === 'COPY'
          ? /--from=(\S+)/.exec(text)?.[1]
          : undefined;
    if (!image) continue;
    const filled = image.replace(/\$(?:\{(\w+)(?::-([^}]*))?\}|(\w+))/g, (_, a, or, b) => values[a ?? b] || or || '');
    if (filled && !stages.has(filled.toLowerCase()) && !/^\d+$/.test(filled)) bases.push({ image: filled, line });
    const name = keyword === 'FROM' ? /\sAS\s(\S+)$/i.exec(text)?.[1] : undefined;
    if (name) stages.add(name.toLowerCase());
  }
  return bases;
}

const unquote = (text: string): string => text.replace(/^(["'])(.*)\1$/, '$2');

export const registriesOf = (bases: readonly { readonly image: string }[]): readonly string[] => [
  ...new Set(bases.map(({ image }) => registryOf(image))),
];
