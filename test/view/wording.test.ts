// Every reason to wait has words, the same in all views.
import { expect, test } from 'vitest';
import type { HoldReason } from '../../src/model/state.ts';
import { runtimeText, updateText } from '../../src/view/tui/lists/row-status.ts';
import { waitingFor } from '../../src/view/wording.ts';
import { shop } from './tui/states.ts';

const said: Readonly<Record<HoldReason, readonly [readonly string[], string]>> = {
  'config-reload': [['sluice.yaml'], 'for the configuration to be read'],
  watching: [['files'], 'for the files to be watched'],
  git: [['a rebase'], 'for git to finish'],
  docker: [['docker'], 'for Docker'],
  cluster: [['kind-dev'], 'for the cluster kind-dev'],
  removing: [['web'], 'for what ran before to be removed'],
  needs: [['db', 'cache'], 'for db, cache'],
  uncategorized: [['uncategorized'], 'for the objects that belong to no workload'],
  'shared-image': [['api'], 'for an image shared with api'],
  'container-starting': [['web'], 'for its container to start'],
  'container-paused': [['shop-web-1'], 'for shop-web-1 to be unpaused'],
  slots: [[], 'for a free slot'],
  manual: [[], 'to be triggered'],
};

test.each(Object.entries(said))('waits: %s', (reason, [on, words]) => {
  expect(waitingFor({ reason, on })).toBe(`waiting ${words}`);
  const web = shop.resources.web!;
  const held = { ...web, update: { status: 'held', why: [], hold: { reason, on } } } as const;
  expect(updateText(held, 0)).toBe(`waits ${words}`);
});

test('a reason nobody knows yet, and hostile names, stay on one line', () => {
  expect(waitingFor({ reason: 'moon\nphase', on: [] })).toBe('waiting for moon phase');
  expect(waitingFor({ reason: 'needs', on: ['a\x1b[2Jb'] })).toBe('waiting for a\\x1b[2Jb');
});

test('how many of several pods are ready is said once', () => {
  const pod = { name: 'a', status: 'Running', ready: true, restarts: 0, createdAt: 0, containers: [] };
  const standing = (text: string) => {
    const web = shop.resources.web!;
    return runtimeText({
      ...web,
      runtime: { ...web.runtime, status: 'pending', text, pods: [pod, { ...pod, ready: false }] },
    });
  };
  expect(standing('ContainerCreating')).toBe('ContainerCreating 1/2');
  expect(standing('1/2 ready')).toBe('1/2 ready');
});
