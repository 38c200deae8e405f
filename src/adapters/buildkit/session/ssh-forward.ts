// Agent forwarding for `RUN --mount=type=ssh`: each connection of a step becomes one to the user's agent socket.
import { once } from 'node:events';
import { stat } from 'node:fs/promises';
import net from 'node:net';
import { resolve } from 'node:path';
import { ProblemError } from '../../../model/problems/problem.ts';
import { onAbort } from '../../../operators/promises/on-abort.ts';
import type { Env } from '../../registry/config-file.ts';
import { GrpcError, grpcStatus } from '../messages.ts';
import { bytesOf, encodeField, fields, textField } from '../protobuf.ts';
import { type GrpcCall, type GrpcMethods, unary } from './grpc.ts';

export interface SshSource {
  readonly id: string;
  readonly socket: string;
}

/** `default`, or `id=SOCKET`. Rejects with a `yours` problem; private key files are refused: an agent holds keys. */
export async function sshSources(specs: readonly string[], env: Env, home: string): Promise<readonly SshSource[]> {
  return Promise.all(specs.map((spec) => sshSource(spec, env, home)));
}

async function sshSource(spec: string, env: Env, home: string): Promise<SshSource> {
  const cut = spec.indexOf('=');
  const id = cut < 0 ? spec : spec.slice(0, cut);
  const named = cut < 0 ? env.SSH_AUTH_SOCK : spec.slice(cut + 1);
  if (!named) throw unusable(spec, 'SSH_AUTH_SOCK is not set', 'start an agent: eval $(ssh-agent) && ssh-add');
  const socket = named.startsWith('~/') ? home + named.slice(1) : resolve(named);
  const found = await stat(socket).catch(() => null);
  if (!found) throw unusable(spec, `there is no ${socket}`, 'start an agent: eval $(ssh-agent) && ssh-add');
  if (!found.isSocket())
    throw unusable(
      spec,
      `${socket} is no agent socket`,
      `put the key into an agent (ssh-add ${socket}) and write ssh: [default]`,
    );
  return { id, socket };
}

const unusable = (spec: string, why: string, hint: string): ProblemError =>
  new ProblemError({
    kind: 'yours',
    code: 'S214',
    what: `the build's ssh setting "${spec}" cannot be used: ${why}`,
    hint,
  });

export function sshMethods(sources: readonly SshSource[]): GrpcMethods {
  const find = (id: string): SshSource => {
    const source = sources.find((one) => one.id === (id || 'default'));
    if (!source) throw new GrpcError(grpcStatus.notFound, `no ssh agent "${id || 'default'}" is given to this build`);
    return source;
  };
  return {
    '/moby.sshforward.v1.SSH/CheckAgent': unary((request) => {
      find(textField(request, 1));
      return new Uint8Array();
    }),
    '/moby.sshforward.v1.SSH/ForwardAgent': (call) =>
      forward(call, find(String(call.metadata['buildkit.ssh.id'] ?? ''))),
  };
}

async function forward(call: GrpcCall, source: SshSource): Promise<void> {
  const agent = net.connect(source.socket);
  onAbort(call.gone, () => agent.destroy());
  const toStep = (async () => {
    for await (const chunk of agent as AsyncIterable<Buffer>) await call.send(encodeField(1, chunk));
  })();
  const toAgent = (async () => {
    for await (const message of call.messages)
      for (const { no, value } of fields(message))
        if (no === 1 && !agent.write(bytesOf(value))) await once(agent, 'drain', { signal: call.gone });
    agent.end();
  })();
  try {
    await Promise.all([toStep, toAgent]);
  } finally {
    agent.destroy();
  }
}
