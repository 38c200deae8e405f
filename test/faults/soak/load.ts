// What people and their tools do to a session: saves, checkouts, clients that come and go, pods that are killed.
import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import net from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { clusterProject } from '../../e2e/cluster/project.ts';
import { cluster, docker } from '../../support/capability.ts';
import { kubectl } from '../../support/cluster/cluster.ts';
import { sluice } from '../../support/sluice.ts';
import { tempProject, writeFiles } from '../../support/temp.ts';

const run = promisify(execFile);

export interface Project {
  readonly dir: string;
  readonly args: readonly string[];
  /** Files that may be saved. */
  readonly files: readonly string[];
  /** Kills the pods, where there are some. */
  readonly killPods: () => Promise<unknown>;
}

const local = `local:
  gen: {cmd: "cat gen/*.txt > out.txt; tail -n 5 out.txt", deps: [gen/]}
  tree: {cmd: "ls tree | wc -l", deps: [tree/]}
  server: {serve: "cat server/*; exec sleep 100000", deps: [server/]}
`;

/** With a pod in the cluster that takes saves in place, where there is a cluster; a git repository of two branches. */
export async function soakProject(): Promise<Project> {
  const many = (text: string) => Object.fromEntries(Array.from({ length: 200 }, (_, i) => [`tree/f${i}`, text]));
  const inCluster = cluster && docker ? await clusterProject('soak') : null;
  const dir = inCluster?.dir ?? tempProject();
  const image = '    live:\n      - sync: {from: ./web/www, to: /www}\n';
  writeFiles(dir, {
    'sluice.yaml': `${inCluster?.config({ image }) ?? ''}${local}`,
    '.gitignore': 'out.txt\ngen/\nserver/\nweb/\nk8s/\n.sluice/\n',
    'gen/a.txt': '0',
    'gen/b.txt': '0',
    'server/page': '0',
    ...many('one'),
  });
  const git = (...args: readonly string[]) =>
    run('git', ['-c', 'user.name=t', '-c', 'user.email=t@t', ...args], { cwd: dir });
  await git('init', '-q', '-b', 'one');
  await git('add', '-A');
  await git('commit', '-qm', 'one');
  await git('checkout', '-qb', 'two');
  writeFiles(dir, many('two'));
  await git('commit', '-qam', 'two');
  return {
    dir,
    args: inCluster?.args ?? [],
    files: ['gen/a.txt', 'gen/b.txt', 'server/page', ...(inCluster ? ['web/www/index.html'] : [])],
    killPods: async () => inCluster && kubectl('-n', inCluster.namespace, 'delete', 'pods', '--all', '--wait=false'),
  };
}

export const checkOut = (dir: string, branch: 'one' | 'two') => run('git', ['checkout', '-q', branch], { cwd: dir });

/** Lines that a client sends before it goes away without a word, in the middle of an answer or before there is one. */
const requests = [
  { id: 1, do: 'status' },
  { id: 2, do: 'status', watch: true },
  { id: 3, do: 'logs', follow: true },
  { id: 4, do: 'wait', fresh: true },
];

/** Clients of the socket, each with another request, gone after its first answer or in 100 ms; and one as people type it. */
export async function clients(socket: string, dir: string, env: Readonly<Record<string, string | undefined>>) {
  const gone = requests.map(
    (request) =>
      new Promise<void>((resolve) => {
        const client = net.connect(socket, () => client.write(`${JSON.stringify(request)}\n`));
        const end = () => client.destroy();
        client.once('data', end).on('error', end).setTimeout(100, end);
        client.once('close', () => resolve());
      }),
  );
  await Promise.all([...gone, sluice(dir, ['status'], { env })]);
}

/** The `count`th save of a session. */
export const save = ({ dir, files }: Project, count: number): void =>
  writeFileSync(join(dir, files[count % files.length] as string), `save ${count}\n`);
