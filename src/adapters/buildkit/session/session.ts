// The session of one BuildKit build: the daemon calls back over it for its files, credentials, secrets and ssh agents, each
// only when a step needs it. (dockerode's session has one password for all hosts, and no secrets or ssh.)
import { randomUUID } from 'node:crypto';
import type { Duplex } from 'node:stream';
import type { Credentials } from '../../registry/credentials.ts';
import { encodeField, textField } from '../protobuf.ts';
import { contentMethods } from './content-store.ts';
import { fileSyncMethods, type SyncedDirectories } from './file-sync.ts';
import { type GrpcMethods, serveGrpc, unary } from './grpc.ts';
import { type SecretSource, secretMethods } from './secrets.ts';
import { type SshSource, sshMethods } from './ssh-forward.ts';

export interface Session {
  readonly id: string;
  /** Rejects with what of the files that were fetched could not be read; never resolves. */
  readonly fault: Promise<never>;
  close(): void;
}

export interface SessionOffer {
  /** What BuildKit fetches by itself; null where it is sent an archive. */
  readonly fetched: { readonly directories: SyncedDirectories; readonly sharedKey: string } | null;
  readonly credentials: Credentials;
  readonly secrets: readonly SecretSource[];
  readonly ssh: readonly SshSource[];
  /** Directories that it may read and write blobs in. */
  readonly stores?: readonly string[];
}

/** Who calls, and what may be called back: headers of Docker's upgrade, metadata of BuildKit's own call. */
export type SessionMetadata = Readonly<Record<string, string | string[]>>;

/** `open` opens the connection that the builder calls back over. Rejects with what that rejects with. */
export async function openSession(
  offer: SessionOffer,
  open: (metadata: SessionMetadata) => Promise<Duplex>,
): Promise<Session> {
  const id = randomUUID();
  const { fetched } = offer;
  let fail: (error: unknown) => void = () => {};
  const fault = new Promise<never>((_, reject) => (fail = reject));
  fault.catch(() => {});
  const methods: GrpcMethods = {
    // BuildKit asks every few seconds and drops a session that does not answer. 1 is SERVING.
    '/grpc.health.v1.Health/Check': unary(() => encodeField(1, 1)),
    ...(fetched ? fileSyncMethods(fetched.directories, (error) => fail(error)) : {}),
    ...authMethods(offer.credentials),
    ...(offer.stores && offer.stores.length > 0 ? contentMethods(offer.stores) : {}),
    ...(offer.secrets.length > 0 ? secretMethods(offer.secrets) : {}),
    ...(offer.ssh.length > 0 ? sshMethods(offer.ssh) : {}),
  };
  const metadata = {
    'X-Docker-Expose-Session-Uuid': id,
    'X-Docker-Expose-Session-Name': 'sluice',
    ...(fetched ? { 'X-Docker-Expose-Session-Sharedkey': fetched.sharedKey } : {}),
    'X-Docker-Expose-Session-Grpc-Method': Object.keys(methods),
  };
  return { id, fault, close: serveGrpc(await open(metadata), methods).close };
}

// BuildKit names Docker Hub by the host it pulls from.
const hubHosts = new Set(['registry-1.docker.io', 'index.docker.io', 'docker.io']);

function authMethods(credentials: Credentials): GrpcMethods {
  const asked = new Map<string, ReturnType<Credentials['of']>>();
  return {
    '/moby.filesync.v1.Auth/Credentials': unary(async (request) => {
      const named = textField(request, 1);
      const host = hubHosts.has(named) ? 'docker.io' : named;
      // BuildKit asks once for each scope of each image; a helper is asked once a build.
      const answer = asked.get(host) ?? credentials.of(host);
      asked.set(host, answer);
      const auth = await answer;
      if (auth === null) return new Uint8Array();
      // An identity token goes as a secret without a user.
      if (auth.identitytoken) return encodeField(2, auth.identitytoken);
      return Buffer.concat([encodeField(1, auth.username), encodeField(2, auth.password)]);
    }),
  };
}
