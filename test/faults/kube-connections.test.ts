// Each connection to the API server that stays open has a sign of life of its own: one of them goes silent, and the others know
// nothing of it.
import { firstValueFrom } from 'rxjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectKube } from '../../src/adapters/kube/index.ts';
import type { KubePort } from '../../src/model/ports.ts';
import { never, objectsIn, type Testbed, testbed, until } from '../adapters/kube/testbed.ts';
import { cluster } from '../support/capability.ts';
import { type ClusterLink, clusterLink } from '../support/cluster/through.ts';
import { row, since } from './row.ts';

const chatty = 'n=0; while :; do n=$((n+1)); echo line $n; sleep 0.1; done';

describe.skipIf(!cluster)('a connection that goes silent alone', () => {
  let bed: Testbed;
  beforeAll(async () => {
    bed = await testbed();
    await bed.startPod('busy', `httpd -p 8080; ${chatty}`);
  });
  afterAll(() => bed.remove());

  const within = async (ms: number, what: string, is: () => boolean): Promise<string> => {
    const start = performance.now();
    await until(what, is);
    expect(performance.now() - start, what).toBeLessThan(ms);
    return since(start);
  };
  async function through(): Promise<{ link: ClusterLink; kube: KubePort }> {
    const link = await clusterLink();
    const kube = await connectKube({ kubeconfig: link.kubeconfig });
    return { link, kube };
  }

  /** Whatever carries a watch and a log. */
  async function watchesAndLogs(): Promise<void> {
    const { link, kube } = await through();
    const healths: boolean[] = [];
    const lines: number[] = [];
    const seen: string[] = [];
    kube.watch('pods', bed.namespace).subscribe((event) => {
      if (event.is === 'health') healths.push(event.ok);
      seen.push(...objectsIn(event).map(({ metadata }) => metadata.name));
    });
    kube
      .logs({ namespace: bed.namespace, name: 'busy', container: 'main' }, { since: null, follow: true })
      .subscribe(({ text }) => lines.push(Number(text.replace('line ', ''))));
    await until('both to run', () => healths.length === 1 && lines.length > 5);
    for (const strand of link.strands) strand.stall();
    const noticed = await within(20_000, 'the watch to be known as silent', () => healths.at(-1) === false);
    await within(5_000, 'the watch to be back', () => healths.at(-1) === true);
    const before = lines.length;
    await within(10_000, 'the log to go on', () => lines.length > before + 5);
    expect(lines).toEqual(lines.map((_, i) => lines[0]! + i));
    await bed.startPod('later', 'sleep 1000');
    await until('what came later', () => seen.includes('later'));
    kube.close();
    row('connection of watches and logs silent', `noticed after ${noticed}`);
  }

  async function commandAndPort(): Promise<void> {
    const { link, kube } = await through();
    const place = { namespace: bed.namespace, name: 'busy' };
    const command = await kube.exec({ ...place, container: 'main' }, ['cat'], { stdin: true }, never);
    const port = await kube.dial(place, 8080, never);
    let ended: unknown = null;
    let closed = false;
    command.exit.catch((error) => {
      ended = error;
    });
    port
      .on('error', () => {})
      .once('close', () => {
        closed = true;
      });
    for (const strand of link.strands) strand.stall('down');
    const noticed = await within(20_000, 'both to be given up', () => ended !== null && closed);
    expect(ended).toMatchObject({ problem: { kind: 'unavailable', code: 'S321' } });
    kube.close();
    row('connection of a command, of a port silent', `noticed after ${noticed}`);
  }

  /** Nothing is told of a watch and a log that say nothing for 30 s. */
  async function idle(): Promise<void> {
    const { link, kube } = await through();
    await bed.startPod('quiet', 'sleep 1000');
    const told: string[] = [];
    kube.watch('services', bed.namespace).subscribe((event) => told.push(event.is));
    kube
      .logs({ namespace: bed.namespace, name: 'quiet', container: 'main' }, { since: null, follow: true })
      .subscribe({ next: () => told.push('line'), complete: () => told.push('end') });
    await until('the watch to run', () => told.includes('health'));
    const strands = [...link.strands];
    await new Promise((resolve) => setTimeout(resolve, 30_000));
    expect(told).toEqual(['listed', 'health']);
    expect(link.strands.filter((strand) => !strands.includes(strand))).toEqual([]);
    kube.close();
  }

  /** All of it at once breaks every call under way within 15 s, and answers again at once when it is back. */
  async function everything(): Promise<void> {
    const { link, kube } = await through();
    link.stall();
    const start = performance.now();
    const call = kube.get({ apiVersion: 'v1', kind: 'Pod', name: 'busy', namespace: bed.namespace }, never);
    await expect(kube.version()).rejects.toMatchObject({ problem: { code: 'S303' } });
    await expect(call).rejects.toMatchObject({ problem: { kind: 'unavailable' } });
    expect(performance.now() - start).toBeLessThan(15_000);
    link.resume();
    await kube.version();
    expect(await firstValueFrom(kube.watch('pods', bed.namespace))).toBeDefined();
    kube.close();
  }

  it('is given up within 20 s and made anew, each by itself; one that is idle is not', async () => {
    await Promise.all([watchesAndLogs(), commandAndPort(), idle(), everything()]);
  });
});
