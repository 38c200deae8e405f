import { lastValueFrom } from 'rxjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectDocker } from '../../../../src/adapters/docker/index.ts';
import type { DockerPort } from '../../../../src/model/ports.ts';
import { docker } from '../../../support/capability.ts';
import { written } from '../../../support/docker/dockerfiles.ts';
import { buildOf, problemFrom } from './context.ts';

describe.skipIf(!docker)('BuildKit', () => {
  let port: DockerPort;
  beforeAll(async () => {
    port = await connectDocker({ env: process.env, home: '/nowhere' });
  });
  afterAll(() => port.close());

  // What the reader of Dockerfiles is held to must be what the builder does.
  it('asks for the base that we find', { timeout: 120_000 }, async () => {
    const asked: string[] = [];
    // An older builder refuses forms that came after it; what it takes it must take as we do.
    const isOld = Number.parseInt((await port.info()).version, 10) < 23;
    for (const { text, args, base } of written) {
      const build = buildOf(text, { args });
      const { what } = await problemFrom(lastValueFrom(port.build(build, new AbortController().signal)));
      const named = /localhost:1\/[^\s:"]+/.exec(what)?.[0];
      const isRefused = isOld && (named === undefined || named.includes('$'));
      if (!isRefused && named !== `localhost:1/${base}`) asked.push(`${JSON.stringify(text)}: ${what}`);
    }
    expect(asked).toEqual([]);
  });
});
