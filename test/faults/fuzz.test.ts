// Whatever is written to the socket, to stdin or to `mcp`, the session stays alive, answers what can be answered, and ends at Ctrl-C.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import net from 'node:net';
import { createInterface } from 'node:readline';
import type { Writable } from 'node:stream';
import { expect, it, onTestFinished } from 'vitest';
import { eventually } from '../support/facts.ts';
import { environment, program, runtimeDir, sluice } from '../support/sluice.ts';
import { tempProject } from '../support/temp.ts';
import { row, since } from './row.ts';

const messages = 10_000;

/** mulberry32: the same numbers in each run. */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** Bytes that are nearly messages; none of them asks the session to end, or to be told for ever. */
function* hostile(seed: number, shape: (verb: unknown, fields: string) => string): Generator<Buffer> {
  const next = numbers(seed);
  const pick = <T>(of: readonly T[]): T => of[Math.floor(next() * of.length)] as T;
  const deep = (n: number): string => `${'['.repeat(n)}${']'.repeat(n)}`;
  const value = (): string =>
    pick([
      () => 'null',
      () => 'true',
      () => '1e308',
      () => '-1',
      () => '0.5',
      () => '9007199254740993',
      () => '"web"',
      () => '"__proto__"',
      () => '"constructor"',
      () => JSON.stringify('\u202e\0\ud800x'.repeat(1 + Math.floor(next() * 20))),
      () => `"${'x'.repeat(Math.floor(next() * 3_000))}"`,
      () => deep(1 + Math.floor(next() * 4_000)),
      () => '{"__proto__": {"resources": ["web"]}, "constructor": 1}',
      () => '["web", null, 7, "toString", ["web"]]',
    ])();
  const keys = ['id', 'resources', 'resource', 'tail', 'since', 'level', 'source', 'container', 'grep', 'mode', 'all'];
  const verbs = ['status', 'logs', 'wait', 'mode', 'cancel', 'enable', 'nothing', '__proto__', 'toString', 'ping'];
  for (let i = 0; i < messages; i++) {
    const fields = Array.from({ length: Math.floor(next() * 4) }, () => `,"${pick(keys)}":${value()}`).join('');
    const message = shape(pick<unknown>([...verbs, 7, null]), fields);
    yield pick([
      () => Buffer.from(`${message}\n`),
      () => Buffer.from(`${message}\r\n`),
      () => Buffer.from(`${message.slice(0, Math.floor(next() * message.length))}\n`),
      () => Buffer.from(message.slice(0, Math.floor(next() * message.length))),
      () => Buffer.from(`${value()}\n\n\n`),
      () => Buffer.from(Array.from({ length: 50 }, () => Math.floor(next() * 256))),
      () => (next() < 0.05 ? Buffer.from(`${'y'.repeat(70_000)}\n`) : Buffer.from('\n')),
    ])();
  }
}

const ofSession = (verb: unknown, fields: string) => `{"id":1,"do":${JSON.stringify(verb)},"timeoutMs":1${fields}}`;
const ofMcp = (verb: unknown, fields: string) =>
  `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":${JSON.stringify(verb)},"arguments":{"timeout":"1ms"${fields}}}${fields}}`;

async function poured(into: Writable, all: Iterable<Buffer>): Promise<void> {
  for (const bytes of all) if (!into.write(bytes)) await once(into, 'drain');
  into.write('\n');
}

const rssOf = (pid: number): number =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024;

async function begun() {
  const dir = tempProject({
    'sluice.yaml': 'local: {web: {serve: "echo up; exec sleep 1000", ready: {log: never}}}\n',
  });
  const env = environment({ XDG_RUNTIME_DIR: runtimeDir() });
  const child = spawn(process.execPath, [program, 'up', '--json', '--stdin'], {
    cwd: dir,
    env,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const records: { type: string; socket?: string; id?: unknown }[] = [];
  createInterface({ input: child.stdout as NonNullable<ChildProcess['stdout']> }).on('line', (line) => {
    records.push(JSON.parse(line));
    if (records.length > 2_000) records.splice(1, 1_000);
  });
  const socket = await eventually(() => records[0]?.socket ?? null, 'the session begins');
  const alive = async () => {
    const { code, stderr } = await sluice(dir, ['status'], { env });
    expect([code, stderr]).toEqual([0, '']);
  };
  await eventually(async () => ((await sluice(dir, ['status'], { env })).code === 0 ? true : null), 'it answers');
  return { dir, env, child, records, socket, alive };
}

it(`${messages} hostile messages each by socket, stdin and mcp`, async () => {
  const start = performance.now();
  const { dir, env, child, records, socket, alive } = await begun();
  const before = rssOf(child.pid as number);
  const client = net.connect(socket);
  client.on('data', () => {});
  await poured(client, hostile(1, ofSession));
  client.end();
  await once(client, 'close');
  await alive();
  await poured(child.stdin as Writable, hostile(2, ofSession));
  child.stdin?.write('{"id":"last","do":"status"}\n');
  await eventually(() => records.some(({ id }) => id === 'last') || null, 'stdin is still read');
  const mcp = spawn(process.execPath, [program, 'mcp'], { cwd: dir, env, stdio: ['pipe', 'pipe', 'inherit'] });
  onTestFinished(() => void mcp.kill('SIGKILL'));
  let said = '';
  mcp.stdout.on('data', (text) => (said = `${said}${text}`.slice(-100_000)));
  await poured(mcp.stdin, hostile(3, ofMcp));
  mcp.stdin.write('{"jsonrpc":"2.0","id":"last","method":"ping"}\n');
  await eventually(() => said.includes('"id":"last"') || null, 'mcp still answers');
  mcp.stdin.end();
  expect(await once(mcp, 'exit')).toEqual([0, null]);
  await alive();
  const grown = rssOf(child.pid as number) - before;
  expect(grown).toBeLessThan(300);
  child.kill('SIGINT');
  expect(await once(child, 'exit')).toEqual([130, null]);
  row(`${3 * messages} hostile messages`, `alive after ${since(start)}, RSS +${grown.toFixed(0)} MB`);
});

it('200,000 waits, 63 idle clients and one that goes away in mid-answer', async () => {
  const start = performance.now();
  const { dir, env, child, socket, alive } = await begun();
  const before = rssOf(child.pid as number);
  const open = () => net.connect(socket).on('error', () => {});
  const flooding = open();
  let answers = 0;
  createInterface({ input: flooding }).on('line', () => answers++);
  const asks = function* () {
    for (let id = 0; id < 200_000; id++)
      yield Buffer.from(`{"id":${id},"do":"wait","resource":"web","timeoutMs":100000}\n`);
  };
  await poured(flooding, asks());
  await eventually(() => answers >= 199_000 || null, 'the flood is answered');
  flooding.destroy();
  const leaving = open();
  leaving.write('{"id":1,"do":"status"}\n'.repeat(50));
  await once(leaving, 'data');
  leaving.destroy();
  await alive();
  const idle = Array.from({ length: 64 }, open);
  await eventually(async () => {
    const { code, stderr } = await sluice(dir, ['trigger', 'web'], { env });
    return code === 6 && stderr.startsWith('sluice: 64 clients are connected already\n') ? true : null;
  }, 'the next one is told so');
  expect(rssOf(child.pid as number) - before).toBeLessThan(300);
  child.kill('SIGINT');
  expect(await once(child, 'exit')).toEqual([130, null]);
  for (const each of idle) each.destroy();
  row('200,000 waits on the socket', `answered or refused after ${since(start)}`);
});
