// Repositories of a test's own, served by git itself at addresses of this machine: git:// by git-daemon, and http:// by git-http-backend.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { eventually, freePort } from '../facts.ts';

export interface GitServed {
  /** `git://127.0.0.1:PORT/app.git` */
  readonly git: string;
  /** `http://127.0.0.1:PORT/app.git` */
  readonly http: string;
}

/** What lies in `dir`, on this branch alone: nothing is on the one that is checked out by default. Inside a test only. */
export async function gitServed(dir: string, branch: string): Promise<GitServed> {
  const root = mkdtempSync(join(tmpdir(), 'sluice-test-'));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  const bare = join(root, 'app.git');
  const git = (...args: string[]) =>
    execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@example.org', ...args], { cwd: dir, stdio: 'pipe' });
  git('init', '-q', '-b', 'main');
  git('commit', '-q', '--allow-empty', '-m', 'nothing yet');
  git('checkout', '-q', '-b', branch);
  git('add', '-A');
  git('commit', '-q', '-m', 'all of it');
  git('checkout', '-q', 'main');
  git('clone', '-q', '--bare', '.', bare);
  return {
    git: `git://127.0.0.1:${await daemon(root)}/app.git`,
    http: `http://127.0.0.1:${await backend(root)}/app.git`,
  };
}

async function daemon(root: string): Promise<number> {
  const port = await freePort();
  const program = join(execFileSync('git', ['--exec-path'], { encoding: 'utf8' }).trim(), 'git-daemon');
  const own = ['--listen=127.0.0.1', `--port=${port}`, '--reuseaddr', '--export-all', `--base-path=${root}`];
  const child = spawn(program, own, { stdio: 'ignore' });
  onTestFinished(async () => {
    const exit = once(child, 'exit');
    if (child.exitCode === null && child.kill()) await exit;
  });
  await eventually(() => isListening(port), 'git-daemon listens');
  return port;
}

const isListening = (port: number): Promise<true> =>
  new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => resolve(socket.destroy() && true)).on('error', reject);
  });

async function backend(root: string): Promise<number> {
  const server = createServer((request, response) => answer(root, request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}

/** By CGI (RFC 3875): variables and a body in, header lines, an empty one, and a body out. */
function answer(root: string, request: IncomingMessage, response: ServerResponse): void {
  const { pathname, search } = new URL(request.url ?? '/', 'http://here');
  const { 'content-type': type, 'content-encoding': encoding, 'git-protocol': protocol } = request.headers;
  const env = {
    ...process.env,
    GIT_PROJECT_ROOT: root,
    GIT_HTTP_EXPORT_ALL: '1',
    PATH_INFO: pathname,
    QUERY_STRING: search.slice(1),
    REQUEST_METHOD: request.method ?? 'GET',
    CONTENT_TYPE: type ?? '',
    REMOTE_ADDR: '127.0.0.1',
    ...(encoding ? { HTTP_CONTENT_ENCODING: encoding } : {}),
    ...(protocol ? { GIT_PROTOCOL: String(protocol) } : {}),
  };
  const child = spawn('git', ['http-backend'], { env, stdio: ['pipe', 'pipe', 'ignore'] });
  request.pipe(child.stdin);
  child.stdin.on('error', () => {});
  const chunks: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  child.on('close', () => {
    const whole = Buffer.concat(chunks);
    const end = whole.indexOf('\r\n\r\n');
    const headers = whole.subarray(0, end).toString().split('\r\n');
    const pairs = headers.map((line) => line.split(/:\s*/, 2) as [string, string]);
    const status = pairs.find(([name]) => name === 'Status')?.[1] ?? '200';
    response.writeHead(Number.parseInt(status, 10), Object.fromEntries(pairs.filter(([name]) => name !== 'Status')));
    response.end(whole.subarray(end + 4));
  });
}
