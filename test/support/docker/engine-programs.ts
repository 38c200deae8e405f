// Programs of the engines that lie beside the project, unpacked once: kept from run to run, and no temporary file of any.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const at = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const beside = [at('../../../../shared/engines'), at('../../../../../shared/engines')];

/** Where they lie packed. */
export const packed: string = process.env.SLUICE_TEST_ENGINES ?? beside.find((path) => existsSync(path)) ?? beside[0]!;

const unpacked = at('../../../node_modules/.cache/sluice-test-engines');

export const isPacked = (name: string): boolean => existsSync(join(packed, `${name}.xz`));

/** Path of the program of this name, which must be packed there. */
export function engine(name: string): string {
  const path = join(unpacked, name);
  if (existsSync(path)) return path;
  mkdirSync(unpacked, { recursive: true });
  const own = `${path}.${process.pid}`;
  writeFileSync(own, execFileSync('xz', ['-dc', join(packed, `${name}.xz`)], { maxBuffer: 1 << 30 }), { mode: 0o755 });
  // Another test file may be unpacking it as well: whole or not there.
  renameSync(own, path);
  return path;
}
