// Readiness probes of pods, asked by us: they answer as they would answer the kubelet.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ProbeQuestion } from '../../../src/model/pods/pod.ts';
import { cluster } from '../../support/capability.ts';
import { never, type Testbed, testbed } from './testbed.ts';

describe.skipIf(!cluster)('a readiness probe', () => {
  let bed: Testbed;
  beforeAll(async () => {
    bed = await testbed();
    await bed.startPod(
      'web',
      'mkdir /w; echo ok >/w/ok; httpd -p 8080 -h /w; httpd -p 127.0.0.1:8081 -h /w; exec sleep 1000',
    );
  });
  afterAll(() => bed.remove());

  const http = (port: number, path: string): ProbeQuestion => ({ is: 'http', scheme: 'http', port, path });
  it.each<readonly [ProbeQuestion, boolean]>([
    [http(8080, '/ok'), true],
    [http(8080, '/ok?a=b'), true],
    [http(8080, '/missing'), false],
    [http(8081, '/ok'), false],
    [http(8082, '/ok'), false],
    [{ is: 'tcp', port: 8080 }, true],
    [{ is: 'tcp', port: 8082 }, false],
    [{ is: 'exec', cmd: ['cat', '/w/ok'] }, true],
    [{ is: 'exec', cmd: ['cat', '/w/missing'] }, false],
    [{ is: 'exec', cmd: ['no-such-program'] }, false],
  ])('%j: %s', async (question, passes) => {
    const place = { namespace: bed.namespace, name: 'web', container: 'main' };
    expect(await bed.kube.askProbe(place, question, never)).toBe(passes);
  });
});
