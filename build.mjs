// Makes dist/ (one bundle with lazy chunks, as CommonJS, whose compiled code can be kept) and schema/ from src/. `--if-stale` does nothing when dist is newer.
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import * as esbuild from 'esbuild';
import { sbom } from './sbom.mjs';

const root = dirname(fileURLToPath(import.meta.url));
const at = (...parts) => join(root, ...parts);

const entryPoints = {
  main: at('src/main.ts'),
  'watch-worker': at('src/adapters/fs/watch/worker.ts'),
};

/** JSON Schemas that editors and agents read: file → module in src and its export. */
const schemas = {
  'config.json': { module: 'src/config/schema/json-schema.ts', name: 'configSchema' },
  'stream.json': { module: 'src/view/stream-schema.ts', name: 'streamSchema' },
};

/** CommonJS inside the bundle asks for `require` and `__dirname`, which an ES module lacks. */
const banner = [
  "import { createRequire as __sluiceRequire } from 'node:module';",
  "import { fileURLToPath as __sluicePath } from 'node:url';",
  'const require = __sluiceRequire(import.meta.url);',
  'const __filename = __sluicePath(import.meta.url);',
  "const __dirname = __sluicePath(new URL('.', import.meta.url));",
].join('\n');

/** client-node has no `sideEffects` field: without this its thousand model files stay in (+450 kB, +25 ms). */
const treeShakeKube = {
  name: 'client-node-without-side-effects',
  setup(build) {
    build.onResolve(
      { filter: /^(@kubernetes\/client-node|\.)/ },
      async ({ path, importer, resolveDir, kind, pluginData }) => {
        const concerns = path.startsWith('@') || importer.includes('/@kubernetes/client-node/');
        if (!concerns || pluginData === 'resolved') return undefined;
        const found = await build.resolve(path, { importer, resolveDir, kind, pluginData: 'resolved' });
        return found.errors.length > 0 ? { errors: found.errors } : { path: found.path, sideEffects: false };
      },
    );
  },
};

/**
 * What dockerode loads at import for features sluice does not use (ssh 42 ms, gRPC 70 ms), and the HTTP client of client-node,
 * which loads Node's own one as well (35 ms), as stubs that say so.
 */
const stubs = {
  undici:
    "exports.Agent = exports.ProxyAgent = class { constructor() { throw new Error('undici is not part of this bundle'); } };",
  ssh2: "exports.Client = function () { throw new Error('ssh is not part of this bundle'); };",
  'cpu-features': 'module.exports = () => ({});',
  '@grpc/grpc-js': 'module.exports = {};',
  '@grpc/proto-loader': 'module.exports = {};',
  protobufjs: 'module.exports = {};',
  './session':
    "module.exports = (_docker, _auth, done) => done(new Error('this BuildKit session is not part of the bundle'));",
};
const stubUnused = {
  name: 'stubs',
  setup(build) {
    build.onResolve({ filter: /^(undici|ssh2|cpu-features|@grpc\/(grpc-js|proto-loader)|protobufjs)$/ }, (args) => ({
      path: args.path,
      namespace: 'stub',
    }));
    build.onResolve({ filter: /^\.\/session$/ }, (args) =>
      args.importer.endsWith('/dockerode/lib/docker.js') ? { path: args.path, namespace: 'stub' } : undefined,
    );
    build.onLoad({ filter: /.*/, namespace: 'stub' }, (args) => ({ contents: stubs[args.path], loader: 'js' }));
  },
};

/** docker-modem prints each request for a debugger that nobody has switched on: 50 ms of a CPU for every call to Docker. */
const quietModem = {
  name: 'docker-modem-without-inspection',
  setup(build) {
    build.onLoad({ filter: /\/docker-modem\/lib\/modem\.js$/ }, ({ path }) => {
      const text = readFileSync(path, 'utf8');
      const quiet = text.replace(/^\s*debug\('Sending: %s', util\.inspect\(options, \{[^}]*\}\)\);$/m, '');
      if (quiet === text) throw new Error(`${path} no longer inspects its requests: this step is not needed any more`);
      return { contents: quiet, loader: 'js' };
    });
  },
};

/** blessed finds its widgets by computed names and its terminal descriptions beside its sources: both made static. */
const bundleBlessed = {
  name: 'blessed',
  setup(build) {
    build.onLoad({ filter: /\/blessed\/lib\/widget\.js$/ }, ({ path }) => {
      const text = readFileSync(path, 'utf8');
      const names = [...text.slice(0, text.indexOf('];')).matchAll(/'(\w+)'/g)].map((match) => match[1]);
      const table = names
        .map((name) => `'${name.toLowerCase()}': require('./widgets/${name.toLowerCase()}')`)
        .join(', ');
      return { contents: text.replace("require('./widgets/' + file)", `({${table}})[file]`), loader: 'js' };
    });
    build.onLoad({ filter: /\/blessed\/lib\/tput\.js$/ }, ({ path }) => ({
      contents: readFileSync(path, 'utf8').replaceAll("__dirname + '/../usr/", "__dirname + '/terminfo/"),
      loader: 'js',
    }));
    build.onResolve({ filter: /^(term\.js|pty\.js)$/ }, (args) => ({ path: args.path, external: true }));
  },
};

const shared = {
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node20',
  banner: { js: banner },
  loader: { '.node': 'empty' },
  // Node is given both as CommonJS, of which nothing can be left out and each call goes through an object; and yaml's asks the
  // environment for each token whether it is to be printed.
  alias: {
    rxjs: at('node_modules/rxjs/dist/esm/index.js'),
    yaml: at('node_modules/yaml/browser/dist/index.js'),
  },
  plugins: [treeShakeKube, stubUnused, quietModem, bundleBlessed],
  logLevel: 'warning',
};

const newest = (path) => {
  const stat = statSync(path);
  if (!stat.isDirectory()) return stat.mtimeMs;
  return Math.max(stat.mtimeMs, ...readdirSync(path).map((name) => newest(join(path, name))));
};

function isFresh() {
  const made = at('dist/main.js');
  if (!existsSync(made)) return false;
  return (
    statSync(made).mtimeMs >
    Math.max(...['src', 'build.mjs', 'sbom.mjs', 'package-lock.json'].map((name) => newest(at(name))))
  );
}

/** Of a chunk as esbuild splits them, which it does for ES modules alone. */
async function asCommonJs({ path, text }) {
  const { code } = await esbuild.transform(text, {
    format: 'cjs',
    platform: 'node',
    target: 'node20',
    supported: { 'dynamic-import': false },
    minifySyntax: true,
    minifyWhitespace: true,
    sourcefile: basename(path),
  });
  // What others import is asked for through one getter, not through a second one of a copy.
  const direct = code.replace(
    /\bmodule\.exports=__toCommonJS\((\w+)\)/,
    'module.exports=Object.defineProperty($1,"__esModule",{value:!0})',
  );
  const location = 'const __bundleUrl=require("node:url").pathToFileURL(__filename).href;';
  return `"use strict";${code.includes('__bundleUrl') ? location : ''}${direct}`;
}

/** What is started: it knows which build it belongs to. */
async function starter(build) {
  const { outputFiles } = await esbuild.build({
    ...shared,
    banner: {},
    format: 'cjs',
    entryPoints: { start: at('src/start.ts') },
    outdir: at('dist'),
    write: false,
    minifySyntax: true,
    minifyWhitespace: true,
    define: { __build: JSON.stringify(build) },
  });
  return { path: outputFiles[0].path, contents: outputFiles[0].text };
}

/** What is kept of an earlier run is for the same sources and libraries. */
function digestOfSources() {
  const paths = readdirSync(at('src'), { recursive: true }).filter((name) => name.endsWith('.ts'));
  const digest = createHash('sha256');
  for (const path of ['package-lock.json', ...paths.sort().map((name) => join('src', name))])
    digest.update(`${path}\n`).update(readFileSync(at(path)));
  return digest.digest('hex').slice(0, 16);
}

/** Chunks first, entries last, old chunks after that: a session that starts meanwhile finds a whole program. */
async function bundle() {
  const present = Object.fromEntries(Object.entries(entryPoints).filter(([, path]) => existsSync(path)));
  if (Object.keys(present).length === 0) return;
  const { outputFiles, metafile } = await esbuild.build({
    ...shared,
    banner: {},
    define: { 'import.meta.url': '__bundleUrl', __sources: JSON.stringify(digestOfSources()) },
    entryPoints: present,
    outdir: at('dist'),
    splitting: true,
    write: false,
    // Identifiers stay: a stack trace in a bug report must be readable.
    minifySyntax: true,
    minifyWhitespace: true,
    legalComments: 'linked',
    metafile: true,
  });
  const isEntry = ({ path }) => Object.keys(present).includes(basename(path, '.js'));
  mkdirSync(at('dist/terminfo'), { recursive: true });
  for (const name of ['xterm', 'xterm-256color', 'linux', 'xterm.termcap', 'xterm.terminfo']) {
    copyFileSync(at('node_modules/blessed/usr', name), at('dist/terminfo', name));
  }
  const files = await Promise.all(
    outputFiles
      .toSorted((a, b) => isEntry(a) - isEntry(b))
      .map(async (file) => ({
        path: file.path,
        contents: file.path.endsWith('.js') ? await asCommonJs(file) : file.contents,
      })),
  );
  const build = createHash('sha256');
  for (const { contents } of files) build.update(contents);
  files.unshift({ path: at('dist/package.json'), contents: '{"type":"commonjs"}\n' });
  files.push(await starter(build.digest('hex').slice(0, 16)));
  for (const { path, contents } of files) {
    writeFileSync(`${path}.tmp`, contents);
    renameSync(`${path}.tmp`, path);
  }
  writeFileSync(at('dist/sbom.cdx.json'), `${JSON.stringify(sbom(Object.keys(metafile.inputs), root), null, 2)}\n`);
  const made = new Set([...files.map(({ path }) => path), at('dist/terminfo'), at('dist/sbom.cdx.json')]);
  for (const name of readdirSync(at('dist')))
    if (!made.has(at('dist', name))) rmSync(at('dist', name), { recursive: true });
}

async function writeSchemas() {
  const temp = mkdtempSync(at('.build-'));
  try {
    for (const [file, { module, name }] of Object.entries(schemas)) {
      if (!existsSync(at(module))) continue;
      const outfile = join(temp, `${file}.mjs`);
      await esbuild.build({ ...shared, entryPoints: [at(module)], outfile });
      const made = (await import(pathToFileURL(outfile).href))[name];
      if (made === undefined) throw new Error(`${module} exports no ${name}`);
      mkdirSync(at('schema'), { recursive: true });
      writeFileSync(at('schema', file), `${JSON.stringify(typeof made === 'function' ? made() : made, null, 2)}\n`);
    }
  } finally {
    rmSync(temp, { recursive: true, force: true });
  }
}

if (!(process.argv.includes('--if-stale') && isFresh())) {
  // dist last: its time says that all of a build was done.
  await writeSchemas();
  await bundle();
}
