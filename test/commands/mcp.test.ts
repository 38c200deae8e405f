// The running session over the Model Context Protocol, as an agent's client speaks it.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, it, onTestFinished } from 'vitest';
import { drive } from '../support/drive.ts';
import { environment, program, runtimeDir } from '../support/sluice.ts';
import { tempProject } from '../support/temp.ts';

interface Message {
  readonly id: unknown;
  readonly result?: Readonly<Record<string, unknown>>;
  readonly error?: { readonly code: number; readonly message: string };
}

const config = `local:
  gen: {cmd: cp in.txt out.txt && echo copied, deps: [in.txt]}
  server: {serve: echo serving; exec sleep 1000}
`;

function client(dir: string, env: Readonly<Record<string, string | undefined>>) {
  const child = spawn(process.execPath, [program, 'mcp'], {
    cwd: dir,
    env: environment(env),
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const waiting = new Map<unknown, (message: Message) => void>();
  const seen: Message[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => {
    const message = JSON.parse(line) as Message;
    seen.push(message);
    waiting.get(message.id)?.(message);
  });
  let next = 0;
  const send = (method: string, params: unknown, id: unknown): Promise<Message> =>
    new Promise((resolve) => {
      waiting.set(id, resolve);
      child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', id, method, params })}\n`);
    });
  const ask = (method: string, params: unknown = {}): Promise<Message> => send(method, params, ++next);
  return {
    seen,
    send,
    ask,
    raw: (text: string) => child.stdin.write(text),
    answered: (id: unknown) => new Promise<Message>((resolve) => waiting.set(id, resolve)),
    /** The text of a tool's result, and whether it is an error. */
    async call(name: string, given: unknown = {}) {
      const { result, error } = await ask('tools/call', { name, arguments: given });
      if (!result) throw new Error(error?.message);
      const [content] = result.content as { text: string }[];
      return { text: content?.text ?? '', isError: result.isError as boolean };
    },
    async end() {
      child.stdin.end();
      const [code] = await once(child, 'close');
      return code as number;
    },
  };
}

it('serves the verbs of the running session, and waits until a save is live', async () => {
  const dir = tempProject({ 'sluice.yaml': config, 'in.txt': '1' });
  const session = drive(dir);
  await session.idle();
  const mcp = client(dir, session.env);

  const hello = await mcp.ask('initialize', { protocolVersion: '2024-11-05', capabilities: {}, clientInfo: {} });
  expect(hello.result).toMatchObject({ protocolVersion: '2024-11-05', serverInfo: { name: 'sluice' } });
  mcp.raw('{"jsonrpc": "2.0", "method": "notifications/initialized"}\n');

  const { result } = await mcp.ask('tools/list');
  const listed = ((result?.tools ?? []) as { name: string }[]).map(({ name }) => name);
  expect(listed.sort()).toEqual(['cancel', 'disable', 'enable', 'logs', 'restart', 'status', 'trigger', 'wait']);

  writeFileSync(join(dir, 'in.txt'), '2');
  const live = await mcp.call('wait', { timeout: '60s' });
  expect(live).toMatchObject({ isError: false });
  expect(JSON.parse(live.text)).toMatchObject({ ok: true });
  expect(readFileSync(join(dir, 'out.txt'), 'utf8')).toBe('2');

  const status = JSON.parse((await mcp.call('status')).text) as { order: string[] };
  expect(status.order).toEqual(['gen', 'server']);
  expect((await mcp.call('logs', { resources: ['gen'] })).text).toContain('copied');
  expect(await mcp.call('disable', { resources: ['server'] })).toMatchObject({ isError: false });
  await session.until((state) => state.resources.server?.enabled === false, 'server is disabled');

  const unknown = await mcp.call('trigger', { resources: ['nothing'] });
  expect(unknown.isError).toBe(true);
  expect(unknown.text).toContain('gen, server');
  expect(await mcp.call('wait', { timeout: 'soon' })).toMatchObject({ isError: true });
  expect(await mcp.end()).toBe(0);
});

it('says in a result, not in a protocol error, that no session runs', async () => {
  const mcp = client(tempProject({ 'sluice.yaml': config }), { XDG_RUNTIME_DIR: runtimeDir() });
  const { text, isError } = await mcp.call('status');
  expect(isError).toBe(true);
  expect(text).toContain('sluice up');
  expect(await mcp.end()).toBe(0);
});

it('keeps to JSON-RPC: codes for what it cannot read or does not know, and no word to notifications', async () => {
  const mcp = client(tempProject({ 'sluice.yaml': config }), { XDG_RUNTIME_DIR: runtimeDir() });
  const offered = await mcp.ask('initialize', { protocolVersion: '1999-01-01' });
  expect(offered.result?.protocolVersion).toMatch(/^\d{4}-\d\d-\d\d$/);
  expect((await mcp.ask('ping')).result).toEqual({});
  expect((await mcp.ask('tools/fly')).error?.code).toBe(-32_601);
  expect((await mcp.ask('tools/call', { name: 'fly' })).error?.code).toBe(-32_602);
  const unreadable = mcp.answered(null);
  mcp.raw('{no json\n{"jsonrpc": "2.0", "method": "notifications/whatever"}\n{"id": 99, "result": {}}\n');
  expect((await unreadable).error?.code).toBe(-32_700);
  const batch = [
    { jsonrpc: '2.0', id: 'a', method: 'ping' },
    { jsonrpc: '2.0', method: 'notifications/x' },
  ];
  const answered = mcp.answered(undefined);
  mcp.raw(`${JSON.stringify(batch)}\n`);
  expect(await answered).toEqual([{ jsonrpc: '2.0', id: 'a', result: {} }]);
  const before = mcp.seen.length;
  expect((await mcp.send('ping', {}, 'as text')).id).toBe('as text');
  expect(mcp.seen).toHaveLength(before + 1);
  expect(await mcp.end()).toBe(0);
});

it('answers nothing to a wait that was cancelled, and others meanwhile', async () => {
  const dir = tempProject({ 'sluice.yaml': 'local: {slow: {cmd: sleep 1000}}' });
  const session = drive(dir);
  await session.until((state) => state.resources.slow?.update.status === 'running', 'slow runs');
  const mcp = client(dir, session.env);
  void mcp.send('tools/call', { name: 'wait', arguments: {} }, 'slow');
  expect(await mcp.call('status')).toMatchObject({ isError: false });
  mcp.raw('{"jsonrpc": "2.0", "method": "notifications/cancelled", "params": {"requestId": "slow"}}\n');
  void mcp.send('tools/call', { name: 'wait', arguments: {} }, 'never answered');
  // It ends with its client, although that wait would take minutes.
  expect(await mcp.end()).toBe(0);
  expect(mcp.seen.map(({ id }) => id)).toEqual([1]);
});
