import { once } from 'node:events';
import net from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectKube } from '../../../../src/adapters/kube/index.ts';
import { cluster, kubeconfig } from '../../../support/capability.ts';
import { never, openSockets, type Testbed, testbed, until } from '../testbed.ts';

const serve =
  'mkdir /tmp/www; echo hello >/tmp/www/index.html; head -c 30000000 /dev/zero >/tmp/www/big; httpd -f -p 8080 -h /tmp/www';

describe.skipIf(!cluster)('a connection to a port of a pod', () => {
  let bed: Testbed;
  const dial = (port: number) => bed.kube.dial({ namespace: bed.namespace, name: 'web' }, port, never);
  beforeAll(async () => {
    bed = await testbed();
    const probe = { httpGet: { port: 8080, path: '/index.html' }, periodSeconds: 1 };
    const container = {
      name: 'main',
      image: 'localhost/pause:1',
      imagePullPolicy: 'Never',
      command: ['sh', '-c', serve],
    };
    await bed.startPod('web', serve, (pod) => pod.ready, { containers: [{ ...container, readinessProbe: probe }] });
  });
  afterAll(() => bed.remove());

  it('carries a request and its answer, also when the client has closed its half', async () => {
    const stream = await dial(8080);
    stream.end('GET /index.html HTTP/1.0\r\n\r\n');
    let answer = '';
    for await (const chunk of stream) answer += chunk;
    expect(answer).toMatch(/^HTTP\/1\.\d 200 OK[\s\S]*hello\n$/);
  });

  it('carries 30 MB at the pace of its reader', async () => {
    const stream = await dial(8080);
    stream.write('GET /big HTTP/1.0\r\n\r\n');
    await until('the buffer to be full', () => stream.readableLength >= stream.readableHighWaterMark);
    let size = 0;
    for await (const chunk of stream) size += chunk.length;
    expect(size).toBeGreaterThan(30_000_000);
    expect(size).toBeLessThan(30_001_000);
  });

  it('to a port nobody listens on is destroyed with the reason', async () => {
    const stream = await dial(9);
    const [error] = await once(stream.resume(), 'error');
    expect(error).toMatchObject({
      problem: { code: 'S322', what: expect.stringMatching(/port 9 of pod web.*refused/s) },
    });
  });

  it('to a pod that is not there rejects', async () => {
    const dialing = bed.kube.dial({ namespace: bed.namespace, name: 'gone' }, 80, never);
    await expect(dialing).rejects.toMatchObject({ problem: { code: 'S318' } });
  });

  it('ten clients that reset leave no connection behind', async () => {
    const before = openSockets();
    const server = net.createServer({ allowHalfOpen: true }, async (client) => {
      client.on('error', () => {});
      const upstream = await dial(8080);
      upstream.on('error', () => {}).on('close', () => client.destroy());
      client.on('close', () => upstream.destroy());
      client.pipe(upstream).pipe(client);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as net.AddressInfo;
    for (let index = 0; index < 10; index += 1) {
      const client = net.connect(port, '127.0.0.1');
      client.on('error', () => {});
      client.write('GET /big HTTP/1.0\r\n\r\n');
      await once(client, 'data');
      client.resetAndDestroy();
    }
    server.close();
    await once(server, 'close');
    await until('all but idle connections to be closed', () => openSockets() <= before + 2);
  });

  it('leaves no socket open after close', async () => {
    const before = openSockets();
    const kube = await connectKube({ kubeconfig });
    const stream = await kube.dial({ namespace: bed.namespace, name: 'web' }, 8080, never);
    const watching = kube.watch('pods', bed.namespace).subscribe();
    stream.on('error', () => {});
    kube.close();
    await until('every connection to be closed', () => openSockets() <= before);
    await until('the watch to end', () => watching.closed);
  });
});
