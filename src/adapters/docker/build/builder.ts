// What a build by the daemon has at hand.
import type { SharedKeys } from '../../buildkit/session/shared-key.ts';
import type { Env } from '../../registry/config-file.ts';
import type { Credentials } from '../../registry/credentials.ts';
import type { Client } from '../connection/client.ts';

export interface Builder {
  readonly client: Client;
  readonly credentials: Credentials;
  readonly env: Env;
  readonly home: string;
  readonly isBuildkit: boolean;
  /** Of the same call it reads some in another form. */
  readonly isPodman: boolean;
  /** Of the daemon: BuildKit of one before takes `shmsize` and `ulimits` without a word, and its Dockerfile frontend knows no named contexts. */
  readonly isSince23: boolean;
  /** Where it keeps images: beside its own store BuildKit writes no cache but into the image. */
  readonly store: 'containerd' | 'graphdriver';
  readonly sharedKeys: SharedKeys;
}
