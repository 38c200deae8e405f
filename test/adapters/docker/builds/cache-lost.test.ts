// A classic builder that looked into its cache while another image was removed: by a daemon that says so as often as it is told to.
import http from 'node:http';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { connectDocker } from '../../../../src/adapters/docker/index.ts';
import { limits } from '../../../../src/model/limits.ts';
import { tempProject } from '../../../support/temp.ts';
import { buildOf, problemFrom, seen } from './context.ts';

const never = new AbortController().signal;
const id = `sha256:${'a'.repeat(64)}`;
const step = { stream: 'Step 1/2 : FROM scratch\n' };
const lost = { error: `unable to find image "${id}"`, errorDetail: { message: `unable to find image "${id}"` } };

/** Answers `failures` builds with `fault`; the others are made. */
async function daemon(failures: number, fault: object) {
  const asked = { builds: 0 };
  const server = http.createServer(({ url = '' }, response) => {
    if (!url.includes('/build')) return response.end(JSON.stringify({ ApiVersion: '1.41', Version: '20.10.24' }));
    asked.builds += 1;
    const last = asked.builds <= failures ? fault : { aux: { ID: id } };
    response.end([step, last].map((each) => JSON.stringify(each)).join('\n'));
  });
  const socket = join(tempProject({}), 'docker.sock');
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  const env = { DOCKER_HOST: `unix://${socket}`, DOCKER_BUILDKIT: '0' };
  const port = await connectDocker({ env, home: '/nowhere' });
  onTestFinished(() => {
    port.close();
    server.close();
  });
  return { asked, build: () => port.build(buildOf('FROM scratch\nCOPY a /\n', { files: { a: '1' } }), never) };
}

describe('a classic build whose cache is removed under it', () => {
  it('is asked for again', async () => {
    const { asked, build } = await daemon(limits.cacheTries - 1, lost);
    expect((await seen(build())).id).toBe(id);
    expect(asked.builds).toBe(limits.cacheTries);
  });

  it('fails with the words of the daemon where that goes on', async () => {
    const { asked, build } = await daemon(Number.POSITIVE_INFINITY, lost);
    expect(await problemFrom(seen(build()))).toMatchObject({
      what: expect.stringContaining(`unable to find image "${id}"`),
    });
    expect(asked.builds).toBe(limits.cacheTries);
  });

  it('that has failed otherwise is not', async () => {
    const fault = 'no such image';
    const { asked, build } = await daemon(1, { error: fault, errorDetail: { message: fault } });
    expect(await problemFrom(seen(build()))).toMatchObject({ what: expect.stringContaining(fault) });
    expect(asked.builds).toBe(1);
  });
});
