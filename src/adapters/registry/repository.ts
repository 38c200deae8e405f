// One repository by the distribution protocol: manifests and blobs, fetched and sent, each compared with its digest.
import { createHash } from 'node:crypto';
import { limits } from '../../model/limits.ts';
import type { Manifest, Repository } from '../../model/ports/registry.ts';
import { isAbort, isProblemError, ProblemError } from '../../model/problems/problem.ts';
import type { Answer, Connection, Request } from './connection.ts';
import type { Credentials } from './credentials.ts';
import { registryProblem } from './registry-failure.ts';

export const accepted = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.oci.image.manifest.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
  'application/vnd.docker.distribution.manifest.v2+json',
].join(', ');

const digestOf = (content: Buffer): string => `sha256:${createHash('sha256').update(content).digest('hex')}`;

/** `ref`: as people call it; `name`: as its registry does. */
export const repositoryAt = (ref: string, name: string, connection: Connection, credentials: Credentials): Repository =>
  new Opened(ref, name, connection, credentials);

class Opened implements Repository {
  readonly digestOf = digestOf;
  private readonly ref: string;
  private readonly name: string;
  private readonly connection: Connection;
  private readonly credentials: Credentials;

  constructor(ref: string, name: string, connection: Connection, credentials: Credentials) {
    this.ref = ref;
    this.name = name;
    this.connection = connection;
    this.credentials = credentials;
  }

  close(): void {
    this.connection.close();
  }

  async manifest(reference: string, stop: AbortSignal): Promise<Manifest | null> {
    const path = `${this.name}/manifests/${reference}`;
    const doing = `reading ${this.ref}`;
    const answer = await this.asked(doing, { method: 'GET', path, headers: { accept: accepted } }, stop);
    if (answer.status === 404) return null;
    this.expect(doing, answer, 200);
    const digest = digestOf(answer.body);
    if (reference.startsWith('sha256:') && reference !== digest)
      throw this.wrong(doing, `${reference} is not what came`);
    return { digest, mediaType: (answer.headers['content-type'] ?? '').split(';')[0]!.trim(), content: answer.body };
  }

  async blob(digest: string, most: number, stop: AbortSignal): Promise<Buffer | null> {
    const doing = `reading ${this.ref}`;
    const request = { method: 'GET', path: this.blobPath(digest), most };
    const answer = await this.followed(doing, await this.asked(doing, request, stop), request, stop);
    if (answer.status === 404) return null;
    this.expect(doing, answer, 200);
    if (digestOf(answer.body) !== digest) throw this.wrong(doing, `${digest} is not what came`);
    return answer.body;
  }

  async hasBlob(digest: string, stop: AbortSignal): Promise<boolean> {
    const doing = `reading ${this.ref}`;
    const request = { method: 'HEAD', path: this.blobPath(digest) };
    const answer = await this.followed(doing, await this.asked(doing, request, stop), request, stop);
    if (answer.status !== 404) this.expect(doing, answer, 200);
    return answer.status === 200;
  }

  async putBlob(content: Buffer, stop: AbortSignal): Promise<string> {
    const doing = `pushing ${this.ref}`;
    const digest = digestOf(content);
    if (await this.hasBlob(digest, stop)) return digest;
    const begun = await this.asked(doing, { method: 'POST', path: `${this.name}/blobs/uploads/` }, stop);
    this.expect(doing, begun, 202);
    const to = locationOf(begun);
    if (to === null) throw this.wrong(doing, 'the registry does not say where a layer goes');
    to.searchParams.set('digest', digest);
    const headers = { 'content-type': 'application/octet-stream' };
    this.expect(doing, await this.asked(doing, { method: 'PUT', path: to, headers, body: content }, stop), 201);
    return digest;
  }

  async putManifest(
    reference: string,
    { mediaType, content }: Pick<Manifest, 'mediaType' | 'content'>,
    stop: AbortSignal,
  ): Promise<string> {
    const doing = `pushing ${this.ref}:${reference}`;
    const path = `${this.name}/manifests/${reference}`;
    const headers = { 'content-type': mediaType };
    const answer = await this.asked(doing, { method: 'PUT', path, headers, body: content }, stop);
    this.expect(doing, answer, 201);
    const [digest, taken] = [digestOf(content), answer.headers['docker-content-digest']];
    if (taken !== undefined && taken !== digest) throw this.wrong(doing, `the registry took it for ${String(taken)}`);
    return digest;
  }

  private readonly blobPath = (digest: string): string => `${this.name}/blobs/${digest}`;

  /** To where the registry keeps what it has: another server, as a rule, which no login of ours concerns. */
  private async followed(doing: string, first: Answer, request: Request, stop: AbortSignal): Promise<Answer> {
    let answer = first;
    for (let step = 0; step < limits.registryRedirects && [301, 302, 303, 307, 308].includes(answer.status); step++) {
      const path = locationOf(answer);
      if (path === null) break;
      answer = await this.asked(doing, { ...request, path }, stop);
    }
    return answer;
  }

  private async asked(doing: string, request: Request, stop: AbortSignal): Promise<Answer> {
    try {
      return await this.connection.call(request, stop);
    } catch (error) {
      stop.throwIfAborted();
      if (isAbort(error) || isProblemError(error)) throw error;
      throw this.unreachable(doing, error as NodeJS.ErrnoException);
    }
  }

  private expect(doing: string, { status, body }: Answer, wanted: number): void {
    if (status === wanted) return;
    throw this.wrong(doing, status === 404 ? `status 404: not found ${body}` : `status ${status}: ${body}`);
  }

  private wrong(doing: string, text: string): ProblemError {
    return new ProblemError(registryProblem(doing, this.ref, text, this.credentials));
  }

  private unreachable(doing: string, { code, message }: NodeJS.ErrnoException): ProblemError {
    const { problem } = this.wrong(doing, message || code || 'no answer');
    const hint = 'is the registry up and reachable from this machine?';
    return new ProblemError({ ...problem, kind: 'unavailable', code: 'S222', hint });
  }
}

function locationOf({ headers: { location }, url }: Answer): URL | null {
  return location !== undefined && URL.canParse(location, url.href) ? new URL(location, url) : null;
}
