// Completion for zsh, with descriptions.
import type { CommandWords, OptionWords, Value } from './words.ts';

export function zshCompletion(commands: readonly CommandWords[]): string {
  return `#compdef sluice
# sluice completion for zsh:  sluice completion zsh > "\${fpath[1]}/_sluice"
_sluice_resources() {
  local -a names
  names=(\${(f)"$(sluice completion resources 2>/dev/null)"})
  compadd -a names
}

_sluice() {
  local -a offered
  if (( CURRENT == 2 )); then
    offered=(
${commands.map(({ name, description }) => `      ${described(name, description)}`).join('\n')}
    )
    _describe command offered
    return
  fi
  case \${words[CURRENT-1]} in
${valueCases(commands)}
  esac
  case \${words[2]} in
${commands.map(commandCase).join('\n')}
  esac
}

if [[ $funcstack[1] == _sluice ]]; then _sluice "$@"; else compdef _sluice sluice; fi
`;
}

function valueCases(commands: readonly CommandWords[]): string {
  const options = new Map(
    commands.flatMap((command) =>
      command.options.flatMap(({ names, value }) => (value === null ? [] : [[names.join('|'), value] as const])),
    ),
  );
  return [...options].map(([names, value]) => `    ${names}) ${offer(value)}; return ;;`).join('\n');
}

function commandCase({ name, options, operands }: CommandWords): string {
  const [first = 'free', ...rest] = operands;
  const operand =
    rest.length === 0
      ? offer(first)
      : `if (( CURRENT == 3 )); then ${offer(first)}; else ${offer(rest[0] ?? 'free')}; fi`;
  return `    ${name})
      if [[ $PREFIX == -* ]]; then
        offered=(${options.flatMap(optionOffers).join(' ')})
        _describe option offered
      else
        ${operand}
      fi ;;`;
}

const optionOffers = ({ names, description }: OptionWords): string[] =>
  names.map((name) => described(name, description));

function offer(value: Value): string {
  if (value === 'file') return '_files';
  if (value === 'resource') return '_sluice_resources';
  return value === 'free' ? ':' : `compadd -- ${value.join(' ')}`;
}

const described = (word: string, description: string): string =>
  `'${word}:${description.replaceAll("'", "'\\''").replaceAll(':', '\\:')}'`;
