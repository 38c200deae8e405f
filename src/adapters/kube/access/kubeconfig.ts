// Finds and merges kubeconfig files as kubectl does: the first file that names a thing wins, missing files are skipped.
import { existsSync, readFileSync } from 'node:fs';
import { delimiter, dirname, isAbsolute, join, resolve } from 'node:path';
import { nearest } from '../../../model/text/nearest.ts';
import { failure, plainText } from '../failure.ts';
import { checkUser, clusterOf } from './kubeconfig-checks.ts';
import { contentOf, textOf } from './kubeconfig-text.ts';

type Entry = Record<string, unknown>;

/** One cluster, user and context entry of a kubeconfig, its paths absolute. */
export interface KubeconfigChoice {
  readonly context: string;
  readonly cluster: string;
  readonly namespace: string | null;
  readonly clusterEntry: Entry;
  readonly userEntry: Entry;
}

export interface KubeconfigRequest {
  /** An explicit file, which must exist. */
  readonly kubeconfig?: string;
  readonly context?: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly home: string;
}

interface Merged {
  readonly clusters: Map<string, Entry>;
  readonly users: Map<string, Entry>;
  readonly contexts: Map<string, Entry>;
  current: string;
}

const serviceAccount = '/var/run/secrets/kubernetes.io/serviceaccount';
const pathKeys = ['certificate-authority', 'client-certificate', 'client-key', 'tokenFile'];

const isEntry = (value: unknown): value is Entry =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function absolutePaths(entry: Entry, dir: string): Entry {
  const result = { ...entry };
  for (const key of pathKeys) {
    const path = result[key];
    if (typeof path === 'string' && path !== '' && !isAbsolute(path)) result[key] = join(dir, path);
  }
  if (isEntry(result.exec) && typeof result.exec.command === 'string') {
    const { command } = result.exec;
    // kubectl: a command with a slash is relative to the kubeconfig, one without is looked up in PATH.
    if (/[\\/]/.test(command) && !isAbsolute(command)) result.exec = { ...result.exec, command: join(dir, command) };
  }
  return result;
}

/** False where there is no such file. */
function addFile(merged: Merged, file: string): boolean {
  const text = textOf(file);
  if (text === null) return false;
  const raw = contentOf(text, file);
  if (raw === null || raw === undefined) return true;
  if (!isEntry(raw))
    throw failure(
      'yours',
      'S301',
      `${file} is no kubeconfig: it is no map of keys`,
      'see KUBECONFIG; kubectl config view shows what one looks like',
    );
  const dir = dirname(resolve(file));
  for (const [list, key] of [
    ['clusters', 'cluster'],
    ['users', 'user'],
    ['contexts', 'context'],
  ] as const) {
    const entries = raw[list];
    for (const entry of Array.isArray(entries) ? entries : []) {
      if (!isEntry(entry) || typeof entry.name !== 'string' || merged[list].has(entry.name)) continue;
      merged[list].set(entry.name, absolutePaths(isEntry(entry[key]) ? entry[key] : {}, dir));
    }
  }
  if (merged.current === '' && typeof raw['current-context'] === 'string') merged.current = raw['current-context'];
  return true;
}

/**
 * Once KUBECONFIG is set, the list in it is all there is, even where none of it exists; empty entries say nothing.
 * That is how client-go reads it, and with it kubectl.
 */
function filesOf({ kubeconfig, env, home }: KubeconfigRequest): readonly string[] {
  if (kubeconfig) return [kubeconfig];
  if (!env.KUBECONFIG) return [join(home, '.kube', 'config')];
  return [...new Set(env.KUBECONFIG.split(delimiter).filter((file) => file !== ''))];
}

/** What a pod finds: its own service account. */
function inCluster(env: KubeconfigRequest['env']): KubeconfigChoice | null {
  const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port } = env;
  if (!host || !port || !existsSync(`${serviceAccount}/token`)) return null;
  const server = `https://${host.includes(':') ? `[${host}]` : host}:${port}`;
  const space = `${serviceAccount}/namespace`;
  return {
    context: 'in-cluster',
    cluster: 'in-cluster',
    namespace: existsSync(space) ? readFileSync(space, 'utf8').trim() : null,
    clusterEntry: { server, 'certificate-authority': `${serviceAccount}/ca.crt` },
    userEntry: { tokenFile: `${serviceAccount}/token` },
  };
}

/** What to do where nothing is near. */
const withNone = (known: string, name: string): string =>
  `contexts there: ${known}${name === '' && known !== 'none' ? '; choose one: kubectl config use-context NAME, or --context NAME' : ''}`;

function meant(name: string, known: Iterable<string>, files: readonly string[]): string {
  const near = name === '' ? null : nearest(name, known);
  return near === null ? `mend ${files.join(', ')}` : `did you mean ${plainText(near)}? Mend ${files.join(', ')}`;
}

function choose(merged: Merged, asked: string | undefined, files: readonly string[]): KubeconfigChoice {
  const name = asked || merged.current;
  const context = merged.contexts.get(name);
  const known = [...merged.contexts.keys()].slice(0, 20).map(plainText).join(', ') || 'none';
  if (!context) {
    const what =
      name === ''
        ? `no current context in ${files.join(', ')}`
        : `no context ${plainText(name)} in ${files.join(', ')}`;
    const near = name === '' ? null : nearest(name, merged.contexts.keys());
    throw failure('yours', 'S302', what, near === null ? withNone(known, name) : `did you mean ${plainText(near)}?`);
  }
  const clusterName = typeof context.cluster === 'string' ? context.cluster : '';
  const clusterEntry = merged.clusters.get(clusterName);
  if (!clusterEntry || typeof clusterEntry.server !== 'string') {
    const called = `the context ${plainText(name)}`;
    const what =
      clusterName === ''
        ? `${called} names no cluster`
        : `${called} names the cluster "${plainText(clusterName)}", which ${clusterEntry ? 'has no server' : 'is not there'}`;
    throw failure('yours', 'S301', what, meant(clusterEntry ? '' : clusterName, merged.clusters.keys(), files));
  }
  const usable = clusterOf(clusterName, clusterEntry, files);
  const userName = typeof context.user === 'string' ? context.user : '';
  const userEntry = merged.users.get(userName);
  if (userName !== '' && !userEntry) {
    const what = `the context ${plainText(name)} names the user "${plainText(userName)}", which is not there`;
    throw failure('yours', 'S301', what, meant(userName, merged.users.keys(), files));
  }
  checkUser(userName, userEntry ?? {}, files);
  const namespace = typeof context.namespace === 'string' && context.namespace !== '' ? context.namespace : null;
  return { context: name, cluster: clusterName, namespace, clusterEntry: usable, userEntry: userEntry ?? {} };
}

/**
 * A cluster that comes back at another address has the authority of before; one that was made anew under the same name has
 * another, and what was known of the old one does not hold there.
 */
export function isSameCluster(one: KubeconfigChoice, other: KubeconfigChoice): boolean {
  const [a, b] = [one.clusterEntry, other.clusterEntry];
  const authority = (entry: Entry): string =>
    String(entry['certificate-authority-data'] ?? entry['certificate-authority'] ?? '');
  return authority(a) === authority(b) && (a.server === b.server || authority(a) !== '');
}

/** The cluster, user and namespace to use. Rejects with S300 (none), S301 (broken) or S302 (context not there). */
export function readKubeconfig(request: KubeconfigRequest): KubeconfigChoice {
  const merged: Merged = { clusters: new Map(), users: new Map(), contexts: new Map(), current: '' };
  const files = filesOf(request).filter((file) => addFile(merged, file));
  if (files.length > 0) return choose(merged, request.context, files);
  const { kubeconfig, env } = request;
  if (kubeconfig) throw failure('unavailable', 'S300', `no kubeconfig at ${kubeconfig}`, 'check the path');
  const inside = inCluster(env);
  if (inside) return inside;
  const where = env.KUBECONFIG ? `no file of KUBECONFIG=${env.KUBECONFIG} exists` : 'no ~/.kube/config';
  const hint = 'start a local cluster (kind, minikube, k3d …) or set KUBECONFIG';
  throw failure('unavailable', 'S300', `no kubeconfig: ${where}`, hint);
}
