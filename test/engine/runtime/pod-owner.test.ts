// Whose a pod is: ours by label, ours by selector, or another project's in the same namespace.
import { describe, expect, it } from 'vitest';
import { seed } from '../../../src/engine/reduce.ts';
import { newResource } from '../../../src/engine/resources/resource.ts';
import { isAnothers, resourceOfPod } from '../../../src/engine/runtime/pod-owner.ts';
import { projectOf } from '../../../src/model/project.ts';
import type { EngineState } from '../../../src/model/state.ts';
import { config, kube, pod } from '../world.ts';

const specs = [kube('web'), kube('a:job'), kube('picked', { selectors: [{ app: 'picked' }] })];

function session(project = projectOf(null, '/home/me/app')): EngineState {
  const current = { ...config(specs), project };
  const resources = Object.fromEntries(specs.map((spec) => [spec.name, newResource(spec, 0, true)]));
  return { ...seed, config: { ...seed.config, current }, resources, order: specs.map(({ name }) => name) };
}

const web = { 'sluice-resource': 'web', 'sluice-project': 'app' };
const here = '/home/me/app';

describe('a pod', () => {
  it.each([
    ['of ours', web, here, 'web'],
    ['of a directory of the same name', web, '/home/you/app', null],
    ['of another name', { ...web, 'sluice-project': 'shop' }, here, null],
    ['of a project given that very name', web, null, null],
    ['from before there were projects', { 'sluice-resource': 'web' }, null, null],
    ['of nobody', { app: 'x' }, null, null],
    ['of nobody, selected', { app: 'picked' }, null, 'picked'],
    ['of another project, selected', { app: 'picked', 'sluice-project': 'shop' }, null, null],
    ['of another place, selected', { app: 'picked', 'sluice-project': 'app' }, '/home/you/app', null],
    ['of an operator that copied our labels, selected', { app: 'picked', 'sluice-project': 'app' }, null, 'picked'],
    ['of a resource that is none', { ...web, 'sluice-resource': 'constructor' }, here, null],
  ])('%s', (_, labels, place, expected) => {
    expect(resourceOfPod(session(), pod('web', { labels, place }))).toBe(expected);
  });

  it('of a given project is ours wherever it was made', () => {
    const of = (place: string | null) =>
      resourceOfPod(session(projectOf('app', '/ci/42')), pod('web', { labels: web, place }));
    expect([null, '/ci/42', '/home/me/app'].map(of)).toEqual(['web', 'web', null]);
  });

  it('of another project has services that are not shown either', () => {
    const state = session();
    expect(isAnothers(state, { labels: { 'sluice-project': 'shop' } })).toBe(true);
    expect(isAnothers(state, { labels: { 'app.kubernetes.io/managed-by': 'Helm' } })).toBe(false);
  });
});
