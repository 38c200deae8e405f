// Documents that are made from the program: the configuration from its schema, the problems from their codes, the keys from
// the table of commands, and the manual page from the help.
import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { configSchema, type JsonSchema } from '../../src/config/schema/json-schema.ts';
import { codes } from '../../src/model/problems/codes.ts';
import { commands } from '../../src/view/tui/commands.ts';
import { heads } from '../../src/view/tui/keys/help.ts';
import { keyLabel } from '../../src/view/tui/keys/keymap.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const note = (from: string): string => `<!-- Made from ${from} by \`npm run docs\`: edit that, not this. -->\n`;

/** Path below the project → text. Runs the built program for its help. */
export const generated = (): Readonly<Record<string, string>> => ({
  'docs/configuration.md': configuration(),
  'docs/problems.md': problems(),
  'docs/keys.md': keys(),
  'man/sluice.1': manual(),
});

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ');

function configuration(): string {
  const schema = configSchema();
  const lines = ['# sluice.yaml', note('src/config/schema/schema.ts')];
  lines.push(
    'Every key, by the path at which it stands; `NAME` is a key of your own, `[]` an entry of a list. `${VARIABLE}` and `${VARIABLE:-default}` are filled in from the environment and from `env_file`. `sluice schema` prints the JSON Schema; an editor takes it from the first line of the file:',
    '',
    '```yaml',
    '# yaml-language-server: $schema=./node_modules/sluice/schema/config.json',
    '```',
  );
  for (const [name, part] of Object.entries(schema.properties ?? {})) {
    lines.push('', `## ${name}`, '', String(part.description ?? ''), '', '| key | takes | means |', '|---|---|---|');
    for (const { path, takes, means } of rowsOf(part, name))
      lines.push(`| \`${path}\` | ${cell(takes)} | ${cell(means)} |`);
  }
  return `${lines.join('\n')}\n`;
}

interface Row {
  readonly path: string;
  readonly takes: string;
  readonly means: string;
}

/** A key and all below it; alternatives that are tables are told under the same path. */
function rowsOf(schema: JsonSchema, path: string): readonly Row[] {
  const own: Row = { path, takes: takes(schema), means: String(schema.description ?? '') };
  return [own, ...below(schema, path)].filter((row, i, all) => all.findIndex((other) => other.path === row.path) === i);
}

function below(schema: JsonSchema, path: string): readonly Row[] {
  const inside = Object.entries(schema.properties ?? {}).flatMap(([name, part]) => rowsOf(part, `${path}.${name}`));
  const free = schema.additionalProperties;
  const named = typeof free === 'object' ? below(free, `${path}.NAME`) : [];
  const items = schema.items ? below(schema.items, `${path}[]`) : [];
  return [...inside, ...named, ...items, ...(schema.anyOf ?? []).flatMap((other) => below(other, path))];
}

function takes(schema: JsonSchema): string {
  if (schema.anyOf) return [...new Set(schema.anyOf.map(takes))].join(' or ');
  const values = (schema.enum ?? (schema.const === undefined ? null : [schema.const])) as readonly unknown[] | null;
  if (values) return values.map((value) => `\`${String(value)}\``).join(', ');
  if (schema.items) return `a list of ${takes(schema.items)}`;
  if (schema.type === 'object') return 'a table';
  return schema.type === 'string' ? 'text' : String(schema.type ?? 'anything');
}

const ranges: readonly (readonly [string, string])[] = [
  ['S0', 'In general'],
  ['S1', 'Configuration and manifests'],
  ['S2', 'Docker, builds, registries'],
  ['S3', 'Kubernetes'],
  ['S4', 'Local commands and servers'],
  ['S5', 'Files and watching'],
  ['S6', 'Session, socket, command line'],
  ['S7', 'Updates in place'],
];

function problems(): string {
  const lines = [
    '# Problems',
    note('src/model/problems/codes.ts'),
    'Each problem has a code that stays the same in every version: in `--json` it is `problem.code`, beside `what`, `at` (file, line, column), `hint` and `logTail`. The message says what to do; this is the list for who handles them in a program.',
  ];
  for (const [range, title] of ranges) {
    lines.push('', `## ${title}`, '', '| code | what |', '|---|---|');
    for (const [code, what] of Object.entries(codes).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      if (code.startsWith(range)) lines.push(`| ${code} | ${cell(what)} |`);
  }
  return `${lines.join('\n')}\n`;
}

function keys(): string {
  const lines = [
    '# Keys of the full screen',
    note('src/view/tui/commands.ts'),
    'Every command has a name, by which `~/.config/sluice/keys.yaml` gives it other keys, one or a list: `quit: ctrl+q`, `next: [down, j]`. A key that is given to another command is taken from the one that had it. `:` finds a command by a few letters of its title.',
  ];
  for (const [group, head] of Object.entries(heads)) {
    lines.push('', `## ${head}`, '', '| keys | does | name |', '|---|---|---|');
    for (const command of commands)
      if (command.group === group)
        lines.push(
          `| ${command.keys.map((key) => `\`${cell(keyLabel(key))}\``).join(' ')} | ${cell(command.title)} | ${command.id} |`,
        );
  }
  return `${lines.join('\n')}\n`;
}

const help = (...args: readonly string[]): string =>
  execFileSync(process.execPath, [`${root}bin/sluice.js`, ...args, '--help'], {
    encoding: 'utf8',
    env: { ...process.env, NO_COLOR: '1', COLUMNS: '100' },
  });

/** Text between `.nf` and `.fi` stands as it is; a leading dot or quote would be a request of roff. */
const verbatim = (text: string): string =>
  text
    .trimEnd()
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replace(/^(?=[.'])/gm, '\\&');

function manual(): string {
  const overview = help();
  const verbs = [...overview.matchAll(/^ {2}([a-z]+) {2,}\S/gm)].map(([, verb]) => verb as string);
  const sections = verbs.map((verb) => `.SS "sluice ${verb}"\n.nf\n${verbatim(help(verb))}\n.fi`);
  return `${[
    '.\\" Made from the help of the program by `npm run docs`: edit that, not this.',
    '.TH SLUICE 1',
    '.SH NAME',
    'sluice \\- a dev loop for containers',
    '.SH SYNOPSIS',
    '.B sluice',
    'COMMAND [options]',
    '.SH DESCRIPTION',
    'Save a file, and what runs in Docker or Kubernetes is the new code. sluice watches the files of a project, brings each change into what runs by the quickest way that is right, follows pods and logs, and says at any moment whether a save is live, why something is built, and what it waits for.',
    '.SH COMMANDS',
    ...sections,
    '.SH FILES',
    '.TP\n.I sluice.yaml\nWhat is built, deployed and watched; looked for upwards from the working directory.',
    '.TP\n.I .sluice/\nWhat is remembered from one session to the next, beside sluice.yaml.',
    '.TP\n.I ~/.config/sluice/keys.yaml\nOther keys for the full screen.',
    '.SH EXIT STATUS',
    '0 ok, 1 anything not below, 2 usage or configuration, 3 a build failed, 4 a deploy failed, 5 a running resource failed, 6 timeout or Docker or the cluster out of reach, 70 a bug in sluice, 130 interrupted.',
  ].join('\n')}\n`;
}
