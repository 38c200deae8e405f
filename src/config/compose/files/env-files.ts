// Files of variables: those of the project, and those that services name.

import { problemCodes } from '../../../model/problems/code-names.ts';
import type { Problem } from '../../../model/problems/problem.ts';
import { lookup } from '../../../model/text/lookup.ts';
import type { Variables } from '../../environment/expand.ts';
import { watched } from '../../load-context.ts';
import { pathFrom } from '../forms/quantities.ts';
import type { Reading } from '../layer.ts';
import { readEnvFile, readRawFile } from './dotenv.ts';
import { readOnce } from './texts.ts';

/** What the files add; null reads `.env`, where there is one. */
export async function envFilesOf(
  given: readonly string[] | null,
  dir: string,
  own: Variables,
  reading: Reading,
  told: Pick<Problem, 'at'> = {},
): Promise<Readonly<Record<string, string>>> {
  let added: Readonly<Record<string, string>> = {};
  for (const path of given ?? ['.env']) {
    if (path === '/dev/null') continue;
    const found = await envFile(
      { dir, given: path, isRequired: given !== null, isRaw: false, told },
      { ...added, ...own },
      reading,
    );
    added = { ...added, ...found };
  }
  return added;
}

export interface EnvFileAt {
  readonly dir: string;
  readonly given: string;
  readonly isRequired: boolean;
  readonly isRaw: boolean;
  /** What files before it say: it may name that. */
  readonly earlier?: Variables;
  /** Where it is named. */
  readonly told: Pick<Problem, 'at'>;
}

export async function envFile(
  { dir, given, isRequired, isRaw, earlier, told }: EnvFileAt,
  variables: Variables,
  reading: Reading,
): Promise<Readonly<Record<string, string>>> {
  const path = pathFrom(dir, given);
  const file = { dir, given: path, called: `the env file ${given}` };
  if (!isRequired && !reading.texts.has(path) && !(await reading.disk.exists(path))) {
    await watched(path, reading);
    return {};
  }
  const text = await readOnce(reading, file);
  if (typeof text !== 'string') {
    const isThere = await reading.disk.exists(path);
    if (isRequired || isThere)
      reading.problems.push({
        ...text,
        kind: 'yours',
        code: text.code === problemCodes.fileTooLarge ? problemCodes.fileTooLarge : problemCodes.noEnvFile,
        ...told,
      });
    return {};
  }
  if (!reading.envFiles.includes(path)) reading.envFiles.push(path);
  const set = known(variables);
  const { values, faults } = isRaw ? readRawFile(text, set) : readEnvFile(text, set, earlier);
  reading.values.push([path, values]);
  for (const { line, what, hint } of faults)
    reading.problems.push({ kind: 'yours', code: 'S115', what, hint, at: { file: path, line, column: 1 } });
  return values;
}

const known = (variables: Variables): Variables =>
  Object.fromEntries(
    Object.keys(variables).flatMap((key) => (lookup(variables, key) === undefined ? [] : [[key, variables[key]]])),
  );
