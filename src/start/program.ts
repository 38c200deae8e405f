// The chunks of the bundle, run as Node runs CommonJS: what is compiled of them is taken from an earlier run, and kept for a later
// one. Node keeps it by itself from version 22 on, but one for all commands, which run little in common.
import { readFileSync } from 'node:fs';
import { createRequire, Module } from 'node:module';
import { join } from 'node:path';
import { Script } from 'node:vm';
import { limits } from '../model/limits.ts';
import type { CodeKeeper } from './kept-code.ts';

/** `entry`: its name in `dir`, as are those of all that it loads of the bundle. */
export function runProgram(dir: string, entry: string, keeper: CodeKeeper): void {
  const fresh = new Map<string, Script>();
  const native = createRequire(join(dir, entry));

  const load = (name: string): unknown => {
    const filename = join(dir, name);
    const known = native.cache[filename];
    if (known) return known.exports;
    const module = new Module(filename);
    native.cache[filename] = module;
    const script = compiled(filename, textOf(filename), keeper.kept(name));
    if (script.cachedDataRejected !== false) fresh.set(name, script);
    const find = (id: string): unknown => (id.startsWith('./') ? load(id.slice(2)) : native(id));
    script.runInThisContext()(module.exports, find, module, filename, dir);
    return module.exports;
  };

  const keep = (): void => {
    if (fresh.size > 0) keeper.keep(new Map([...fresh].map(([name, script]) => [name, script.createCachedData()])));
    fresh.clear();
  };
  const started = setTimeout(keep, limits.codeKeptAfterMs).unref();
  // A command line that means nothing runs nothing that is worth it.
  process.once('exit', (code) => {
    clearTimeout(started);
    if (code !== 2) keep();
  });
  load(entry);
}

const head = '(function(exports,require,module,__filename,__dirname){';

const compiled = (filename: string, text: string, cachedData: Buffer | undefined): Script =>
  new Script(`${head}${text}\n})`, { filename, columnOffset: -head.length, cachedData });

/** Chunks are loaded when they are needed: an update of sluice may have taken one away under a session. */
function textOf(filename: string): string {
  try {
    return readFileSync(filename, 'utf8');
  } catch (error) {
    throw new Error(`${filename} cannot be read: was sluice updated while it ran? Start it again`, { cause: error });
  }
}
