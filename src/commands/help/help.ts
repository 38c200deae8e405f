// Help as text: the overview by group, and one page a command, from the commands' own definitions.
import type { Definition } from 'clipanion';

const groups = ['Session', 'Compose', 'Running session', 'For editors and agents'];
const common = new Set([
  '-f,--file',
  '--context',
  '-n,--namespace',
  '--profile',
  '--env-file',
  '--color',
  '-v,--verbose',
]);

export function overview(definitions: readonly Definition[], version: string): string {
  const name = (verb: Definition): string => verb.path.split(' ').slice(1).join(' ');
  const width = Math.max(...definitions.map((verb) => name(verb).length));
  const lines = groups.flatMap((group) => [
    '',
    `${group}:`,
    ...definitions
      .filter((verb) => verb.category?.trim() === group)
      .map((verb) => `  ${name(verb).padEnd(width)}  ${verb.description?.trim() ?? ''}`),
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

export function page(verb: Definition): string {
  const examples = verb.examples?.map(([what, command]) => `  ${command}\n      ${what.trim()}`) ?? [];
  const own = optionLines(verb, (option) => !common.has(option));
  return [
    `Usage: ${usageLine(verb)}`,
    '',
    verb.description?.trim() ?? '',
    ...(verb.details ? ['', verb.details.trim()] : []),
    ...(own.length > 0 ? ['', 'Options:', ...own] : []),
    '',
    'Common options:',
    ...optionLines(verb, (option) => common.has(option)),
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
    .replace(/<arg> \.{3}/, 'command…')
    .replace(/<service> \.{3}/, '<service> [command…]')
    .replace('...', '[resource…]')
    .replace(/\s+/g, ' ')
    .trim();
  return `${path} [options]${operands === '' ? '' : ` ${operands}`}`;
}

function optionLines(verb: Definition | undefined, isShown: (option: string) => boolean): readonly string[] {
  const rows = (verb?.options ?? [])
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
