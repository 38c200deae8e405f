// The way to the API server goes silent, is cut, or loses some of its connections: known soon, nothing called live meanwhile, all
// of it back by itself.
import { expect, it } from 'vitest';
import { type ClusterProject, clusterProject, workload } from '../e2e/cluster/project.ts';
import { cluster, docker } from '../support/capability.ts';
import { type ClusterLink, clusterLink } from '../support/cluster/through.ts';
import { drive, type Session } from '../support/drive.ts';
import { eventually, serves } from '../support/facts.ts';
import { sluice } from '../support/sluice.ts';
import { writeFiles } from '../support/temp.ts';
import { row, since } from './row.ts';

/** Beside the server: says a number five times a second. */
const ticker = `        - name: ticker
          image: localhost/pause:1
          imagePullPolicy: Never
          command: [sh, -c, "n=0; while :; do n=$((n+1)); echo tick $n; sleep 0.2; done"]
`;
const rule = '    live:\n      - sync: {from: ./web/www, to: /www}\n';

async function begun(): Promise<{ project: ClusterProject; session: Session; link: ClusterLink; env: Session['env'] }> {
  const project = await clusterProject('silent', { image: rule });
  writeFiles(project.dir, { 'k8s/web.yaml': workload('web', project.image) + ticker });
  const link = await clusterLink();
  const session = drive(project.dir, project.args, { env: { KUBECONFIG: link.kubeconfig } });
  await session.idle();
  return { project, session, link, env: { ...session.env, KUBECONFIG: link.kubeconfig } };
}

const ticks = (session: Session): readonly number[] =>
  session.logs.flatMap(({ text }) => /^tick (\d+)$/.exec(text)?.[1] ?? []).map(Number);

const isWatchDown = ({ feeds }: Session['state']): boolean =>
  Object.entries(feeds).some(([name, { ok }]) => name.startsWith('pods/') && !ok);

/** Until the newest tick is told: none of those before it is missing or comes twice. */
async function everyTickOnce(session: Session): Promise<void> {
  const before = ticks(session).length;
  await eventually(() => (ticks(session).length > before ? true : null), 'the log goes on');
  const told = ticks(session);
  expect(told).toEqual(told.map((_, i) => told[0]! + i));
}

it.skipIf(!docker || !cluster)(
  'silence, a lost connection and a refused one are known, and mend by themselves',
  async () => {
    const { project, session, link, env } = await begun();
    const { dir, url } = project;
    await serves(url, 'first page');
    await session.save('web/www/index.html', 'second page');
    await serves(url, 'second page');

    // All of it silent, both ways: a save meanwhile is not live.
    let start = performance.now();
    link.stall();
    writeFiles(dir, { 'web/www/index.html': 'third page' });
    const waited = sluice(dir, ['wait', '--fresh', '--timeout', '4s'], { env });
    await session.until(({ cluster: { ok } }) => !ok, 'the cluster is known to be silent', 20_000);
    const noticed = since(start);
    expect(isWatchDown(session.state)).toBe(true);
    expect((await waited).code).toBe(6);
    start = performance.now();
    link.resume();
    await session.until(({ cluster: { ok } }) => ok, 'the cluster is back', 5_000);
    const back = since(start);
    await session.until(({ changes }) => changes.live === changes.seen, 'the save is live', 20_000);
    await serves(url, 'third page');
    await everyTickOnce(session);
    row('API server silent', `noticed after ${noticed}, back after ${back}, live after ${since(start)}`);

    // Those that are open lead nowhere, new ones do: a NAT that was restarted.
    start = performance.now();
    for (const strand of link.strands) strand.stall();
    writeFiles(dir, { 'web/www/index.html': 'fourth page' });
    await session.until(
      ({ changes }) => changes.live === changes.seen,
      'the save is live over new connections',
      40_000,
    );
    await serves(url, 'fourth page');
    await everyTickOnce(session);
    row('open connections silent, new ones not', `live after ${since(start)}`);

    // Cut, and nobody there for a while.
    start = performance.now();
    link.refuse();
    await session.until(({ cluster: { ok } }) => !ok, 'the cluster is known to be gone', 20_000);
    const gone = since(start);
    writeFiles(dir, { 'web/www/index.html': 'fifth page' });
    start = performance.now();
    link.accept();
    await session.until(({ cluster: { ok } }) => ok, 'the cluster is back', 5_000);
    await session.until(({ changes }) => changes.live === changes.seen, 'the save is live', 20_000);
    await serves(url, 'fifth page');
    await everyTickOnce(session);
    row('API server refuses', `noticed after ${gone}, live after ${since(start)}`);
    await session.stop();
  },
);
