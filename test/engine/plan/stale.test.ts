import { describe, expect, it } from 'vitest';
import { currentRun } from '../../../src/engine/resources/run.ts';
import { cancelled, config, kube, local, pods, type World, world } from '../world.ts';

const slow = (it: World, name = 'gen') => {
  it.started(name).after(1_000);
  return it.ended(name, {
    is: 'ok',
    result: { strategy: 'local', images: [], deployed: null, ledgers: {}, unchanged: false },
  });
};
const isStopping = (it: World, name = 'gen') => it.of(name).update.now.is === 'stopping';

describe('a newer save', () => {
  it('cancel: stops the run wherever it is, and the next one has all the files', () => {
    const it = slow(world(config([local('gen', { onChange: 'cancel' })])))
      .save('local:gen')
      .started('gen')
      .after(900);
    it.save('local:gen');
    expect(isStopping(it)).toBe(true);
    expect(it.running).toEqual(['gen']);
    it.ended('gen', cancelled);
    expect(it.work('gen')).toMatchObject({ run: 'gen#3', change: 2 });
  });

  it('finish: never stops it, and runs once more after it', () => {
    const it = slow(world(config([local('gen', { onChange: 'finish' })])))
      .save('local:gen')
      .started('gen');
    it.save('local:gen').save('local:gen');
    expect(isStopping(it)).toBe(false);
    slow(it);
    expect(it.work('gen')).toMatchObject({ run: 'gen#3', change: 3 });
  });

  it('smart: stops it before half of the usual time has passed, not after', () => {
    const it = slow(world(config([local('gen')])))
      .save('local:gen')
      .started('gen')
      .after(499)
      .save('local:gen');
    expect(isStopping(it)).toBe(true);
    it.ended('gen', cancelled).started('gen').after(500).save('local:gen');
    expect(isStopping(it)).toBe(false);
  });

  it('smart: stops one that takes twice the usual time, whenever the save came', () => {
    const it = slow(world(config([local('gen')])))
      .save('local:gen')
      .started('gen');
    const started = it.now;
    it.after(700).save('local:gen');
    expect(isStopping(it)).toBe(false);
    expect(it.state.wakeAt).toBe(started + 2_000);
    it.put({ type: 'clock/reached', due: started + 2_000 });
    expect(isStopping(it)).toBe(true);
  });

  it('smart: each cancel in a row gives the next run twice the time', () => {
    const it = slow(world(config([local('gen')]))).save('local:gen');
    for (const late of [2_000, 4_000, 8_000, 16_000]) {
      it.started('gen')
        .after(late - 1)
        .save('local:gen');
      expect(isStopping(it)).toBe(false);
      it.after(1).save('local:gen');
      expect(isStopping(it)).toBe(true);
      it.ended('gen', cancelled);
    }
  });

  it('smart: after two cancels in a row the third run is let finish', () => {
    const it = slow(world(config([local('gen')]))).save('local:gen');
    for (const stops of [true, true, false]) {
      it.started('gen').after(10).save('local:gen');
      expect(isStopping(it)).toBe(stops);
      if (stops) it.ended('gen', cancelled);
    }
    slow(it);
    expect(it.of('gen').changes.live).toBe(3);
    it.started('gen').after(10).save('local:gen');
    expect(isStopping(it)).toBe(true);
  });

  it('never cuts a deploy or a sync in half', () => {
    for (const onChange of ['cancel', 'smart'] as const)
      for (const step of ['deploy', 'sync', 'restart web']) {
        const it = world(config([kube('web', { onChange })]))
          .started('web')
          .step('web', 'build web')
          .step('web', step);
        it.save('image:web');
        expect(isStopping(it, 'web')).toBe(false);
      }
  });

  it('while the stale run stops, only the newest counts: one in the middle never starts', () => {
    const it = slow(world(config([local('gen')])))
      .save('local:gen')
      .started('gen')
      .after(10);
    it.save('local:gen').save('local:gen').save('local:gen').ended('gen', cancelled);
    expect(it.work('gen')).toMatchObject({ run: 'gen#3', change: 4 });
  });

  it('takes over why the stopped run was wanted', () => {
    const it = world(config([kube('web')]))
      .started('web')
      .after(10)
      .save('image:web')
      .ended('web', cancelled);
    expect(it.work('web')).toMatchObject({ cause: 'first' });
    it.succeeds('web', {}, 1_000);
    it.put({ type: 'user/asked', action: { do: 'trigger', resource: 'web', force: true }, by: 'tui' });
    it.started('web').save('image:web').ended('web', cancelled);
    expect(it.work('web')).toMatchObject({ cause: 'trigger', force: true });
  });

  it('a run that ended well while it was being stopped counts, and the next one starts from what it left', () => {
    const it = world(config([kube('web')]))
      .started('web')
      .after(10)
      .save('image:web');
    expect(isStopping(it, 'web')).toBe(true);
    it.put({
      type: 'run/ended',
      resource: 'web',
      run: 'web#1',
      outcome: {
        is: 'ok',
        result: {
          strategy: 'full build',
          images: [],
          deployed: { objects: [], templates: [pods('t1')], namespace: 'default', alreadyDone: false, images: {} },
          ledgers: {},
          unchanged: false,
        },
      },
    });
    expect(it.work('web')).toMatchObject({ cause: 'files', deployed: { templates: [pods('t1')] } });
  });

  it('every 200 ms starves nobody: at least one run in three is let finish', () => {
    const it = slow(world(config([local('gen')])));
    let [next, due, ended] = [0, Number.POSITIVE_INFINITY, 0];
    for (let ms = 0; ms < 60_000; ms += 50) {
      it.after(50);
      if (ms >= next) {
        it.save('local:gen');
        next = ms + 200;
      }
      if (currentRun(it.of('gen')) === null && it.running.length > 0) {
        it.started('gen');
        due = ms + 1_000;
      } else if (isStopping(it)) it.ended('gen', cancelled);
      else if (ms >= due && currentRun(it.of('gen'))) {
        it.ended('gen', {
          is: 'ok',
          result: { strategy: 'local', images: [], deployed: null, ledgers: {}, unchanged: false },
        });
        ended++;
      }
    }
    expect(ended).toBeGreaterThan(30);
  });
});
