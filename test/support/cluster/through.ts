// The test cluster by another way: a link before its API server, and a kubeconfig that leads through it.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { kubeconfig } from '../capability.ts';
import { type Link, link } from '../servers/link.ts';
import { tempProject } from '../temp.ts';

export interface ClusterLink extends Link {
  /** Path of the kubeconfig that leads through it; its certificates are those of the cluster. */
  readonly kubeconfig: string;
}

/** Inside a test only. */
export async function clusterLink(): Promise<ClusterLink> {
  const config = parse(readFileSync(kubeconfig, 'utf8'));
  const [{ cluster }] = config.clusters;
  const { hostname, port } = new URL(cluster.server);
  const made = await link({ to: { host: hostname, port: Number(port) } });
  cluster.server = `https://127.0.0.1:${made.port}`;
  const dir = tempProject({ kubeconfig: JSON.stringify(config) });
  return Object.defineProperties(
    { kubeconfig: join(dir, 'kubeconfig') } as ClusterLink,
    Object.getOwnPropertyDescriptors(made),
  );
}
