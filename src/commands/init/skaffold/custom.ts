// An artifact built by a script: what Skaffold tells such a script, from what sluice tells a command.
import type { ImageDraft } from '../draft.ts';
import type { Keys } from '../keys.ts';
import { inContext, type Reading } from './read-context.ts';

/** `aliases`: variables that name the images it is built from. */
export function customImage(
  custom: Keys,
  context: string,
  aliases: readonly (readonly [string, string])[],
  { templates }: Reading,
): ImageDraft {
  const command = custom.text('buildCommand') ?? '';
  const dependencies = custom.map('dependencies');
  const paths = dependencies.texts('paths').map((path) => inContext(context, path));
  const ignored = dependencies.texts('ignore');
  const written = (texts: readonly string[]): string[] => texts.flatMap((path) => templates.text(path) ?? []);
  const variables = [
    'IMAGE="$SLUICE_IMAGE"',
    'IMAGE_REPO="${SLUICE_IMAGE%:*}"',
    'IMAGE_TAG="$SLUICE_TAG"',
    'PUSH_IMAGE=false',
    'BUILD_CONTEXT="$PWD"',
    ...aliases.map(([name, image]) => `${name.replace(/\W/g, '_')}=${quoted(image)}`),
  ];
  const steps = [
    ...(context === '.' ? [] : [`cd ${quoted(context)}`]),
    `export ${variables.join(' ')}`,
    inShell(command),
  ];
  return {
    command: steps.join(' && '),
    deps: written(paths.length > 0 ? paths : [context]),
    ...(ignored.length > 0 ? { ignore: written(ignored) } : {}),
  };
}

/** A word of a shell command. */
export const quoted = (word: string): string =>
  /^[\w./:@%+=,-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;

const inShell = (command: string): string => command.replace(/\{\{\s*\.([A-Za-z_]\w*)\s*\}\}/g, '$$$1');
