// Help as text: the overview by group, and one page a command, from the commands' own definitions.
import type { Definition } from 'clipanion';

const groups = ['Session', 'Running session', 'For editors and agents'];
const common = new Set(['-f,--file', '--context', '-n,--namespace', '--color', '-v,--verbose']);

export function overview(definitions: readonly Definition[], version: string): string {
  const name = (it: Definition): string => it.path.split(' ').slice(1).join(' ');
  const width = Math.max(...definitions.map((it) => name(it).length));
  const lines = groups.flatMap((group) => [
    '',
    `${group}:`,
    ...definitions
      .filter((it) => it.category?.trim() === group)
      .map((it) => `  ${name(it).padEnd(width)}  ${it.description?.trim() ?? ''}`),
  ]);
  return [
    `sluice ${version}: save a file, and what runs in Docker or Kubernetes is the new code`,
    '',
    'Usage: sluice COMMAND [options]',
    ...lines,
    '',
    'Options of every command:',
    ...optionLines(definitions[0], (option) => common.has(option)),
    '',
    'sluice COMMAND --help says more.',
    '',
  ].join('\n');
}

export function page(it: Definition): string {
  const examples = it.examples?.map(([what, command]) => `  ${command}\n      ${what.trim()}`) ?? [];
  const own = optionLines(it, (option) => !common.has(option));
  return [
    `Usage: ${usageLine(it)}`,
    '',
    it.description?.trim() ?? '',
    ...(it.details ? ['', it.details.trim()] : []),
    ...(own.length > 0 ? ['', 'Options:', ...own] : []),
    '',
    'Common options:',
    ...optionLines(it, (option) => common.has(option)),
    ...(examples.length > 0 ? ['', 'Examples:', ...examples] : []),
    '',
  ].join('\n');
}

/** Path and operands; options have lines of their own. */
function usageLine({ path, usage }: Definition): string {
  const operands = usage
    .slice(path.length)
    .replace(/\[-[^\]]*\]/g, '')
    .replace(/<resource> \.{3}/, 'resource…')
    .replace('...', '[resource…]')
    .replace(/\s+/g, ' ')
    .trim();
  return `${path} [options]${operands === '' ? '' : ` ${operands}`}`;
}

function optionLines(it: Definition | undefined, isShown: (option: string) => boolean): readonly string[] {
  const rows = (it?.options ?? [])
    .filter(({ definition }) => isShown(bare(definition)))
    .map(({ definition, description }) => ({ text: readable(definition), description: description ?? '' }));
  const width = Math.max(0, ...rows.map(({ text }) => text.length));
  return rows.map(({ text, description }) => `  ${text.padEnd(width)}  ${description}`);
}

const bare = (definition: string): string => definition.replace(/ #\d+$/, '');

const readable = (definition: string): string =>
  definition
    .replace(/,/g, ', ')
    .replace(/ #\d+$/, ' VALUE')
    .replace('--color', '--[no-]color')
    .replace('--logs', '--no-logs');
