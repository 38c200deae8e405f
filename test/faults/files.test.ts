// Faults of files and of time: lost events, directories that go and come back, clocks that are set, machines that sleep.
import {
  cpSync,
  linkSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import net from 'node:net';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { drive, type Session } from '../support/drive.ts';
import { eventually } from '../support/facts.ts';
import { runtimeDir, sluice } from '../support/sluice.ts';
import { tempProject, writeFiles } from '../support/temp.ts';
import { row, since } from './row.ts';

/** Waits as a script would. */
async function fresh(session: Session, dir: string): Promise<void> {
  const { code, stderr } = await sluice(dir, ['wait', '--fresh', '--timeout', '60s'], { env: session.env });
  expect([code, stderr]).toEqual([0, '']);
}

it('whatever directory goes and comes back, and whatever events are lost, a save after it is live', async () => {
  const top = tempProject({
    'up/p/sluice.yaml':
      'local: {a: {cmd: "cat src/f ../lib/g linked/h new/deep/x 2>/dev/null > out.txt; true", deps: [src/, ../lib/, linked/, new/]}}\n',
    'up/p/src/f': '0',
    'up/lib/g': '0',
    'else/where/h': '0',
    'up/p/src/g': '0',
  });
  const [dir, away] = [join(top, 'up/p'), join(top, 'away')];
  symlinkSync(join(top, 'else/where'), join(dir, 'linked'));
  const otherDisk = mkdtempSync('/dev/shm/sluice-test-');
  onTestFinished(() => rmSync(otherDisk, { recursive: true, force: true }));
  const session = drive(dir);
  await session.idle();
  let count = 0;
  const savesAreLive = async (what: string) => {
    const start = performance.now();
    for (let i = 0; i < 2; i++) {
      const text = `${++count}\n`;
      writeFiles(top, { 'up/p/src/f': text, 'up/lib/g': text, 'else/where/h': text, 'up/p/new/deep/x': text });
      await fresh(session, dir);
      expect([what, readFileSync(join(dir, 'out.txt'), 'utf8')]).toEqual([what, text.repeat(4)]);
    }
    row(what, `two saves live after ${since(start)}`);
    expect(session.state.feeds.files?.ok ?? true).toBe(true);
  };
  const isSaid = (what: string) =>
    session.until(
      ({ feeds, config, idle }) => feeds.files?.problem?.code === 'S509' && !config.ok && !idle,
      `it is said that ${what} is away`,
    );
  /** Another file system keeps no inode. */
  const overTo = (from: string, to: string) => {
    cpSync(from, to, { recursive: true, verbatimSymlinks: true, preserveTimestamps: true });
    rmSync(from, { recursive: true });
  };

  process.kill(session.pid, 'SIGSTOP');
  // More than the kernel's queue holds, so that nothing tells of the new directory.
  for (let i = 0; i < 20_000; i++) utimesSync(join(dir, i % 2 === 0 ? 'src/f' : 'src/g'), i, i);
  writeFiles(dir, { 'new/deep/x': '0' });
  process.kill(session.pid, 'SIGCONT');
  await savesAreLive('events lost while a directory was made');

  renameSync(dir, away);
  await isSaid('the project');
  renameSync(away, dir);
  await savesAreLive('project renamed and back');

  overTo(dir, join(otherDisk, 'p'));
  await isSaid('the project');
  overTo(join(otherDisk, 'p'), dir);
  await savesAreLive('project moved to another file system and back');

  renameSync(join(top, 'up'), away);
  await isSaid('what is above it');
  renameSync(away, join(top, 'up'));
  await savesAreLive('directory above the project renamed and back');

  cpSync(dir, away, { recursive: true, verbatimSymlinks: true });
  renameSync(dir, join(top, 'old'));
  renameSync(away, dir);
  await savesAreLive('project exchanged for a copy');

  for (const place of ['up/lib', 'else']) {
    renameSync(join(top, place), away);
    await session.until(({ feeds }) => feeds.files?.problem?.code === 'S509', 'it is said to be away');
    renameSync(away, join(top, place));
    await savesAreLive(`${place === 'else' ? 'target of a link' : 'directory outside'} renamed and back`);
  }

  const runtime = session.env.XDG_RUNTIME_DIR as string;
  rmSync(join(runtime, 'sluice'), { recursive: true });
  const start = performance.now();
  await eventually(
    async () => (await sluice(dir, ['status'], { env: session.env })).code === 0 || null,
    'the session answers again',
  );
  row('directory of the socket deleted', `answers again after ${since(start)}`);

  rmSync(join(dir, '.sluice'), { recursive: true });
  await savesAreLive('.sluice deleted');
  await session.stop();
});

it('what no event tells of, a save by another name of the file, is live after wait --fresh', async () => {
  const dir = tempProject({
    'p/sluice.yaml': 'local: {a: {cmd: "cp src/f out.txt", deps: [src/]}}\n',
    'p/src/g': '0',
    elsewhere: 'one',
  });
  linkSync(join(dir, 'elsewhere'), join(dir, 'p/src/f'));
  const session = drive(join(dir, 'p'));
  await session.idle();
  for (const text of ['two', 'three']) {
    writeFileSync(join(dir, 'elsewhere'), text);
    await fresh(session, join(dir, 'p'));
    expect(readFileSync(join(dir, 'p/out.txt'), 'utf8')).toBe(text);
  }
  await session.stop();
  row('saved by another name (hard link)', 'live after wait --fresh');
});

it('an hour forth, an hour back, a sleep, and old times of files: nothing is lost, nothing waits for an hour', async () => {
  const dir = tempProject({
    'sluice.yaml': `local:
  a: {cmd: "cp src/f out.txt", deps: [src/]}
  server: {serve: "echo up; exec sleep 86399", restart: on-failure}
`,
    'src/f': '000',
  });
  const offset = join(runtimeDir(), 'offset');
  const env = {
    NODE_OPTIONS: `--import ${new URL('./set-clock.mjs', import.meta.url).href}`,
    SLUICE_CLOCK_OFFSET: offset,
  };
  const session = drive(dir, [], { env });
  await session.idle();
  const live = async (text: string, what: string) => {
    const start = performance.now();
    await fresh(session, dir);
    expect([what, readFileSync(join(dir, 'out.txt'), 'utf8')]).toEqual([what, text]);
    row(what, `live after ${since(start)}`);
  };
  const hour = 3_600_000;
  for (const [i, by] of [hour, 0, -hour, 0].entries()) {
    writeFileSync(offset, String(by));
    writeFileSync(join(dir, 'src/f'), `1.${i}`);
    await live(`1.${i}`, `clock ${by - ([0, hour, 0, -hour][i] as number) > 0 ? 'set forth' : 'set back'} by an hour`);
    const { restarts, pid } = session.resource('server').runtime;
    process.kill(pid as number, 'SIGKILL');
    await session.until(
      ({ resources }) =>
        (resources.server?.runtime.restarts ?? 0) > restarts && resources.server?.runtime.status === 'ready',
      'the server is started again',
      20_000,
    );
  }

  const { socket } = session.records.session as NonNullable<typeof session.records.session>;
  const follower = net.connect(socket, () => follower.write('{"id":1,"do":"status","watch":true}\n'));
  await new Promise((resolve) => follower.once('data', resolve));
  process.kill(session.pid, 'SIGSTOP');
  follower.destroy();
  writeFileSync(join(dir, 'src/f'), 'while it slept');
  writeFileSync(offset, String(hour));
  await new Promise((resolve) => setTimeout(resolve, 3_000));
  process.kill(session.pid, 'SIGCONT');
  await live('while it slept', 'machine asleep for an hour');

  // Other content with the times of long ago, of the same size, in place of it or written into it.
  writeFileSync(join(dir, 'src/f'), 'aaaa');
  await live('aaaa', 'plain save');
  const old = new Date('2001-01-01');
  const [file, other] = [join(dir, 'src/f'), join(dir, 'other')];
  const ways: Readonly<Record<string, (text: string) => void>> = {
    'written, then touched': (text) => {
      writeFileSync(file, text);
      utimesSync(file, old, old);
    },
    'renamed into place': (text) => {
      writeFileSync(other, text);
      utimesSync(other, old, old);
      renameSync(other, file);
    },
    'copied with its times': (text) => {
      writeFileSync(other, text);
      utimesSync(other, old, old);
      cpSync(other, file, { preserveTimestamps: true });
    },
  };
  for (const [i, [way, write]] of Object.entries(ways).entries()) {
    write(`bbb${i}`);
    await live(`bbb${i}`, `other content of the same size and of 2001, ${way}`);
  }
  await session.stop();
});
