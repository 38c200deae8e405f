// A build by BuildKit's protocol against a builder of our own making: what it says in an order that a real one seldom has.
import { PassThrough } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { solved } from '../../../src/adapters/buildkit/build.ts';
import type { Control } from '../../../src/adapters/buildkit/control.ts';
import { GrpcError, grpcStatus } from '../../../src/adapters/buildkit/messages.ts';
import { encodeField } from '../../../src/adapters/buildkit/protobuf.ts';
import { toldOf } from '../../../src/adapters/buildkit/request.ts';
import { SharedKeys } from '../../../src/adapters/buildkit/session/shared-key.ts';
import { credentialsFrom } from '../../../src/adapters/registry/credentials.ts';
import { buildOf } from '../docker/builds/context.ts';

it('a step whose failure is told after that of the build is named all the same', async () => {
  const time = Buffer.concat([encodeField(1, 1_700_000_000), encodeField(2, 0)]);
  const failed = Buffer.concat([
    encodeField(1, 'sha256:a'),
    encodeField(3, '[2/2] RUN exit 7'),
    encodeField(5, time),
    encodeField(6, time),
    encodeField(7, 'exit code: 7'),
  ]);
  let end = (): void => {};
  const over = new Promise<void>((resolve) => {
    end = resolve;
  });
  const control = {
    solve: async () => {
      end();
      throw new GrpcError(
        grpcStatus.unknown,
        'process "/bin/sh -c exit 7" did not complete successfully: exit code: 7',
      );
    },
    status: async (_, hear) => {
      await over;
      await turn();
      hear(encodeField(1, failed));
    },
    session: () => new PassThrough(),
  } as Partial<Control> as Control;
  const env = {};
  const solving = {
    builder: { credentials: credentialsFrom(env, '/nowhere'), env, sharedKeys: new SharedKeys() },
    build: buildOf('FROM scratch\nRUN exit 7\n'),
    pushes: null,
    control,
    secrets: [],
    ssh: [],
    stop: new AbortController().signal,
  };
  const asked = solved(
    solving,
    (build, filename, ids) => ({ ...toldOf(build, filename, ids), exporter: null }),
    () => {},
  );
  await expect(asked).rejects.toMatchObject({ problem: { code: 'S210', at: { line: 2 } } });
});
