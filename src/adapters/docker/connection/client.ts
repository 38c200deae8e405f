// dockerode bound to one endpoint, and raw calls for what dockerode cannot do: hijacked sessions, builds, cancels.
import http from 'node:http';
import https from 'node:https';
import type { Duplex, Readable } from 'node:stream';
import Docker from 'dockerode';
import { ProblemError } from '../../../model/problems/problem.ts';
import type { Env } from '../../registry/config-file.ts';
import type { Endpoint, Tls } from './endpoint.ts';
import { SshAgent } from './ssh-agent.ts';

export interface Client {
  readonly docker: Docker;
  readonly endpoint: Endpoint;
  /** Aborted by `close`: what reconnects by itself or left the agent's hands ends with it. */
  readonly closed: AbortSignal;
  /** Nobody answers any more: whatever is open breaks. */
  giveUp(): void;
  close(): void;
}

export interface RawCall {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly query?: Readonly<Record<string, unknown>>;
  readonly headers?: Readonly<Record<string, string | string[]>>;
  readonly body?: Readable;
  readonly registryconfig?: object;
  readonly stop: AbortSignal;
}

/** Opens nothing yet. No keep-alive: it gains nothing on a socket, and a kept connection fails once after a daemon's restart.
 *  Everything docker-modem would read from the environment is given, so that it cannot disagree. */
export function createClient(endpoint: Endpoint, env: Env): Client {
  const { address } = endpoint;
  const fixed = {
    ...pinnedVersion(env),
    timeout: undefined,
    pathPrefix: '/',
    ca: undefined,
    cert: undefined,
    key: undefined,
    port: undefined,
    host: undefined,
  };
  if (address.by === 'socket')
    return bind(endpoint, { ...fixed, socketPath: address.path, protocol: 'http' }, new http.Agent(nameless));
  if (address.by === 'ssh') {
    const agent = new SshAgent(address.destination, address.port, env);
    return bind(endpoint, { ...fixed, host: 'docker', port: 80, protocol: 'http' }, agent);
  }
  const protocol = address.tls ? 'https' : 'http';
  const agent = address.tls ? new https.Agent(tlsOptions(address.tls)) : new http.Agent();
  const host = address.host.replace(/^\[|\]$/g, '');
  return bind(
    endpoint,
    {
      ...fixed,
      host: host.includes(':') ? `[${host}]` : host,
      port: address.port,
      pathPrefix: address.path || '/',
      protocol,
    },
    agent,
  );
}

/** Only TLS names its server. Node looks whether a name not given is an address: the first look compiles an expression, for 5 ms. */
const nameless = { servername: '' } as http.AgentOptions;

/** Every path below `/v1.44`, as the CLI asks where DOCKER_API_VERSION is set; the daemon refuses what it does not speak. */
function pinnedVersion({ DOCKER_API_VERSION: version }: Env): { readonly version?: string } {
  if (!version) return {};
  if (/^v?\d{1,2}\.\d{1,3}$/.test(version)) return { version: `v${version.replace(/^v/, '')}` };
  throw new ProblemError({
    kind: 'yours',
    code: 'S202',
    what: `DOCKER_API_VERSION is no version of the API: ${JSON.stringify(version.slice(0, 40))}`,
    hint: 'set it to one like 1.44, or unset it',
  });
}

// docker-modem hands no rejectUnauthorized on: a context with SkipTLSVerify needs an agent of ours.
const tlsOptions = ({ ca, cert, key, verify }: Tls) => ({ ca, cert, key, rejectUnauthorized: verify });

function bind(endpoint: Endpoint, options: object, agent: http.Agent): Client {
  const open = new Set<Duplex>();
  const docker = new Docker({ ...options, agent: heedful(agent, open) } as Docker.DockerOptions);
  const life = new AbortController();
  const giveUp = () => {
    for (const connection of open) connection.destroy();
  };
  const close = () => {
    life.abort();
    agent.destroy();
  };
  return { docker, endpoint, closed: life.signal, giveUp, close };
}

interface Adding {
  addRequest(request: http.ClientRequest, ...rest: readonly unknown[]): void;
}

/**
 * docker-modem waits for the end of an answer alone: one that is cut off has none, and its call would never come back. `open`
 * holds the connections that are, hijacked ones as well, which an agent forgets.
 */
function heedful(agent: http.Agent, open: Set<Duplex>): http.Agent {
  const adding = agent as unknown as Adding;
  const { addRequest } = adding;
  adding.addRequest = (request, ...rest) => {
    let answer: http.IncomingMessage | null = null;
    request.once('socket', (socket) => {
      open.add(socket);
      socket.once('close', () => open.delete(socket));
    });
    request.once('response', (response) => {
      answer = response;
    });
    request.once('close', () => {
      if (!answer?.complete) request.emit('error', Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' }));
    });
    addRequest.call(agent, request, ...rest);
  };
  return agent;
}

/** A small JSON answer; for calls whose dockerode method takes no AbortSignal. */
export const getJson = <T>(client: Client, path: string, stop: AbortSignal): Promise<T> =>
  dial(client, { method: 'GET', path, stop }, 'json') as Promise<T>;

/** The response as a stream once its status is 200; rejects with dockerode's error otherwise. */
export const openStream = (client: Client, call: RawCall): Promise<Readable> =>
  dial(client, call, 'stream') as Promise<Readable>;

/** The raw connection after `101 Switching Protocols`. */
export const hijack = (client: Client, call: RawCall): Promise<Duplex> =>
  dial(client, call, 'hijack') as Promise<Duplex>;

/** The connection that BuildKit calls back over. Rejects with what dockerode rejects with: 404 where the daemon has no BuildKit. */
export const hijackedSession = (
  client: Client,
  metadata: Readonly<Record<string, string | string[]>>,
  stop: AbortSignal,
): Promise<Duplex> =>
  hijack(client, { method: 'POST', path: '/session', headers: { Upgrade: 'h2c', ...metadata }, stop });

function dial(client: Client, call: RawCall, answer: 'json' | 'stream' | 'hijack'): Promise<unknown> {
  return new Promise((resolve, reject) => {
    client.docker.modem.dial(
      {
        path: call.query ? `${call.path}?` : call.path,
        method: call.method,
        options: call.query,
        headers: call.headers ? { ...call.headers } : undefined,
        file: call.body,
        registryconfig: call.registryconfig,
        isStream: answer !== 'json',
        hijack: answer === 'hijack',
        abortSignal: call.stop,
        statusCodes: { 200: true, 204: true },
      },
      (error, result) => (error ? reject(error) : resolve(result)),
    );
  });
}
