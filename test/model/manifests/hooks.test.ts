import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../../../src/model/config.ts';
import { hookOf } from '../../../src/model/manifests.ts';

const job = (annotations?: Readonly<Record<string, string>>): KubeObject => ({
  apiVersion: 'batch/v1',
  kind: 'Job',
  metadata: { name: 'x', ...(annotations ? { annotations } : {}) },
});

describe('a hook of helm', () => {
  it.each<[string, readonly string[], readonly string[]]>([
    ['pre-install', ['install'], []],
    ['crd-install', ['install'], []],
    ['pre-install,pre-upgrade', ['install', 'upgrade'], []],
    [' Post-Install , pre-upgrade ', ['upgrade'], ['install']],
    ['post-upgrade,test', [], ['upgrade']],
    ['test', [], []],
    ['test-success', [], []],
    ['test-failure', [], []],
    ['pre-delete,post-delete', [], []],
    ['pre-rollback', [], []],
    // helm skips an object with an event that it does not know, all of it.
    ['pre-install,pre-instal', [], []],
    ['', [], []],
  ])('%j comes before %j and after %j', (named, before, after) => {
    expect(hookOf(job({ 'helm.sh/hook': named }))).toMatchObject({ named, before, after });
  });

  it('is none without its annotation, and has a weight and a delete policy as helm reads them', () => {
    expect([hookOf(job()), hookOf(job({ 'helm.sh/hook-weight': '1' }))]).toEqual([null, null]);
    const read = (weight: string, policy: string) =>
      hookOf(job({ 'helm.sh/hook': 'test', 'helm.sh/hook-weight': weight, 'helm.sh/hook-delete-policy': policy }));
    expect(read('-5', 'before-hook-creation, Hook-Succeeded')).toMatchObject({
      weight: -5,
      deletedWhen: ['succeeded'],
    });
    expect(read('high', 'hook-failed,hook-succeeded')).toMatchObject({
      weight: 0,
      deletedWhen: ['succeeded', 'failed'],
    });
  });
});
