// Build contexts of `FROM scratch` and busybox, and what the suites around the real daemon share.
import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import type { Observable } from 'rxjs';
import { pack } from 'tar-stream';
import type { BuildContext, BuildEvent, DockerBuild, TreeEntry } from '../../../../src/model/ports.ts';
import { type Problem, ProblemError } from '../../../../src/model/problems/problem.ts';

const busybox = readFileSync('/bin/busybox');
const applets = ['sh', 'sleep', 'echo', 'cat', 'seq', 'dd', 'tar', 'ls', 'id', 'wc', 'date', 'true', 'head', 'tr'];

/** Dockerfile lines that give a shell. The label marks the layers that a failed classic build leaves. */
const label = `sluice-docker-test=${process.pid}`;
export const base = `FROM scratch\nLABEL ${label}\nCOPY bin /bin`;

/** Removes what classic builds of this file left in Docker's cache. */
export function removeLayers(): void {
  const list = ['images', '-aq', '--no-trunc', '--filter', `label=${label}`, '--filter', 'dangling=true'];
  const left = () => execFileSync('docker', list, { encoding: 'utf8' }).split('\n').filter(Boolean);
  for (let ids = left(), before = ''; ids.length > 0 && String(ids) !== before; ids = left()) {
    before = String(ids);
    // Parents cannot go before their children: what is refused now goes in the next round.
    spawnSync('docker', ['rmi', ...ids], { stdio: 'ignore' });
  }
}

/** Files in memory beside busybox, as both ways of sending them ask for them. */
export function contextOf(files: Readonly<Record<string, string>>): BuildContext {
  const entry = (path: string, fields: Partial<TreeEntry>): TreeEntry => ({
    path,
    type: 'file',
    source: path,
    mode: 0o644,
    size: 0,
    ...fields,
  });
  const contentOf = ({ source }: TreeEntry) => (source === 'bin/busybox' ? busybox : Buffer.from(files[source] ?? ''));
  const entries = [
    ...Object.entries(files).map(([path, text]) => entry(path, { size: Buffer.byteLength(text) })),
    entry('bin/busybox', { mode: 0o755, size: busybox.length }),
    ...applets.map((name) => entry(`bin/${name}`, { type: 'symlink', mode: 0o777, target: 'busybox' })),
  ];
  const tar = (listed: readonly TreeEntry[], { extra = [] }: { extra?: readonly Extra[] } = {}) => {
    const archive = pack();
    for (const { path, content } of extra) archive.entry({ name: path }, content);
    for (const each of listed) {
      const header = { name: each.path, mode: each.mode };
      if (each.type === 'symlink') archive.entry({ ...header, type: 'symlink', linkname: each.target ?? '' });
      else archive.entry(header, contentOf(each));
    }
    archive.finalize();
    // tar-stream's streams are Readables in all but their type.
    return archive as unknown as Readable;
  };
  return {
    root: '/',
    entries,
    mtime: 0,
    disk: { read: (each) => [contentOf(each)], readText: async (path) => files[path] ?? '', tar },
  };
}

interface Extra {
  readonly path: string;
  readonly content: string;
}

export function buildOf(
  dockerfile: string,
  more: Partial<DockerBuild> & { files?: Record<string, string> } = {},
): DockerBuild {
  const { files = {}, ...rest } = more;
  return {
    context: contextOf({ Dockerfile: dockerfile, ...files }),
    dockerfile: 'Dockerfile',
    dockerfileText: dockerfile,
    target: null,
    args: {},
    platform: null,
    labels: { 'sluice-test': '1' },
    tags: [],
    secrets: [],
    ssh: [],
    ...rest,
  };
}

export interface Seen {
  readonly events: BuildEvent[];
  readonly output: string;
  readonly id: string;
}

/** Runs a build to its end; rejects as the build does. */
export function seen(build$: Observable<BuildEvent>): Promise<Seen> {
  const events: BuildEvent[] = [];
  return new Promise((resolve, reject) => {
    build$.subscribe({
      next: (event) => events.push(event),
      error: reject,
      complete: () => {
        const output = events.map((event) => (event.is === 'output' ? event.text : '')).join('');
        const last = events.at(-1);
        resolve({ events, output, id: last?.is === 'built' ? last.id : '' });
      },
    });
  });
}

/** The problem a promise rejects with. */
export async function problemFrom(promise: Promise<unknown>): Promise<Problem> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof ProblemError) return error.problem;
    throw error;
  }
  throw new Error('it was expected to fail');
}

/** These files as an archive at a URL of this machine. */
export async function served(files: Readonly<Record<string, string>>) {
  const archive = pack();
  for (const [name, text] of Object.entries(files)) archive.entry({ name }, text);
  archive.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of archive) chunks.push(chunk as Buffer);
  const server = http.createServer((_, response) => response.end(Buffer.concat(chunks)));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { archive: `http://127.0.0.1:${port}/app.tar`, close: () => void server.close() };
}

/** A directory for `gitServed`: below web/ a build of what stands there and of what is called `lib`, which is below lib/. */
export function asRepository(dir: string): void {
  mkdirSync(join(dir, 'web/bin'), { recursive: true });
  mkdirSync(join(dir, 'lib'));
  copyFileSync('/bin/busybox', join(dir, 'web/bin/busybox'));
  chmodSync(join(dir, 'web/bin/busybox'), 0o755);
  for (const name of applets) symlinkSync('busybox', join(dir, 'web/bin', name));
  writeFileSync(join(dir, 'web/Dockerfile'), `${base}\nCOPY --from=lib here /b\nCOPY here /a\nRUN cat /a /b\n`);
  writeFileSync(join(dir, 'web/here'), 'a branch ');
  writeFileSync(join(dir, 'lib/here'), 'beside it');
}
