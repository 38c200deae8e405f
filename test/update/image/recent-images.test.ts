// Which image need not be made sure of again: the same one, by the same configuration, for the same place, with no save between.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { limits } from '../../../src/model/limits.ts';
import type { DockerPort, KubePort } from '../../../src/model/ports.ts';
import type { BuiltImage, ImageWork, KubeWork } from '../../../src/model/run.ts';
import { RecentImages } from '../../../src/update/image/known/recent-images.ts';
import { dockerfileBuild, imageOf, workOf } from '../real.ts';

const { spec } = imageOf('web', dockerfileBuild('/p'));
const image: BuiltImage = {
  ref: 'web',
  id: 'sha256:1',
  tagged: 'localhost:5000/web:1',
  inCluster: 'localhost:5000/web:1',
  pushed: 'sha256:1',
  inputDigest: 'a',
  change: 1,
  layers: 0,
};
const wanted = (fields: Partial<ImageWork> = {}): ImageWork => ({ spec, last: image, files: [], ...fields });
const work = (fields: Partial<KubeWork> = {}, one = wanted()): KubeWork => workOf('shop', '', [one], fields);
const elsewhere = { context: null, allow: [], namespace: 'shop', registry: 'localhost:5001' };
const base = (): ImageWork => imageOf('app', dockerfileBuild('/q'), { bases: ['web'] });

describe('an image that another run has just made sure of', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());
  const sure = (of: BuiltImage = image, as = work()) => {
    const recent = new RecentImages();
    recent.note(wanted(), as, of);
    return recent;
  };

  it('is taken as it is, by any number of runs', () => {
    const recent = sure();
    expect(recent.of(wanted(), work())).toBe(image);
    expect(recent.of(wanted(), work({ resource: 'worker' }))).toBe(image);
  });

  it.each<readonly [string, Parameters<RecentImages['of']>]>([
    ['after a save', [wanted(), work({ change: 2 })]],
    ['where it is asked for by force', [wanted(), work({ force: true })]],
    ['where the session no longer counts on it', [wanted({ last: null }), work()]],
    ['where the session knows another one', [wanted({ last: { ...image, id: 'sha256:2' } }), work()]],
    ['where it is to be built in another way', [wanted({ spec: { ...spec } }), work()]],
    ['where it goes elsewhere', [wanted(), work({ kubernetes: elsewhere })]],
    ['where others are built from it', [wanted(), workOf('shop', '', [wanted(), base()])]],
    ['of which nothing is known', [{ ...wanted(), spec: base().spec }, work()]],
  ])('is looked at again %s', (_, asked) => {
    expect(sure().of(...asked)).toBeNull();
  });

  it.each<readonly [string, RecentImages]>([
    ['of which nobody can say what it was made from', sure({ ...image, inputDigest: '' })],
    ['that others of its resource are built from', sure(image, workOf('shop', '', [wanted(), base()]))],
  ])('%s is not remembered', (_, recent) => {
    expect(recent.of(wanted(), work())).toBeNull();
  });

  it('is so for a moment only, from the last look on', () => {
    const recent = sure();
    vi.advanceTimersByTime(limits.recentImagesMs - 1);
    recent.note(wanted(), work(), { ...image });
    vi.advanceTimersByTime(limits.recentImagesMs - 1);
    expect(recent.of(wanted(), work())).toEqual(image);
    vi.advanceTimersByTime(1);
    expect(recent.of(wanted(), work())).toBeNull();
  });
});

describe('where images go', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());
  const never = new AbortController().signal;
  const daemon = (...announced: readonly object[]) => {
    const info = vi.fn(async () => ({}));
    const registry = vi.fn(async () => announced[Math.min(registry.mock.calls.length, announced.length) - 1] ?? null);
    const kube = { info: { context: 'kind', local: null }, sharesDaemon: () => false, registry };
    return {
      info,
      docker: { info } as unknown as DockerPort,
      ports: { kube: vi.fn(async () => kube as unknown as KubePort) },
    };
  };

  it('is asked for once by many runs, and by the first after a moment again; the machine of Docker less often', async () => {
    const recent = new RecentImages();
    const { info, docker, ports } = daemon({ host: 'localhost:5000' });
    const ask = () => recent.destination(work(), docker, ports, never);
    const first = await ask();
    expect(first).toMatchObject({ host: 'localhost:5000', push: true });
    for (let run = 0; run < 100; run++) expect(await ask()).toBe(first);
    expect(ports.kube).toHaveBeenCalledTimes(1);
    vi.advanceTimersByTime(limits.recentImagesMs);
    await ask();
    expect(ports.kube).toHaveBeenCalledTimes(2);
    expect(info).toHaveBeenCalledTimes(1);
    vi.advanceTimersByTime(limits.machineKnownMs);
    await ask();
    expect(info).toHaveBeenCalledTimes(2);
    const given = await recent.destination(work({ kubernetes: elsewhere }), docker, ports, never);
    expect(given.host).toBe('localhost:5001');
  });

  it('is asked for again as long as nobody knows', async () => {
    const recent = new RecentImages();
    const { docker, ports } = daemon({ unread: { what: 'forbidden' } }, { host: 'localhost:5000' });
    expect((await recent.destination(work(), docker, ports, never)).unknown).not.toBeNull();
    expect((await recent.destination(work(), docker, ports, never)).host).toBe('localhost:5000');
  });
});
