// What a build by the daemon has at hand.
import type { SharedKeys } from '../../buildkit/session/shared-key.ts';
import type { Env } from '../../registry/config-file.ts';
import type { Credentials } from '../../registry/credentials.ts';
import type { Client } from '../client.ts';

export interface Builder {
  readonly client: Client;
  readonly credentials: Credentials;
  readonly env: Env;
  readonly home: string;
  readonly isBuildkit: boolean;
  /** Whether it heeds `shmsize` and `ulimits`; else it takes them without a word. */
  readonly hasStepLimits: boolean;
  readonly sharedKeys: SharedKeys;
}
