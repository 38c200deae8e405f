import { expect, it } from 'vitest';
import { isProblemError, type Problem } from '../../../src/model/problems/problem.ts';
import { refuseUnasked } from '../../../src/update/image/unasked-push.ts';

const none = { context: 'dev', mayBeThere: null };
const unread = { context: 'dev', mayBeThere: 'you may not get configmaps in kube-public' };

function refused(ref: string, unknown: typeof none | typeof unread | null, push = true): Problem | null {
  try {
    refuseUnasked(ref, { push, unknown });
    return null;
  } catch (error) {
    if (isProblemError(error)) return error.problem;
    throw error;
  }
}

it.each(['web', 'shop/web', 'shop/web:1', 'docker.io/shop/web', 'index.docker.io/shop/web'])(
  '%s is not pushed to Docker Hub, which nobody named',
  (ref) => {
    for (const unknown of [none, unread])
      expect(refused(ref, unknown)).toMatchObject({
        kind: 'yours',
        code: 'S264',
        what: expect.stringContaining('Docker Hub'),
        hint: expect.stringContaining('kubernetes: {registry: HOST:PORT}'),
      });
    expect(refused(ref, unread)?.what).toContain('you may not get configmaps in kube-public');
    // Named in the configuration or found out, loaded, or built where it runs.
    expect(refused(ref, null)).toBeNull();
    expect(refused(ref, none, false)).toBeNull();
  },
);

it.each(['ghcr.io/a/b', 'eu.gcr.io/a/b', 'reg.example.com:5000/a'])(
  '%s goes to the registry in its name, unless the own one of the cluster could not be found out',
  (ref) => {
    expect(refused(ref, none)).toBeNull();
    expect(refused(ref, unread)).toMatchObject({ code: 'S264', hint: expect.stringContaining(ref.split('/')[0]!) });
  },
);

it.each([
  'localhost:5000/a',
  '127.0.0.1:5000/a',
  'registry:5000/a',
  '10.1.2.3:5000/a',
  'reg.lan/a',
  'k3d.localhost:1/a',
])('%s is near by', (ref) => {
  expect([none, unread].map((unknown) => refused(ref, unknown))).toEqual([null, null]);
});
