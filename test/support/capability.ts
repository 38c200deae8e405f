// What this machine offers to tests that need the real thing, asked once per test file. Where CI=true nothing may be missing.
import { execFileSync } from 'node:child_process';
import http from 'node:http';
import https from 'node:https';
import { apiServer } from './cluster/api-server.ts';

export { kubeconfig } from './cluster/api-server.ts';

const PROBE_MS = 3_000;

function answers(options: https.RequestOptions, get: typeof https.get): Promise<string | null> {
  return new Promise((resolve) => {
    const request = get({ ...options, agent: false, timeout: PROBE_MS }, (response) => {
      response.resume();
      resolve(response.statusCode === 200 ? null : `HTTP ${response.statusCode}`);
    });
    request.on('timeout', () => request.destroy(new Error(`no answer in ${PROBE_MS} ms`)));
    request.on('error', (error) => resolve(error.message));
  });
}

/** The Docker under test: DOCKER_HOST chooses among several. */
export const dockerHost = process.env.DOCKER_HOST || 'unix:///var/run/docker.sock';

async function dockerProblem(): Promise<string | null> {
  const url = new URL(dockerHost);
  const where =
    url.protocol === 'unix:' ? { socketPath: url.pathname } : { host: url.hostname, port: url.port || 2375 };
  const problem = await answers({ ...where, path: '/_ping' }, http.get);
  return problem === null ? null : `no Docker at ${dockerHost}: ${problem}`;
}

async function clusterProblem(): Promise<string | null> {
  try {
    const { url, options } = apiServer();
    const problem = await answers({ ...options, path: '/readyz' }, https.get);
    return problem === null ? null : `no test cluster at ${url}: ${problem}`;
  } catch (error) {
    return `no test cluster: ${(error as Error).message}`;
  }
}

function tmuxProblem(): string | null {
  try {
    execFileSync('tmux', ['-V'], { stdio: 'ignore' });
    return null;
  } catch (error) {
    return `no tmux: ${(error as Error).message}`;
  }
}

const noTmux = tmuxProblem();
const [noDocker, noCluster] = await Promise.all([dockerProblem(), clusterProblem()]);

/** A test that touches Docker imports this: by it the runs against other Dockers find it. */
export const docker = noDocker === null;
export const cluster = noCluster === null;
/** A terminal to test the full screen in. */
export const tmux = noTmux === null;

/** Why something is left out here; empty when everything is there. */
export const why: readonly string[] = [noDocker, noCluster, noTmux].filter((problem) => problem !== null);

if (process.env.CI === 'true' && why.length > 0)
  throw new Error(`with CI=true nothing may be left out: ${why.join('; ')}`);
