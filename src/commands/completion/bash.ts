// Completion for bash, 3.2 of macOS included. Names are compared and never expanded: `compgen -W` would run what is in them.
import type { CommandWords, Value } from './words.ts';

export function bashCompletion(commands: readonly CommandWords[]): string {
  return `# sluice completion for bash:  source <(sluice completion bash)
_sluice_offer() {
  local word
  for word in "$@"; do
    [[ $word == "$cur"* ]] && COMPREPLY+=("$word")
  done
}

_sluice_resources() {
  local name
  while IFS= read -r name; do
    _sluice_offer "$name"
  done < <(sluice completion resources "\${file[@]}" 2>/dev/null)
}

_sluice_files() {
  local name
  while IFS= read -r name; do
    COMPREPLY+=("$name")
  done < <(compgen -f -- "$cur")
  compopt -o filenames 2>/dev/null
}

_sluice() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]} command= operands=0 i word
  local file=(--)
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=\${COMP_WORDS[i]}
    case $word in
      -f|--file) file=(--file "\${COMP_WORDS[i+1]}") ; ((i++)) ;;
      ${pattern(valued(commands))}) ((i++)) ;;
      -*) ;;
      *) if [[ -z $command ]]; then command=$word; else ((operands++)); fi ;;
    esac
  done
  case $prev in
${valueCases(commands)}
  esac
  case $command in
    '') _sluice_offer ${commands.map(({ name }) => name).join(' ')} --help --version ;;
${commands.map(commandCase).join('\n')}
  esac
}

complete -F _sluice sluice
`;
}

const valued = (commands: readonly CommandWords[]): readonly string[] => [
  ...new Set(
    commands.flatMap(({ options }) =>
      options
        .filter(({ value }) => value !== null)
        .flatMap(({ names }) => names.filter((name) => name !== '-f' && name !== '--file')),
    ),
  ),
];

const pattern = (words: readonly string[]): string => words.join('|');

function valueCases(commands: readonly CommandWords[]): string {
  const options = new Map(
    commands.flatMap((command) =>
      command.options.flatMap(({ names, value }) => (value === null ? [] : [[pattern(names), value] as const])),
    ),
  );
  return [...options].map(([names, value]) => `    ${names}) ${offer(value)}return ;;`).join('\n');
}

function commandCase({ name, options, operands }: CommandWords): string {
  const flags = [...options.flatMap(({ names }) => names.filter((each) => each.startsWith('--'))), '--help'];
  const cases = operands.map((value, i) => `        ${i === operands.length - 1 ? '*' : i}) ${offer(value)}: ;;`);
  const operandCases = cases.length === 0 ? ':' : `case $operands in\n${cases.join('\n')}\n      esac`;
  return `    ${name})
      if [[ $cur == -* ]]; then _sluice_offer ${flags.join(' ')}; return; fi
      ${operandCases} ;;`;
}

function offer(value: Value): string {
  if (value === 'file') return '_sluice_files; ';
  if (value === 'resource') return '_sluice_resources; ';
  return value === 'free' ? '' : `_sluice_offer ${value.join(' ')}; `;
}
