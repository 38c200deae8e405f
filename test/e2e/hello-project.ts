// The example `hello`, copied to a directory and to ports of its own.
import { cpSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { freePort } from '../support/facts.ts';
import { tempProject } from '../support/temp.ts';

const example = fileURLToPath(new URL('../../examples/hello', import.meta.url));

export interface HelloProject {
  readonly dir: string;
  readonly web: string;
  readonly env: Readonly<Record<string, string>>;
}

export async function helloProject(): Promise<HelloProject> {
  const dir = tempProject();
  cpSync(example, dir, { recursive: true, filter: (path) => !/\/(build|\.sluice)$/.test(path) });
  const [web, api] = [await freePort(), await freePort()];
  return { dir, web: `http://127.0.0.1:${web}`, env: { WEB_PORT: String(web), API_PORT: String(api) } };
}
