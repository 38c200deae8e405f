// Completion for fish, with descriptions.
import type { CommandWords, OptionWords, Value } from './words.ts';

export function fishCompletion(commands: readonly CommandWords[]): string {
  const lines = commands.flatMap(({ name, description, options, operands }) => [
    `complete -c sluice -n __fish_use_subcommand -a ${name} -d ${quoted(description)}`,
    ...options.map((option) => `complete -c sluice ${under(name)} ${optionWords(option)}`),
    ...operands.flatMap((value) => (value === 'free' ? [] : [`complete -c sluice ${under(name)} ${offer(value)}`])),
  ]);
  return `# sluice completion for fish:  sluice completion fish > ~/.config/fish/completions/sluice.fish
complete -c sluice -f
${lines.join('\n')}
`;
}

const under = (command: string): string => `-n '__fish_seen_subcommand_from ${command}'`;

function optionWords({ names, description, value }: OptionWords): string {
  const spelled = names.map((name) => (name.startsWith('--') ? `-l ${name.slice(2)}` : `-s ${name.slice(1)}`));
  const takes =
    value === null ? [] : value === 'free' ? ['-x'] : value === 'file' ? ['-r', '-F'] : ['-x', offer(value)];
  return [...spelled, ...takes, '-d', quoted(description)].join(' ');
}

function offer(value: Exclude<Value, 'free'>): string {
  if (value === 'file') return '-F';
  if (value === 'resource') return "-a '(sluice completion resources 2>/dev/null)'";
  return `-a ${quoted(value.join(' '))}`;
}

const quoted = (text: string): string => `'${text.replace(/[\\']/g, '\\$&')}'`;
