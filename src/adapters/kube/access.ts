// How a cluster is reached: TLS, agent and login headers. client-node reads certificates and knows OIDC, GCP and Azure
// logins; token files (it reads a wrong key) and exec plugins are our own.
import { readFile } from 'node:fs/promises';
import http from 'node:http';
import https from 'node:https';
import { KubeConfig } from '@kubernetes/client-node';
import { limits } from '../../model/limits.ts';
import { envProxy } from './env-proxy.ts';
import { execPlugin } from './exec-plugin.ts';
import { failure, plainText } from './failure.ts';
import type { KubeconfigChoice } from './kubeconfig.ts';

export interface Credentials {
  readonly agent: http.Agent;
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
}

export interface Access {
  /** Base URL without a slash at its end. */
  readonly server: string;
  credentials(): Promise<Credentials>;
  /** Forgets a login that was refused. True when asking again may bring a better one. */
  renew(): boolean;
  close(): void;
}

interface Login {
  readonly tls: https.AgentOptions;
  readonly headers: Record<string, string | readonly string[]>;
  /** client-node's agent for a `proxy-url`. */
  readonly proxy: http.Agent | null;
}

/** kubectl prefers inline data to files; client-node the other way round. */
function withoutShadowedFiles(entry: Record<string, unknown>): Record<string, unknown> {
  const result = { ...entry };
  for (const key of ['certificate-authority', 'client-certificate', 'client-key']) {
    if (result[`${key}-data`]) delete result[key];
  }
  return result;
}

function clientConfig({ clusterEntry, userEntry }: KubeconfigChoice): KubeConfig {
  const { exec: _exec, tokenFile: _file, ...user } = withoutShadowedFiles(userEntry);
  const cluster = withoutShadowedFiles(clusterEntry);
  // client-node refuses plain http unless told so; kubectl does not.
  if (String(cluster.server).startsWith('http:')) cluster['insecure-skip-tls-verify'] = true;
  const config = new KubeConfig();
  config.loadFromString(
    JSON.stringify({
      clusters: [{ name: 'cluster', cluster }],
      users: [{ name: 'user', user }],
      contexts: [{ name: 'context', context: { cluster: 'cluster', user: 'user' } }],
      'current-context': 'context',
    }),
  );
  return config;
}

function impersonation(user: Record<string, unknown>): Record<string, string | readonly string[]> {
  const groups = Array.isArray(user['as-groups']) ? user['as-groups'].map(String) : [];
  return groups.length > 0 ? { 'Impersonate-Group': groups } : {};
}

async function readLogin(config: KubeConfig, choice: KubeconfigChoice): Promise<Login> {
  const options: https.RequestOptions & https.AgentOptions = {};
  try {
    await config.applyToHTTPSOptions(options);
  } catch (error) {
    throw failure(
      'unavailable',
      'S305',
      `login of context ${choice.context}: ${plainText(String(error))}`,
      'log in again',
    );
  }
  const { ca, cert, key, servername, rejectUnauthorized, auth } = options;
  const headers: Record<string, string | readonly string[]> = impersonation(choice.userEntry);
  for (const [name, value] of Object.entries(options.headers ?? {}))
    if (value !== undefined) headers[name] = String(value);
  if (auth) headers.Authorization = `Basic ${Buffer.from(auth).toString('base64')}`;
  const tls = { ca, cert, key, servername, rejectUnauthorized };
  return { tls, headers, proxy: choice.clusterEntry['proxy-url'] ? (options.agent as http.Agent) : null };
}

/** Tokens that the kubelet or another program rotates on disk. */
function tokenFile(path: string) {
  let token = '';
  let readAt = 0;
  return async (): Promise<string> => {
    if (Date.now() - readAt < limits.kubeTokenFileMs) return token;
    try {
      token = (await readFile(path, 'utf8')).trim();
    } catch (error) {
      throw failure(
        'unavailable',
        'S305',
        `token file ${path}: ${plainText((error as Error).message)}`,
        'check tokenFile in the kubeconfig',
      );
    }
    readAt = Date.now();
    return token;
  };
}

function newAgent(server: string, tls: https.AgentOptions): http.Agent {
  const options = { keepAlive: true, keepAliveMsecs: 30_000, maxFreeSockets: 16 };
  return server.startsWith('http:') ? new http.Agent(options) : new https.Agent({ ...options, ...tls });
}

/** A `proxy-url` of the kubeconfig comes before what the environment says. */
function proxied(choice: KubeconfigChoice, env: NodeJS.ProcessEnv): KubeconfigChoice {
  const { server, 'proxy-url': given } = choice.clusterEntry;
  const proxy = given ?? envProxy(String(server), env);
  return proxy ? { ...choice, clusterEntry: { ...choice.clusterEntry, 'proxy-url': proxy } } : choice;
}

/** Rejects later, in `credentials`, when certificates or tokens cannot be read (S305). */
export function openAccess(given: KubeconfigChoice, env: NodeJS.ProcessEnv): Access {
  const choice = proxied(given, env);
  const server = String(choice.clusterEntry.server).replace(/\/+$/, '');
  const closing = new AbortController();
  const { exec, tokenFile: file, 'auth-provider': provider } = choice.userEntry;
  const plugin = exec ? execPlugin(exec as Record<string, unknown>, choice.clusterEntry, env, closing.signal) : null;
  const readToken = typeof file === 'string' && !choice.userEntry.token ? tokenFile(file) : null;
  let config = clientConfig(choice);
  let login: Login | null = null;
  let agent: { readonly key: string; readonly agent: http.Agent } | null = null;

  const agentFor = (one: Login, cert: string | null, key: string | null): http.Agent => {
    if (one.proxy) return one.proxy;
    const id = `${cert ?? one.tls.cert}`;
    if (agent?.key !== id) {
      // Only idle connections go: what still runs with the old certificate may end by itself.
      if (agent)
        for (const sockets of Object.values(agent.agent.freeSockets))
          for (const socket of sockets ?? []) socket.destroy();
      agent = { key: id, agent: newAgent(server, cert ? { ...one.tls, cert, key: key ?? undefined } : one.tls) };
    }
    return agent.agent;
  };

  return {
    server,
    async credentials() {
      if (!login || provider) login = await readLogin(config, choice);
      const fromPlugin = plugin ? await plugin.get() : null;
      const token = fromPlugin?.token ?? (readToken ? await readToken() : null);
      const headers = token ? { ...login.headers, Authorization: `Bearer ${token}` } : login.headers;
      return { agent: agentFor(login, fromPlugin?.cert ?? null, fromPlugin?.key ?? null), headers };
    },
    renew() {
      plugin?.forget();
      login = null;
      config = clientConfig(choice);
      return Boolean(plugin || provider || readToken || choice.userEntry['client-certificate']);
    },
    close() {
      closing.abort();
      agent?.agent.destroy();
      login?.proxy?.destroy();
    },
  };
}
