import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cluster } from '../../support/capability.ts';
import { finished, never, openSockets, type Testbed, testbed, until } from './testbed.ts';

const megabytes = 20;
const block = Buffer.alloc(64 * 1024, 'sluice ');
const blocks = (megabytes * 1024 * 1024) / block.length;
const sha256 = (parts: number) => {
  const hash = createHash('sha256');
  for (let index = 0; index < parts; index += 1) hash.update(block);
  return hash.digest('hex');
};

describe.skipIf(!cluster)('a command in a container', () => {
  let bed: Testbed;
  const run = (cmd: readonly string[], stdin = false, stop = never) =>
    bed.kube.exec({ namespace: bed.namespace, name: 'shell', container: 'main' }, cmd, { stdin }, stop);
  beforeAll(async () => {
    bed = await testbed();
    await bed.startPod('shell', 'sleep 1000000');
  });
  afterAll(() => bed.remove());

  it('gives its outputs apart and its exit code', async () => {
    const result = await finished(await run(['sh', '-c', 'echo out; echo err >&2; exit 3']));
    expect(result).toEqual({ code: 3, stdout: 'out\n', stderr: 'err\n' });
    expect((await finished(await run(['true']))).code).toBe(0);
  });

  it('that is not there ends with 127 and the words of the runtime', async () => {
    const result = await finished(await run(['/bin/nonesuch']));
    expect(result.code).toBe(127);
    expect(result.stderr).toMatch(/nonesuch/);
  });

  it('in a container that is not there is a problem that names it', async () => {
    const missing = { namespace: bed.namespace, name: 'shell', container: 'nonesuch' };
    const failing = async () => (await bed.kube.exec(missing, ['true'], {}, never)).exit;
    await expect(failing()).rejects.toMatchObject({ problem: { what: expect.stringContaining('nonesuch') } });
    const gone = { namespace: bed.namespace, name: 'gone', container: 'main' };
    await expect(bed.kube.exec(gone, ['true'], {}, never)).rejects.toMatchObject({
      problem: { code: 'S318', what: expect.stringContaining('"gone" not found') },
    });
  });

  it('sees the end of its input and answers after it', async () => {
    const stream = await run(['sh', '-c', 'cat; echo end'], true);
    stream.stdin.end('hello ');
    expect(await finished(stream)).toEqual({ code: 0, stdout: 'hello end\n', stderr: '' });
  });

  it(`takes ${megabytes} MB and gives ${megabytes} MB back unharmed`, async () => {
    const inward = await run(['sha256sum'], true);
    const sent = pipeline(Readable.from(Array.from({ length: blocks }, () => block)), inward.stdin);
    const [result] = await Promise.all([finished(inward), sent]);
    expect(result.stdout).toContain(sha256(blocks));

    // It ends after all was read: of a command that has ended the server may lose what has still to be taken, and tell success
    // (https://github.com/kubernetes/kubernetes/issues/124571, kubectl as well).
    const size = blocks * block.length;
    const back = await run(['sh', '-c', `head -c ${size}; read line`], true);
    const hash = createHash('sha256');
    let taken = 0;
    back.stderr.resume();
    const sending = pipeline(Readable.from(Array.from({ length: blocks }, () => block)), back.stdin, { end: false });
    for await (const chunk of back.stdout) {
      hash.update(chunk);
      taken += chunk.length;
      if (taken === size) back.stdin.end('\n');
    }
    await sending;
    expect(await back.exit).toEqual({ code: 0 });
    expect(hash.digest('hex')).toBe(sha256(blocks));
  });

  it('waits for a reader that is slow instead of piling its output up', async () => {
    // It ends after all was read, for the same reason.
    const stream = await run(['sh', '-c', 'head -c 50000000 /dev/zero; read line'], true);
    let size = 0;
    stream.stderr.resume();
    // Nobody reads: what has arrived is the bound and a frame, not the whole.
    await until('the buffer to be full', () => stream.stdout.readableLength >= stream.stdout.readableHighWaterMark);
    expect((await finished(await run(['sleep', '1']))).code).toBe(0);
    expect(stream.stdout.readableLength).toBeLessThan(3 * 1024 * 1024);
    for await (const chunk of stream.stdout) {
      size += chunk.length;
      if (size === 50_000_000) stream.stdin.end('\n');
    }
    expect(size).toBe(50_000_000);
    expect(await stream.exit).toEqual({ code: 0 });
  });

  it('pushes back on a writer while the command does not read', async () => {
    const stream = await run(['sh', '-c', 'read line; sleep 1000'], true);
    let accepted = 0;
    while (accepted < 200 && stream.stdin.write(block)) accepted += 1;
    expect(accepted).toBeLessThan(200);
    const before = stream.stdin.writableLength;
    expect(before).toBeLessThan(2 * 1024 * 1024);
    stream.drop();
    await expect(stream.exit).rejects.toMatchObject({ problem: { kind: 'unavailable', code: 'S321' } });
  });

  it('that is aborted leaves no connection', async () => {
    const before = openSockets();
    const stop = new AbortController();
    const stream = await run(['sleep', '1000'], false, stop.signal);
    stop.abort();
    await expect(stream.exit).rejects.toMatchObject({ problem: { code: 'S321' } });
    const early = new AbortController();
    const opening = run(['true'], false, early.signal);
    early.abort();
    await expect(opening).rejects.toMatchObject({ name: 'AbortError' });
    await until('all but idle connections to be closed', () => openSockets() <= before + 2);
  });
});
