// How a cluster is reached: TLS, agent and login headers. client-node reads certificates and knows OIDC, GCP and Azure
// logins; token files (it reads a wrong key) and exec plugins are our own.
import { X509Certificate } from 'node:crypto';
import http from 'node:http';
import https from 'node:https';
import { createSecureContext } from 'node:tls';
import { KubeConfig } from '@kubernetes/client-node';
import { limits } from '../../../model/limits.ts';
import { failure, plainText } from '../failure.ts';
import type { Way } from '../streams.ts';
import { envProxy } from './env-proxy.ts';
import { execPlugin } from './exec-plugin.ts';
import { isSameCluster, type KubeconfigChoice } from './kubeconfig.ts';
import { tokenFile } from './token-file.ts';

export interface Credentials {
  readonly agent: http.Agent;
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  /** For connections of one's own; null where a proxy stands between, or there is no TLS. */
  readonly way: Way | null;
}

export interface Access {
  /** What the kubeconfig says of this cluster and user, as it was read last. */
  readonly choice: KubeconfigChoice;
  /** Base URL without a slash at its end. */
  readonly server: string;
  credentials(): Promise<Credentials>;
  /** Forgets a login that was refused, and reads the kubeconfig again. True when asking again may bring a better one. */
  renew(): boolean;
  /**
   * Reads the kubeconfig and the files it names again, as when nobody answers there any more: another port, another certificate.
   * Gives the server it leads to now where that is another cluster, which is not ours to follow; null else.
   */
  reread(): string | null;
  /** When the client certificate that was shown last ended, ms since the epoch; null where there is none or it holds. */
  certificateEnd(): number | null;
  /** Ends what is idle, so that the next call connects anew. */
  closeIdle(): void;
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

type Line = Pick<Credentials, 'agent' | 'way'> & { readonly id: string };

/** Certificates and key are read once for all connections: each would else take 4 ms of its own for that. */
function lineTo(server: string, id: string, login: https.AgentOptions): Line {
  const options = { keepAlive: true, keepAliveMsecs: limits.kubeKeepAliveMs, maxFreeSockets: 16 };
  if (server.startsWith('http:')) return { id, agent: new http.Agent(options), way: null };
  const tls = { ...login, secureContext: createSecureContext(login) };
  return { id, agent: new https.Agent({ ...options, ...tls }), way: { server, id, tls } };
}

/** A `proxy-url` of the kubeconfig comes before what the environment says. */
function proxied(choice: KubeconfigChoice, env: NodeJS.ProcessEnv): KubeconfigChoice {
  const { server, 'proxy-url': given } = choice.clusterEntry;
  const proxy = given ?? envProxy(String(server), env);
  return proxy ? { ...choice, clusterEntry: { ...choice.clusterEntry, 'proxy-url': proxy } } : choice;
}

/** All that one reading of the kubeconfig leads to. */
function identity(choice: KubeconfigChoice, env: NodeJS.ProcessEnv, closing: AbortSignal) {
  const { exec, tokenFile: file, token, 'auth-provider': provider } = choice.userEntry;
  return {
    choice,
    server: String(choice.clusterEntry.server).replace(/\/+$/, ''),
    config: clientConfig(choice),
    login: null as Login | null,
    plugin: exec ? execPlugin(exec as Record<string, unknown>, choice.clusterEntry, env, closing) : null,
    tokens: typeof file === 'string' && !token ? tokenFile(file) : null,
    provider,
  };
}

/** The server says no more than Unauthorized; TLS itself lets an ended certificate pass. */
function endOf(cert: https.AgentOptions['cert']): number | null {
  if (typeof cert !== 'string' && !Buffer.isBuffer(cert)) return null;
  try {
    const end = Date.parse(new X509Certificate(cert).validTo);
    return end < Date.now() ? end : null;
  } catch {
    return null;
  }
}

function destroyIdle(agent: http.Agent | null | undefined): void {
  for (const sockets of Object.values(agent?.freeSockets ?? {})) for (const socket of sockets ?? []) socket.destroy();
}

type Identity = ReturnType<typeof identity>;

class KubeAccess implements Access {
  private readonly env: NodeJS.ProcessEnv;
  private readonly read: () => KubeconfigChoice | null;
  private readonly closing = new AbortController();
  private now: Identity;
  private clientCertificate: https.AgentOptions['cert'];
  private line: Line | null = null;

  constructor(given: KubeconfigChoice, env: NodeJS.ProcessEnv, read: () => KubeconfigChoice | null) {
    this.env = env;
    this.read = read;
    this.now = identity(proxied(given, env), env, this.closing.signal);
  }

  get choice() {
    return this.now.choice;
  }

  get server() {
    return this.now.server;
  }

  async credentials(): Promise<Credentials> {
    const one = this.now;
    if (!one.login || one.provider) one.login = await readLogin(one.config, one.choice);
    const { login } = one;
    const fromPlugin = one.plugin ? await one.plugin.get() : null;
    const token = fromPlugin?.token ?? (one.tokens ? await one.tokens.get() : null);
    const headers = token ? { ...login.headers, Authorization: `Bearer ${token}` } : login.headers;
    return { ...this.by(login, fromPlugin?.cert ?? null, fromPlugin?.key ?? null), headers };
  }

  renew(): boolean {
    const before = this.now;
    before.plugin?.forget();
    before.tokens?.forget();
    this.reread();
    const { plugin, provider, tokens, choice } = this.now;
    return this.now !== before || Boolean(plugin || provider || tokens || choice.userEntry['client-certificate']);
  }

  reread(): string | null {
    const fresh = this.read();
    const next = fresh && proxied(fresh, this.env);
    const { choice } = this.now;
    if (next && !isSameCluster(next, choice)) return plainText(String(next.clusterEntry.server));
    if (next && JSON.stringify(next) !== JSON.stringify(choice))
      this.now = identity(next, this.env, this.closing.signal);
    // The files that it names may have been written anew.
    this.now.login = null;
    this.now.config = clientConfig(this.now.choice);
    return null;
  }

  certificateEnd(): number | null {
    return endOf(this.clientCertificate);
  }

  closeIdle(): void {
    destroyIdle(this.line?.agent);
    destroyIdle(this.now.login?.proxy);
  }

  close(): void {
    this.closing.abort();
    this.line?.agent.destroy();
    this.now.login?.proxy?.destroy();
  }

  private by(one: Login, cert: string | null, key: string | null): Pick<Credentials, 'agent' | 'way'> {
    this.clientCertificate = cert ?? one.tls.cert;
    if (one.proxy) return { agent: one.proxy, way: null };
    const { server } = this.now;
    const tls = cert ? { ...one.tls, cert, key: key ?? undefined } : one.tls;
    const id = [server, tls.cert, tls.ca].join('\n');
    if (this.line?.id !== id) {
      const line = lineTo(server, id, tls);
      // Only idle connections go: what still runs with the old certificate may end by itself.
      destroyIdle(this.line?.agent);
      this.line = line;
    }
    return this.line;
  }
}

/**
 * Rejects later, in `credentials`, when certificates or tokens cannot be read (S305). `read` reads the kubeconfig again, null
 * where it cannot be read just now.
 */
export const openAccess = (
  given: KubeconfigChoice,
  env: NodeJS.ProcessEnv,
  read: () => KubeconfigChoice | null = () => given,
): Access => new KubeAccess(given, env, read);
