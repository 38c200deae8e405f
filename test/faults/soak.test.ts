// A day at work in some minutes: what a session holds after hundreds of saves is what it held after the first.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { drive, type Session } from '../support/drive.ts';
import { eventually } from '../support/facts.ts';
import { runtimeDir } from '../support/sluice.ts';
import { row } from './row.ts';
import { chart, type Sample } from './soak/chart.ts';
import { checkOut, clients, save, soakProject } from './soak/load.ts';

/** SLUICE_SOAK_MINUTES for longer, SLUICE_SOAK_OUT for a picture. */
const minutes = Number(process.env.SLUICE_SOAK_MINUTES ?? 2);
const savesPerMinute = 100;
/** On a busy machine a long soak takes longer, up to twice as long, rather than saving less. */
const isOver = (ms: number, saves: number): boolean => {
  const isLong = process.env.SLUICE_SOAK_MINUTES !== undefined;
  return ms >= minutes * 60_000 && (!isLong || saves >= minutes * savesPerMinute || ms >= 2 * minutes * 60_000);
};
const sampleEveryMs = 5_000;
/** Caches fill and code is compiled until then. */
const warmSeconds = 60;

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;

async function sample(session: Session, figures: string, start: number, fresh: readonly number[]): Promise<Sample> {
  const lines = () => readFileSync(figures, 'utf8').split('\n').slice(0, -1);
  const before = lines().length;
  process.kill(session.pid, 'SIGUSR2');
  const line = await eventually(
    () => (lines().length > before ? (lines().at(-1) as string) : null),
    'figures are told',
  );
  return { seconds: (performance.now() - start) / 1_000, ...JSON.parse(line), freshMs: median(fresh) };
}

it(
  'RSS, descriptors, timers and subscriptions are flat under saves, checkouts, clients that come and go and dying pods',
  async () => {
    const figures = join(runtimeDir(), 'figures.ndjson');
    writeFileSync(figures, '');
    const project = await soakProject();
    const session = drive(project.dir, project.args, {
      env: {
        NODE_OPTIONS: `--import ${new URL('./soak/probe.mjs', import.meta.url).href}`,
        SLUICE_SOAK_FIGURES: figures,
        SLUICE_SOAK_DIST: fileURLToPath(new URL('../../dist', import.meta.url)),
      },
    });
    await session.idle(180_000);
    const { socket } = session.records.session as NonNullable<typeof session.records.session>;
    const start = performance.now();
    const samples: Sample[] = [];
    const all: number[] = [];
    let fresh: number[] = [];
    let sampledAt = start;
    for (let count = 1; !isOver(performance.now() - start, count - 1); count++) {
      const before = session.state.changes.seen;
      const savedAt = performance.now();
      if (count % 50 === 0) await checkOut(project.dir, (count / 50) % 2 === 1 ? 'one' : 'two');
      else save(project, count);
      await session.until(
        ({ changes, idle }) => changes.seen > before && changes.live === changes.seen && idle,
        `save ${count} is live`,
      );
      fresh.push(performance.now() - savedAt);
      if (count % 15 === 0) await clients(socket, project.dir, session.env);
      if (count % 40 === 0) await project.killPods();
      if (performance.now() - sampledAt >= sampleEveryMs) {
        await session.idle();
        samples.push(await sample(session, figures, start, fresh));
        all.push(...fresh);
        fresh = [];
        sampledAt = performance.now();
      }
      await pause(Math.max(0, start + count * (60_000 / savesPerMinute) - performance.now()));
    }
    await session.stop();

    const title = `${all.length} saves in ${((performance.now() - start) / 60_000).toFixed(0)} min`;
    if (process.env.SLUICE_SOAK_OUT) writeFileSync(process.env.SLUICE_SOAK_OUT, chart(title, samples));
    const warm = samples.filter(({ seconds }) => seconds >= warmSeconds);
    const third = Math.ceil(warm.length / 3);
    const change = (of: keyof Sample) => {
      const [first, last] = [warm.slice(0, third), warm.slice(-third)].map((part) =>
        median(part.map((each) => each[of])),
      );
      return { first: first as number, last: last as number, by: (last as number) / (first as number) - 1 };
    };
    const told = (of: keyof Sample) => `${of} ${change(of).first.toFixed(0)} → ${change(of).last.toFixed(0)}`;
    const kinds = ['rss', 'descriptors', 'timers', 'subscriptions', 'freshMs'] as const;
    const text = `${title}, ${kinds.map(told).join(', ')}, slowest save ${Math.max(...all).toFixed(0)} ms`;
    console.log(text);
    expect(Math.abs(change('rss').by), text).toBeLessThanOrEqual(0.1);
    // One more or less is what happens to be under way; fewer is no leak.
    for (const of of ['descriptors', 'timers'] as const)
      expect(change(of).last - change(of).first, text).toBeLessThanOrEqual(2);
    expect(Math.abs(change('subscriptions').by), text).toBeLessThanOrEqual(0.05);
    row('soak', text);
  },
  2 * minutes * 60_000 + 300_000,
);
