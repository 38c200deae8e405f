// Build secrets: `id=npmrc,src=~/.npmrc` or `id=token,env=TOKEN`, read when a RUN step mounts them and never kept.
import { readFile, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { limits } from '../../../model/limits.ts';
import { ProblemError } from '../../../model/problems/problem.ts';
import type { Env } from '../../registry/config-file.ts';
import { GrpcError, grpcStatus } from '../messages.ts';
import { encodeField, textField } from '../protobuf.ts';
import { type GrpcMethods, unary } from './grpc.ts';

export interface SecretSource {
  readonly id: string;
  readonly read: () => Promise<Uint8Array>;
}

/** Checks all of them before the build starts; rejects with a `yours` problem that names the setting. */
export async function secretSources(
  specs: readonly string[],
  env: Env,
  home: string,
): Promise<readonly SecretSource[]> {
  return Promise.all(specs.map((spec) => secretSource(spec, env, home)));
}

async function secretSource(spec: string, env: Env, home: string): Promise<SecretSource> {
  const parts = new Map(
    spec.split(',').map((part) => [part.split('=')[0]!.trim(), part.slice(part.indexOf('=') + 1).trim()]),
  );
  const unknown = [...parts.keys()].find((key) => !['id', 'src', 'source', 'env', 'type'].includes(key));
  if (unknown !== undefined) throw unusable(spec, `it has no setting "${unknown}"`);
  const id = parts.get('id');
  if (!id) throw unusable(spec, 'it has no id');
  const type = parts.get('type');
  const file = type === 'env' ? undefined : (parts.get('src') ?? parts.get('source'));
  const name = parts.get('env') ?? (type === 'env' ? (parts.get('src') ?? parts.get('source') ?? id) : undefined);
  // As docker does: `id` alone means the variable of that name, else the file.
  if (name !== undefined || (file === undefined && env[id] !== undefined)) return fromEnv(spec, id, name ?? id, env);
  return fromFile(spec, id, file ?? id, home);
}

function fromEnv(spec: string, id: string, name: string, env: Env): SecretSource {
  const value = env[name];
  if (value === undefined) throw unusable(spec, `the variable ${name} is not set`);
  return { id, read: async () => Buffer.from(value) };
}

async function fromFile(spec: string, id: string, file: string, home: string): Promise<SecretSource> {
  const path = file === '~' || file.startsWith('~/') ? home + file.slice(1) : resolve(file);
  const found = await stat(path).catch(() => null);
  if (!found?.isFile()) throw unusable(spec, `there is no file ${path}`);
  if (found.size > limits.buildSecretBytes)
    throw unusable(spec, `${path} has more than ${limits.buildSecretBytes / 1024} KiB`);
  return { id, read: () => readFile(path) };
}

const unusable = (spec: string, why: string): ProblemError =>
  new ProblemError({
    kind: 'yours',
    code: 'S214',
    what: `the build secret "${spec}" cannot be used: ${why}`,
    hint: 'write id=NAME,src=FILE or id=NAME,env=VARIABLE',
  });

export function secretMethods(secrets: readonly SecretSource[]): GrpcMethods {
  return {
    '/moby.buildkit.secrets.v1.Secrets/GetSecret': unary(async (request) => {
      const id = textField(request, 1);
      const secret = secrets.find((one) => one.id === id);
      if (!secret) throw new GrpcError(grpcStatus.notFound, `secret ${id} not found`);
      return encodeField(1, await secret.read());
    }),
  };
}
