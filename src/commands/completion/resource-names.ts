// Names of resources for a shell's completion: of the running session, else those sluice.yaml itself names. Never slow,
// never an error: manifests are not rendered for it.
import { readFile } from 'node:fs/promises';
import { parseSource } from '../../config/yaml/document.ts';
import { limits } from '../../model/limits.ts';
import type { PublicState } from '../../model/public-state.ts';
import { timeoutSignal } from '../../operators/promises/timeout-signal.ts';
import { configFile } from '../../session/config-file.ts';
import { request } from '../asking/client.ts';

type Env = Readonly<Record<string, string | undefined>>;

/** In the order of the configuration; none where there is none. */
export async function resourceNames(file: string | null, env: Env): Promise<readonly string[]> {
  const names = (await ofSession(file, env)) ?? (await ofConfig(file)) ?? [];
  // One name a line.
  return names.filter((name) => !/[\x00-\x1f\x7f]/.test(name));
}

const ofSession = (file: string | null, env: Env): Promise<readonly string[] | null> =>
  request({ do: 'status' }, { file, env, stop: timeoutSignal(limits.completionMs) }).then(
    (state) => (state as PublicState).order,
    () => null,
  );

async function ofConfig(named: string | null): Promise<readonly string[] | null> {
  try {
    const file = await configFile(named);
    const value = parseSource(await readFile(file, 'utf8'), file).value as Readonly<
      Record<string, object | null>
    > | null;
    return [...new Set([value?.local, value?.resources].flatMap((named) => Object.keys(named ?? {})))];
  } catch {
    return null;
  }
}
