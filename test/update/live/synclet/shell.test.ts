import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createDisk } from '../../../../src/adapters/fs/disk.ts';
import { limits } from '../../../../src/model/limits.ts';
import type { TreeEntry } from '../../../../src/model/ports.ts';
import type { SyncRequest } from '../../../../src/update/live/synclet/message.ts';
import { tellTree, writeOddNames } from '../../../support/names.ts';
import { tempProject } from '../../../support/temp.ts';
import { openShell, pathOf, shells, tryShell } from './shells.ts';

const disk = createDisk();
const live = new AbortController().signal;
const nothing: SyncRequest = {
  unlinks: [],
  parents: [],
  removes: [],
  emptied: [],
  dirs: [],
  entries: [],
  runs: [],
  restart: null,
};

/** Everything below `from`, as it goes to `to`. */
async function entriesOf(from: string, to: string): Promise<TreeEntry[]> {
  const entries = await disk.list(from, { roots: [from], filters: [] }, live);
  return entries
    .filter(({ type }) => type !== 'dir')
    .map((entry) => ({ ...entry, path: `${to}/${entry.path}`.slice(1) }));
}

const collector = () => {
  const chunks: Uint8Array[] = [];
  return { add: (chunk: Uint8Array) => void chunks.push(chunk), text: () => Buffer.concat(chunks).toString() };
};

/** A zombie whose new parent has not looked yet is as dead as one that is gone. */
function isAlive(pid: string): boolean {
  if (!existsSync(`/proc/${pid}/stat`)) return false;
  return !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
}

const withoutTar = () => ({
  PATH: pathOf('sh', 'head', 'rm', 'rmdir', 'mkdir', 'ln', 'ls', 'chmod', 'chown', 'cat', 'sleep'),
});

describe.each(Object.keys(shells))('a session with %s', (shell) => {
  it.each(['tar', 'cat'])('puts files, modes, links and odd names in place by %s', async (packing) => {
    const [from, to] = [tempProject(), tempProject()];
    writeFileSync(join(from, 'plain.txt'), 'one\n');
    writeFileSync(join(from, 'run.sh'), '#!/bin/sh\n');
    chmodSync(join(from, 'run.sh'), 0o755);
    mkdirSync(join(from, 'deep/er'), { recursive: true });
    const odd = 'a\nb \\0101 $(id) \'"*.js';
    writeFileSync(join(from, 'deep/er', odd), 'odd');
    writeFileSync(join(from, 'empty'), '');
    symlinkSync('plain.txt', join(from, 'link'));
    const { session } = await openShell(shell, to, packing === 'tar' ? process.env : withoutTar());

    const answer = await session.send({ ...nothing, entries: await entriesOf(from, to) }, disk, () => {}, live);

    expect(answer).toEqual({ is: 'ok', restarted: null });
    expect(readFileSync(join(to, 'plain.txt'), 'utf8')).toBe('one\n');
    expect(readFileSync(join(to, 'deep/er', odd), 'utf8')).toBe('odd');
    expect(readFileSync(join(to, 'empty'), 'utf8')).toBe('');
    expect(lstatSync(join(to, 'run.sh')).mode & 0o777).toBe(0o755);
    expect(readlinkSync(join(to, 'link'))).toBe('plain.txt');
  });

  it.each(['tar', 'cat'])('takes files of every name by %s, and removes them', async (packing) => {
    const [from, to] = [tempProject(), tempProject()];
    writeOddNames(from);
    const { session } = await openShell(shell, to, packing === 'tar' ? process.env : withoutTar());
    const entries = await entriesOf(from, to);
    expect(await session.send({ ...nothing, entries }, disk, () => {}, live)).toEqual({ is: 'ok', restarted: null });
    expect(tellTree(to)).toEqual(tellTree(from));
    const removes = entries.map(({ path }) => `/${path}`);
    expect(await session.send({ ...nothing, removes }, disk, () => {}, live)).toMatchObject({ is: 'ok' });
    expect(tellTree(to).filter((row) => !/^(d|$)/.test(row))).toEqual([]);
  });

  it.runIf(process.getuid?.() === 0).each(['tar', 'cat'])(
    'gives new files what COPY would, by name too, and leaves to a build what only that knows: %s',
    async (packing) => {
      const [from, to] = [tempProject({ a: '', b: '', c: '', d: '' }), tempProject({ c: '' })];
      const { session } = await openShell(shell, to, packing === 'tar' ? process.env : withoutTar());
      const owners = ['daemon', '7:bin', '12'];
      const all = await entriesOf(from, to);
      const entries = all.map((entry, i) => ({
        ...entry,
        given: { owner: owners[i % 3]!, mode: 0o640, unclear: null },
      }));
      expect(await session.send({ ...nothing, entries }, disk, () => {}, live)).toMatchObject({ is: 'ok' });
      const told = ['a', 'b', 'c', 'd'].map((name) => {
        const { uid, gid, mode } = lstatSync(join(to, name));
        return `${uid}:${gid} ${(mode & 0o777).toString(8)}`;
      });
      expect(told).toEqual(['1:1 640', '7:2 640', '0:0 644', '1:1 640']);
      for (const given of [
        { owner: 'nobody-at-all', mode: null, unclear: null },
        { owner: null, mode: null, unclear: 'only a build knows' },
      ]) {
        const more = [{ ...all[0]!, path: `${to}/new`.slice(1), given }];
        const other = await openShell(shell, to);
        const answer = await other.session.send({ ...nothing, entries: more }, disk, () => {}, live);
        expect(answer).toMatchObject({ is: 'files-failed', text: expect.stringMatching(/nobody-at-all|only a build/) });
      }
    },
  );

  it('takes a thousand files with long lists of what to clear and remove at once, and goes on afterwards', async () => {
    const [from, to] = [tempProject(), tempProject({ 'old/x': '', 'f7.js/was': 'a directory' })];
    for (let i = 0; i < 1_000; i++) writeFileSync(join(from, `f${i}.js`), `${i}`);
    const odd = 'a\nb \\0101 $(id) * \'"';
    writeFileSync(join(from, odd), 'odd');
    const { session } = await openShell(shell, to);
    const entries = await entriesOf(from, to);
    const removes = [...Array.from({ length: 100 }, (_, i) => join(to, `never/was/${i}`)), join(to, 'old/x')];
    const request = { ...nothing, removes, emptied: [join(to, 'old')], entries, runs: ['echo "$PWD" >ran', 'false'] };

    expect(await session.send(request, disk, () => {}, live)).toEqual({ is: 'run-failed', run: 1, code: 1 });
    expect(readdirSync(to)).toHaveLength(1_002);
    expect(readFileSync(join(to, 'f7.js'), 'utf8')).toBe('7');
    expect(readFileSync(join(to, odd), 'utf8')).toBe('odd');
    expect(await session.send({ ...nothing, removes: [join(to, odd)] }, disk, () => {}, live)).toMatchObject({
      is: 'ok',
    });
    expect(readdirSync(to)).toHaveLength(1_001);
  });

  it('removes files, empty directories and what stands in the way', async () => {
    const [from, to] = [
      tempProject({ 'was-dir': 'file', 'was-file/x': 'x' }),
      tempProject({ 'was-dir/y': '', 'was-file': '', 'gone/a': '', 'gone\n/b': '' }),
    ];
    const { session } = await openShell(shell, to);
    const request = {
      ...nothing,
      parents: [join(to, 'was-file')],
      removes: [join(to, 'gone/a'), join(to, 'gone\n/b'), join(to, 'never/was')],
      emptied: [join(to, 'gone'), join(to, 'gone\n')],
      entries: await entriesOf(from, to),
    };

    expect(await session.send(request, disk, () => {}, live)).toMatchObject({ is: 'ok' });

    expect(readFileSync(join(to, 'was-dir'), 'utf8')).toBe('file');
    expect(readFileSync(join(to, 'was-file/x'), 'utf8')).toBe('x');
    expect(existsSync(join(to, 'gone'))).toBe(false);
    expect(existsSync(join(to, 'gone\n'))).toBe(false);
  });

  it.each(['tar', 'cat'])('sends a file of several chunks whole, by %s', async (packing) => {
    const [from, to] = [tempProject(), tempProject()];
    const content = Buffer.alloc(limits.syncChunkBytes * 2 + 12_345, 'sluice\n');
    writeFileSync(join(from, 'big'), content);
    const { session } = await openShell(shell, to, packing === 'tar' ? process.env : withoutTar());
    for (const round of [1, 2]) {
      const answer = await session.send({ ...nothing, entries: await entriesOf(from, to) }, disk, () => {}, live);
      expect({ round, ...answer }).toMatchObject({ round, is: 'ok' });
    }
    expect(readFileSync(join(to, 'big')).equals(content)).toBe(true);
  });

  it('runs steps after the files, in order, and gives their whole output', async () => {
    const [from, to] = [tempProject({ f: 'content' }), tempProject()];
    const { session } = await openShell(shell, to);
    const output = collector();
    const runs = ['cat f; echo " é"', 'for i in 1 2 3 4 5 6 7 8 9; do echo line $i; done; echo last >&2'];

    const answer = await session.send({ ...nothing, entries: await entriesOf(from, to), runs }, disk, output.add, live);

    expect(answer).toMatchObject({ is: 'ok' });
    expect(output.text()).toBe(`content é\n${[1, 2, 3, 4, 5, 6, 7, 8, 9].map((i) => `line ${i}\n`).join('')}last\n`);
  });

  it('stops at the first failing step, keeps the files, and serves the next request', async () => {
    const [from, to] = [tempProject({ f: '1' }), tempProject()];
    const { session } = await openShell(shell, to);
    const entries = await entriesOf(from, to);
    const runs = ['true', 'exit 7', 'touch never'];

    expect(await session.send({ ...nothing, entries, runs }, disk, () => {}, live)).toEqual({
      is: 'run-failed',
      run: 1,
      code: 7,
    });
    expect(existsSync(join(to, 'never'))).toBe(false);
    expect(readFileSync(join(to, 'f'), 'utf8')).toBe('1');
    expect(await session.send({ ...nothing, runs: ['touch later'] }, disk, () => {}, live)).toMatchObject({ is: 'ok' });
    expect(existsSync(join(to, 'later'))).toBe(true);
  });

  it('is not confused by what a step leaves running', async () => {
    const to = tempProject();
    const { session } = await openShell(shell, to);
    const stay =
      '(i=0; while [ ! -e stop ] && [ $i -lt 200 ]; do echo done; i=$((i+1)); sleep 0.02; done; touch over) & :';
    expect(await session.send({ ...nothing, runs: [stay] }, disk, () => {}, live)).toMatchObject({ is: 'ok' });
    expect(await session.send({ ...nothing, runs: ['touch stop'] }, disk, () => {}, live)).toMatchObject({ is: 'ok' });
    expect(
      await session.send({ ...nothing, runs: ['while [ ! -e over ]; do sleep 0.02; done'] }, disk, () => {}, live),
    ).toMatchObject({ is: 'ok' });
  });

  it('says what could not be written, and touches nothing after that', async () => {
    const [from, to] = [tempProject({ 'x/f': '1' }), tempProject({ blocker: '' })];
    const { session } = await openShell(shell, to);
    const entries = await entriesOf(from, join(to, 'blocker'));
    const answer = await session.send({ ...nothing, entries, runs: ['touch never'] }, disk, () => {}, live);
    expect(answer).toMatchObject({ is: 'files-failed', text: expect.stringContaining('blocker') });
    expect(existsSync(join(to, 'never'))).toBe(false);
    expect(session.isOpen()).toBe(false);
  });

  it('a cancel ends a running step with its children, and the shell', async () => {
    const to = tempProject();
    const { session, child } = await openShell(shell, to);
    const ended = new Promise((resolve) => child.on('exit', resolve));
    const stop = new AbortController();
    const output = collector();
    const started = (chunk: Uint8Array) => {
      output.add(chunk);
      stop.abort();
    };
    const runs = ['sleep 1000 & echo $!; wait'];
    await expect(session.send({ ...nothing, runs }, disk, started, stop.signal)).rejects.toMatchObject({
      name: 'AbortError',
    });
    await ended;
    expect(isAlive(output.text().split('\n')[0]!)).toBe(false);
    expect(session.isOpen()).toBe(false);
  });

  it('a lost connection is told, and whether a step may have run', async () => {
    const to = tempProject();
    const { session, child } = await openShell(shell, to);
    const sent = session.send({ ...nothing, runs: ['sleep 1000'] }, disk, () => {}, live);
    child.kill('SIGKILL');
    expect(await sent).toMatchObject({ is: 'lost', ran: true });
  });

  // busybox brings its own tools: there is no such container.
  if (shell !== 'busybox')
    it('refuses a container without the tools it needs', async () => {
      expect(await tryShell(shell, tempProject(), { PATH: pathOf('rm') })).toMatchObject({ is: 'no-shell' });
    });
});
