// Calls to one registry: by TLS or, where Docker does so too, without; with a login or a token once it asks for one.
import http from 'node:http';
import https from 'node:https';
import { isIPv6, type LookupFunction } from 'node:net';
import { isPrivate } from '../../model/hosts/private-host.ts';
import { limits } from '../../model/limits.ts';
import type { RegistryAuth } from './config-file.ts';
import type { Credentials } from './credentials.ts';
import { basicOf, tokenFor } from './token.ts';

export interface Request {
  readonly method: string;
  /** Below `/v2/`, or an absolute URL that the registry has named. */
  readonly path: string | URL;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Buffer;
  /** Bytes of the answer that are read; a longer one rejects. */
  readonly most?: number;
}

export interface Answer {
  /** Where it came from: what it names is relative to it. */
  readonly url: URL;
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly body: Buffer;
}

/**
 * `schemes`: in their order, the next one where nobody answers. `localhost`: the address that this name stands for. `isVerified`: by
 * its certificate, also where NODE_TLS_REJECT_UNAUTHORIZED lets any pass.
 */
export interface Reach {
  readonly schemes: readonly ('http' | 'https')[];
  readonly localhost?: string;
  readonly isVerified?: boolean;
}

/** As Docker: plain HTTP first of this machine, and of names that are of no public network where TLS is not spoken. */
export const usualReach = (host: string): Reach => ({
  schemes: isHere(host) ? ['http', 'https'] : isPrivate(host) ? ['https', 'http'] : ['https'],
});

export class Connection {
  private readonly host: string;
  private readonly credentials: Credentials;
  private readonly reach: Reach;
  private readonly agents: Readonly<Record<'http:' | 'https:', http.Agent>>;
  private origin: URL | null = null;
  private auth: Promise<RegistryAuth | null> | null = null;
  private authorization: string | null = null;

  constructor(host: string, credentials: Credentials, reach: Reach = usualReach(host)) {
    this.host = host;
    this.credentials = credentials;
    this.reach = reach;
    const options = {
      keepAlive: true,
      ...(reach.localhost === undefined ? {} : { lookup: leadingTo(reach.localhost) }),
    };
    const verified = reach.isVerified ? { rejectUnauthorized: true } : {};
    this.agents = { 'http:': new http.Agent(options), 'https:': new https.Agent({ ...options, ...verified }) };
  }

  /** Rejects where nobody answers, or more than was asked for. Whatever the status is, is an answer. */
  async call(request: Request, stop: AbortSignal): Promise<Answer> {
    const used = this.authorization;
    const first = await this.tried(request, stop);
    if (first.status !== 401 || !this.isOurs(first.url)) return first;
    const given = await this.granted(first, stop);
    if (given === null || given === used) return first;
    this.authorization = given;
    return this.sent(first.url, request, stop);
  }

  close(): void {
    for (const agent of Object.values(this.agents)) agent.destroy();
  }

  private async tried(request: Request, stop: AbortSignal): Promise<Answer> {
    if (request.path instanceof URL) return this.sent(request.path, request, stop);
    const server = this.host === 'docker.io' ? 'registry-1.docker.io' : this.host;
    const origins = this.origin
      ? [this.origin]
      : this.reach.schemes.map((scheme) => new URL(`${scheme}://${server}/v2/`));
    let failure: unknown;
    for (const origin of origins)
      try {
        const answer = await this.sent(new URL(request.path, origin), request, stop);
        this.origin = origin;
        return answer;
      } catch (error) {
        stop.throwIfAborted();
        // Of the two the first is what is meant.
        failure ??= error;
      }
    throw failure;
  }

  private isOurs(url: URL): boolean {
    return this.origin !== null && url.origin === this.origin.origin;
  }

  /** What it asks for, null where there is none to be had. */
  private async granted({ headers, url }: Answer, stop: AbortSignal): Promise<string | null> {
    const challenge = headers['www-authenticate'] ?? '';
    this.auth ??= this.credentials.of(this.host);
    const auth = await this.auth;
    if (/^bearer /i.test(challenge)) {
      const token = await tokenFor(challenge, url, auth, stop);
      return token && `Bearer ${token}`;
    }
    // A login goes in the clear to this machine alone.
    return url.protocol === 'https:' || isHere(this.host) ? basicOf(auth) : null;
  }

  private sent(url: URL, { method, headers, body, most }: Request, signal: AbortSignal): Promise<Answer> {
    const isPlain = url.protocol === 'http:';
    if (!isPlain && url.protocol !== 'https:')
      throw new Error(`the registry names ${url.protocol}//, which is not followed`);
    if (isPlain && this.origin?.protocol === 'https:') throw new Error('the registry leads from TLS to plain HTTP');
    const authorization = this.isOurs(url) ? this.authorization : null;
    const all = {
      ...headers,
      ...(body ? { 'content-length': String(body.length) } : {}),
      ...(authorization ? { authorization } : {}),
    };
    const { request } = isPlain ? http : https;
    const agent = this.agents[isPlain ? 'http:' : 'https:'];
    return new Promise((resolve, reject) => {
      const call = request(url, { method, headers: all, signal, agent }, (answer) => {
        bodyOf(answer, most ?? limits.registryAnswerBytes).then(
          (content) => resolve({ url, status: answer.statusCode ?? 0, headers: answer.headers, body: content }),
          reject,
        );
      });
      call.on('error', reject);
      call.end(body);
    });
  }
}

const leadingTo =
  (address: string): LookupFunction =>
  (_, { all }, answer) => {
    const family = isIPv6(address) ? 6 : 4;
    if (all) answer(null, [{ address, family }]);
    else answer(null, address, family);
  };

async function bodyOf(answer: http.IncomingMessage, most: number): Promise<Buffer> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of answer) {
    size += part.length;
    if (size > most) throw new Error(`the registry sends more than the ${most} bytes that were to come`);
    parts.push(part);
  }
  return Buffer.concat(parts);
}

export const isHere = (host: string): boolean => /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])(:\d+)?$/.test(host);
