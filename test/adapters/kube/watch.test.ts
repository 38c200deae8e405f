import type { ServerResponse } from 'node:http';
import { filter, firstValueFrom, take, toArray } from 'rxjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { KubeObject } from '../../../src/model/config.ts';
import type { KubeWatchEvent } from '../../../src/model/ports.ts';
import { cluster } from '../../support/capability.ts';
import { fakeCluster, sendJson, status } from './fake-server.ts';
import { never, objectsIn, podWhere, shellPod, type Testbed, testbed, until } from './testbed.ts';

const pod = (uid: string, version: string) => ({
  metadata: { uid, name: uid, resourceVersion: version, managedFields: [{}] },
});
const list = (version: string, ...items: object[]) => ({
  kind: 'PodList',
  metadata: { resourceVersion: version },
  items,
});
const event = (type: string, object: object) => `${JSON.stringify({ type, object })}\n`;
const isWatch = (url: URL) => url.searchParams.get('watch') === 'true';

/** What came so far, in short: `seen a@1`, `listed a,b`, `health ok`. */
function record(events: KubeWatchEvent[], next: KubeWatchEvent): void {
  events.push(next);
}
const brief = (events: readonly KubeWatchEvent[]): string[] =>
  events.flatMap((one) => {
    const seen = ({ metadata: { uid, resourceVersion } }: KubeObject) => `${uid}@${resourceVersion}`;
    if (one.is === 'listed') return [...one.objects.map((each) => `new ${seen(each)}`), `listed ${one.uids.join(',')}`];
    if (one.is === 'health') return [`health ${one.ok ? 'ok' : one.problem?.code}`];
    return [`${one.is} ${seen(one.object)}`];
  });

describe('a watch', () => {
  it('lists, follows, and goes on from the last bookmark after a clean end', async () => {
    const watches: ServerResponse[] = [];
    const { kube, requests } = await fakeCluster(({ url, response }) => {
      if (!isWatch(url)) return sendJson(response, list('5', pod('a', '1')));
      watches.push(response);
      if (watches.length === 1)
        response.end(event('ADDED', pod('b', '6')) + event('BOOKMARK', { metadata: { resourceVersion: '9' } }));
      else response.write(event('DELETED', pod('b', '10')));
    });
    const events: KubeWatchEvent[] = [];
    const watching = kube.watch('pods', 'x').subscribe((next) => record(events, next));
    await until('the delete', () => events.at(-1)?.is === 'gone');
    watching.unsubscribe();
    expect(brief(events)).toEqual(['new a@1', 'listed a', 'health ok', 'seen b@6', 'gone b@10']);
    expect(requests.filter(isWatch).map((url) => url.searchParams.get('resourceVersion'))).toEqual(['5', '9']);
    expect(requests.filter(isWatch).every((url) => url.searchParams.get('allowWatchBookmarks') === 'true')).toBe(true);
    expect(events[0]).not.toHaveProperty('objects.0.metadata.managedFields');
  });

  it.each([
    ['an event', (response: ServerResponse) => response.end(event('ERROR', status(410, 'too old')))],
    ['a status', (response: ServerResponse) => sendJson(response, status(410, 'too old'), 410)],
  ])('lists again after a 410 as %s and tells only what is new', async (_name, expire) => {
    let lists = 0;
    let watches = 0;
    const { kube } = await fakeCluster(({ url, response }) => {
      if (isWatch(url)) {
        watches += 1;
        if (watches === 1) expire(response);
        else response.flushHeaders();
        return;
      }
      lists += 1;
      sendJson(
        response,
        lists === 1 ? list('5', pod('a', '1'), pod('b', '2')) : list('9', pod('a', '1'), pod('c', '8')),
      );
    });
    const events: KubeWatchEvent[] = [];
    const watching = kube.watch('pods', 'x').subscribe((next) => record(events, next));
    await until('the second watch', () => watches === 2);
    watching.unsubscribe();
    expect(brief(events).filter((one) => !one.startsWith('health'))).toEqual([
      'new a@1',
      'new b@2',
      'listed a,b',
      'new c@8',
      'listed a,c',
    ]);
  });

  it('reads a list of many pages, and from its start when a page has expired', async () => {
    const continued: (string | null)[] = [];
    const { kube } = await fakeCluster(({ url, response }) => {
      if (isWatch(url)) return response.flushHeaders();
      continued.push(url.searchParams.get('continue'));
      if (continued.length === 2) return sendJson(response, status(410, 'expired'), 410);
      if (url.searchParams.get('continue') === 'more') return sendJson(response, list('5', pod('b', '2')));
      sendJson(response, { ...list('5', pod('a', '1')), metadata: { resourceVersion: '5', continue: 'more' } });
    });
    const events = await firstValueFrom(kube.watch('pods', 'x').pipe(take(1), toArray()));
    expect(brief(events)).toEqual(['new a@1', 'new b@2', 'listed a,b']);
    expect(continued).toEqual([null, 'more', null, 'more']);
  });

  it('tells when the connection broke and when it is back', async () => {
    let watches = 0;
    const { kube } = await fakeCluster(({ url, response }) => {
      if (!isWatch(url)) return sendJson(response, list('5'));
      watches += 1;
      response.flushHeaders();
      if (watches === 1) setImmediate(() => response.destroy());
    });
    const health$ = kube.watch('pods', 'x').pipe(filter((one) => one.is === 'health'));
    expect(brief(await firstValueFrom(health$.pipe(take(3), toArray())))).toEqual([
      'health ok',
      'health S303',
      'health ok',
    ]);
  });

  it('stopped while it connects leaves nothing open and tells nothing more', async () => {
    const waiting: ServerResponse[] = [];
    const { kube, sockets } = await fakeCluster(({ url, response }) => {
      if (isWatch(url)) waiting.push(response);
      else sendJson(response, list('5'));
    });
    const events: KubeWatchEvent[] = [];
    const watching = kube.watch('pods', 'x').subscribe((next) => record(events, next));
    await until('the watch to be asked for', () => waiting.length === 1);
    watching.unsubscribe();
    waiting[0]!.write(event('ADDED', pod('ghost', '6')));
    await until('its connection to be closed', () => waiting[0]!.destroyed);
    expect(brief(events)).toEqual(['listed ']);
    kube.close();
    await until('every connection to be closed', () => sockets.size === 0);
  });

  it('survives a subscriber that throws', async () => {
    const { kube } = await fakeCluster(({ url, response }) => {
      if (!isWatch(url)) return sendJson(response, list('5'));
      response.write(event('ADDED', pod('a', '6')) + event('ADDED', pod('b', '7')));
    });
    const seen: string[] = [];
    const thrown: unknown[] = [];
    const listeners = process.listeners('uncaughtException');
    process.removeAllListeners('uncaughtException').on('uncaughtException', (error) => thrown.push(error));
    try {
      const watching = kube.watch('pods', 'x').subscribe((next) => {
        if (next.is !== 'seen') return;
        seen.push(next.object.metadata.name);
        if (seen.length === 1) throw new Error('a bug of the subscriber');
      });
      await until('both events, and the error', () => seen.length === 2 && thrown.length === 1);
      watching.unsubscribe();
    } finally {
      process.removeAllListeners('uncaughtException');
      for (const listener of listeners) process.on('uncaughtException', listener);
    }
    expect(seen).toEqual(['a', 'b']);
  });
});

describe.skipIf(!cluster)('a watch of the real cluster', () => {
  let bed: Testbed;
  beforeAll(async () => {
    bed = await testbed();
  });
  afterAll(() => bed.remove());

  it('sees a pod come and go, and the events about it', async () => {
    const events: KubeWatchEvent[] = [];
    const watching = bed.kube.watch('pods', bed.namespace).subscribe((next) => record(events, next));
    const happened = firstValueFrom(
      bed.kube
        .watch('events', bed.namespace)
        .pipe(filter((one) => objectsIn(one).some(({ reason }) => reason === 'Started'))),
    );
    await bed.kube.create(shellPod(bed.namespace, 'short', 'exit 3'), never);
    const ended = await podWhere(bed.kube, bed.namespace, 'short', (one) => one.phase === 'Failed');
    expect(ended).toMatchObject({ status: 'Error', containers: [{ state: 'terminated', exitCode: 3 }] });
    await happened;
    await bed.kube.delete({ apiVersion: 'v1', kind: 'Pod', name: 'short', namespace: bed.namespace }, never);
    await until('the pod to be gone', () => events.some((one) => one.is === 'gone'));
    watching.unsubscribe();
  });
});
