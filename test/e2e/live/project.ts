// Projects whose saves reach running containers, and what those containers hold, seen through kubectl.
import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { kubectl } from '../../support/cluster/cluster.ts';
import { eventually } from '../../support/facts.ts';
import { writeFiles } from '../../support/temp.ts';
import { type ClusterProject, clusterProject, workload } from '../cluster/project.ts';

const run = promisify(execFile);

/** `rules` follow the sync rule; `spec` is indented by 10 below the container. */
export async function liveProject(
  story: string,
  { rules = '', replicas = 1, spec = '' }: { rules?: string; replicas?: number; spec?: string } = {},
): Promise<ClusterProject> {
  const image = `    live:\n      - sync: {from: ./web/www, to: /www}\n${rules}`;
  const project = await clusterProject(story, { image });
  const manifest = workload('web', project.image, spec).replace('spec:\n', `spec:\n  replicas: ${replicas}\n`);
  writeFiles(project.dir, { 'k8s/web.yaml': manifest });
  return project;
}

/** Names of the pods of `web` that are there to stay. */
export async function podsOf(namespace: string): Promise<readonly string[]> {
  const { items } = JSON.parse(await kubectl('-n', namespace, 'get', 'pods', '-l', 'app=web', '-o', 'json'));
  const kept = items.filter(
    ({ metadata }: { metadata: { deletionTimestamp?: string } }) => !metadata.deletionTimestamp,
  );
  return kept.map(({ metadata }: { metadata: { name: string } }) => metadata.name).sort();
}

export const fileIn = (namespace: string, pod: string, path: string): Promise<string> =>
  kubectl('-n', namespace, 'exec', pod, '--', 'cat', path);

/** Waits until every pod of `web`, `count` of them, holds `text` in the file. Gives their names. */
export const allHold = (namespace: string, count: number, path: string, text: string): Promise<readonly string[]> =>
  eventually(async () => {
    const pods = await podsOf(namespace);
    if (pods.length !== count) throw new Error(`pods: ${pods.join(', ')}`);
    for (const pod of pods) {
      const found = await fileIn(namespace, pod, path);
      if (found !== text) throw new Error(`${pod} holds ${found.slice(0, 200)}`);
    }
    return pods;
  }, `${count} pods hold "${text}" in ${path}`);

/** Processes of the only container of a pod, seen from its node, which is this machine. */
async function processesOf(namespace: string, pod: string): Promise<readonly number[]> {
  const path = 'jsonpath={.status.containerStatuses[0].containerID}';
  const id = (await kubectl('-n', namespace, 'get', 'pod', pod, '-o', path)).replace('containerd://', '');
  const isInside = (pid: string) => {
    try {
      return readFileSync(`/proc/${pid}/cgroup`, 'utf8').includes(id);
    } catch {
      return false; // gone meanwhile
    }
  };
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && isInside(name))
    .map(Number);
}

/** Where the node sees the files of the container: looked at there, the looking costs no time in the container. */
export async function rootOf(namespace: string, pod: string): Promise<string> {
  const [pid] = await processesOf(namespace, pod);
  return `/proc/${pid}/root`;
}

/** Kills all that runs in the container of a pod. */
export async function killContainer(namespace: string, pod: string): Promise<void> {
  for (const pid of await processesOf(namespace, pod)) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // gone meanwhile
    }
  }
}

export async function dockerRun(image: string, script: string): Promise<string> {
  const { stdout } = await run('docker', ['run', '--rm', image, 'sh', '-c', script], { maxBuffer: 64 * 1024 * 1024 });
  return stdout;
}
