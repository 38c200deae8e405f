// Login plugins of a kubeconfig (aws, gke-gcloud-auth-plugin, kubelogin …): run once at a time, shared, renewed early.
// client-node's own runner spawns one process per parallel call and never sets KUBERNETES_EXEC_INFO.
import { execFile } from 'node:child_process';
import { limits } from '../../../model/limits.ts';
import { failure, plainText } from '../failure.ts';

export interface PluginCredential {
  readonly token: string | null;
  /** PEM texts. */
  readonly cert: string | null;
  readonly key: string | null;
  /** ms since the epoch; Infinity when it does not end. */
  readonly endsAt: number;
}

interface PluginSpec {
  readonly apiVersion: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly installHint: string;
  readonly provideClusterInfo: boolean;
}

type Entry = Record<string, unknown>;
const entry = (value: unknown): Entry => (typeof value === 'object' && value !== null ? (value as Entry) : {});
const text = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null);

function readSpec(raw: Entry): PluginSpec {
  const command = text(raw.command);
  if (!command) throw failure('yours', 'S301', 'exec login in the kubeconfig has no command', 'mend the user entry');
  const env: Record<string, string> = {};
  for (const one of Array.isArray(raw.env) ? raw.env.map(entry) : []) {
    if (text(one.name)) env[String(one.name)] = String(one.value ?? '');
  }
  return {
    apiVersion: text(raw.apiVersion) ?? 'client.authentication.k8s.io/v1',
    command,
    args: Array.isArray(raw.args) ? raw.args.map(String) : [],
    env,
    installHint: plainText(text(raw.installHint) ?? ''),
    provideClusterInfo: raw.provideClusterInfo === true,
  };
}

function clusterInfo(cluster: Entry): Entry {
  const {
    server,
    'certificate-authority-data': ca,
    'tls-server-name': name,
    'insecure-skip-tls-verify': skip,
  } = cluster;
  return { server, 'certificate-authority-data': ca, 'tls-server-name': name, 'insecure-skip-tls-verify': skip };
}

function readCredential(output: string, command: string): PluginCredential {
  let status: Entry;
  try {
    status = entry(entry(JSON.parse(output)).status);
  } catch {
    throw failure(
      'unavailable',
      'S305',
      `login plugin ${command} did not print an ExecCredential`,
      'run it by hand to see',
    );
  }
  const endsAt = Date.parse(String(status.expirationTimestamp ?? ''));
  return {
    token: text(status.token)?.trim() ?? null,
    cert: text(status.clientCertificateData),
    key: text(status.clientKeyData),
    endsAt: Number.isNaN(endsAt) ? Number.POSITIVE_INFINITY : endsAt,
  };
}

function runPlugin(
  spec: PluginSpec,
  cluster: Entry,
  env: NodeJS.ProcessEnv,
  stop: AbortSignal,
): Promise<PluginCredential> {
  const info = {
    apiVersion: spec.apiVersion,
    kind: 'ExecCredential',
    spec: { interactive: false, ...(spec.provideClusterInfo ? { cluster: clusterInfo(cluster) } : {}) },
  };
  const options = {
    env: { ...env, ...spec.env, KUBERNETES_EXEC_INFO: JSON.stringify(info) },
    timeout: limits.kubeLoginMs,
    killSignal: 'SIGKILL' as const,
    maxBuffer: 1024 * 1024,
    signal: stop,
  };
  return new Promise((resolve, reject) => {
    const child = execFile(spec.command, spec.args, options, (error, stdout, stderr) => {
      if (!error) {
        try {
          return resolve(readCredential(stdout, spec.command));
        } catch (broken) {
          return reject(broken);
        }
      }
      const missing = error.code === 'ENOENT';
      const said = plainText(stderr).slice(-500) || plainText(error.message);
      const what = missing
        ? `login plugin ${spec.command} is not installed`
        : `login plugin ${spec.command} failed: ${said}`;
      reject(failure('unavailable', 'S305', what, spec.installHint || 'run it by hand, or log in again'));
    });
    child.stdin?.on('error', () => {}).end();
  });
}

/** `get` runs the plugin when there is no credential or it ends within `limits.kubeTokenEarlyMs`; parallel calls share one run. */
export function execPlugin(raw: Entry, cluster: Entry, env: NodeJS.ProcessEnv, stop: AbortSignal) {
  const spec = readSpec(raw);
  let credential: PluginCredential | null = null;
  let running: Promise<PluginCredential> | null = null;
  let forgottenAt = Number.NEGATIVE_INFINITY;
  return {
    async get(): Promise<PluginCredential> {
      if (credential && credential.endsAt - limits.kubeTokenEarlyMs > Date.now()) return credential;
      running ??= runPlugin(spec, cluster, env, stop).finally(() => {
        running = null;
      });
      credential = await running;
      return credential;
    },
    /** Of a credential that was refused; not again at once, or each refused call would run the plugin. */
    forget(): void {
      if (performance.now() - forgottenAt < limits.kubeLoginAgainMs) return;
      forgottenAt = performance.now();
      credential = null;
    },
  };
}
