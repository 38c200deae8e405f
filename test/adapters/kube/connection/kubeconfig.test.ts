import { delimiter, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readKubeconfig } from '../../../../src/adapters/kube/access/kubeconfig.ts';
import { isProblemError } from '../../../../src/model/problems/problem.ts';
import { tempProject } from '../../../support/temp.ts';

const file = (name: string, server: string, extra = '') => `
current-context: ${name}
clusters: [{name: shared, cluster: {server: "${server}", certificate-authority: ca.crt}}]
users: [{name: ${name}, user: {tokenFile: token, exec: {command: ./login, args: [x]}}}]
contexts: [{name: ${name}, context: {cluster: shared, user: ${name}, namespace: ${name}-space}}, {name: broken, context: {cluster: none}}]
${extra}`;

const read = (dir: string, files: readonly string[], context?: string) =>
  readKubeconfig({ env: { KUBECONFIG: files.map((one) => join(dir, one)).join(delimiter) }, home: dir, context });
const problem = (call: () => unknown) => {
  try {
    call();
  } catch (error) {
    if (isProblemError(error)) return error.problem;
    throw error;
  }
  return expect.unreachable();
};

describe('a kubeconfig', () => {
  it('of several files takes what the first one says, and skips missing files', () => {
    const dir = tempProject({ 'a/one': file('one', 'https://first'), 'b/two': file('two', 'https://second') });
    const first = read(dir, ['missing', 'a/one', 'b/two']);
    expect(first).toMatchObject({
      context: 'one',
      cluster: 'shared',
      namespace: 'one-space',
      clusterEntry: { server: 'https://first' },
    });
    const second = read(dir, ['a/one', 'b/two'], 'two');
    expect(second).toMatchObject({
      context: 'two',
      clusterEntry: { server: 'https://first', 'certificate-authority': join(dir, 'a/ca.crt') },
    });
    expect(second.userEntry).toMatchObject({
      tokenFile: join(dir, 'b/token'),
      exec: { command: join(dir, 'b/login') },
    });
  });

  it.each([
    ['parts in files of their own', ['context', 'cluster', 'user']],
    ['parts in another order', ['user', 'cluster', 'context']],
    ['empty entries at any place', ['', 'context', '', 'cluster', 'user', '']],
    ['files that do not exist', ['nonesuch', 'context', 'none/such', 'cluster', 'user']],
    ['empty files, and one named twice', ['empty', 'context', 'context', 'cluster', 'user', 'empty']],
    ['a current-context that is empty in the first', ['no-current', 'context', 'cluster', 'user']],
  ])('is merged from %s', (_, files) => {
    const dir = tempProject({
      context: 'current-context: dev\ncontexts: [{name: dev, context: {cluster: c, user: u, namespace: n}}]',
      'no-current': 'current-context: ""\nclusters: []\nusers: null',
      cluster: 'clusters: [{name: c, cluster: {server: "https://c"}}]',
      user: 'users: [{name: u, user: {token: t}}]',
      empty: '',
    });
    const env = { KUBECONFIG: files.map((name) => (name === '' ? '' : join(dir, name))).join(delimiter) };
    expect(readKubeconfig({ env, home: dir })).toMatchObject({
      context: 'dev',
      cluster: 'c',
      namespace: 'n',
      clusterEntry: { server: 'https://c' },
      userEntry: { token: 't' },
    });
  });

  it('takes an entry from one file whole, whatever the next ones add to it', () => {
    const dir = tempProject({
      one: 'current-context: x\nusers: [{name: u, user: {username: a}}]\ncontexts: [{name: x, context: {cluster: c, user: u}}]',
      two: 'current-context: y\nusers: [{name: u, user: {token: t}}]\nclusters: [{name: c, cluster: {server: "https://c"}}]',
    });
    expect(read(dir, ['one', 'two'])).toMatchObject({ context: 'x', userEntry: { username: 'a' } });
    expect(read(dir, ['one', 'two']).userEntry).not.toHaveProperty('token');
  });

  it('is not looked for elsewhere where KUBECONFIG names files that are not there', () => {
    const dir = tempProject({ '.kube/config': file('one', 'https://first') });
    for (const list of [join(dir, 'nonesuch'), delimiter, `${delimiter}${delimiter}`])
      expect(problem(() => readKubeconfig({ env: { KUBECONFIG: list }, home: dir }))).toMatchObject({
        code: 'S300',
        what: expect.stringContaining(list),
      });
    expect(problem(() => read(dir, ['.kube']))).toMatchObject({ code: 'S301' });
  });

  it('is looked for in the home directory, and missing is told with what to do', () => {
    const dir = tempProject({ 'with/.kube/config': file('one', 'https://first') });
    expect(readKubeconfig({ env: {}, home: join(dir, 'with') }).context).toBe('one');
    expect(problem(() => readKubeconfig({ env: {}, home: dir }))).toMatchObject({
      kind: 'unavailable',
      code: 'S300',
      hint: expect.stringContaining('KUBECONFIG'),
    });
    expect(problem(() => readKubeconfig({ env: {}, home: dir, kubeconfig: '/nonesuch' }))).toMatchObject({
      code: 'S300',
    });
  });

  it('without the context asked for tells which there are', () => {
    const dir = tempProject({ one: file('one', 'https://first') });
    expect(problem(() => read(dir, ['one'], 'prod'))).toMatchObject({
      kind: 'yours',
      code: 'S302',
      hint: 'contexts there: one, broken',
    });
    expect(problem(() => read(dir, ['one'], 'broken'))).toMatchObject({
      code: 'S301',
      what: expect.stringContaining('"none"'),
    });
  });

  it('that cannot be read is named', () => {
    const dir = tempProject({ bad: 'clusters: [', list: '- x', empty: '' });
    expect(problem(() => read(dir, ['bad']))).toMatchObject({
      kind: 'yours',
      code: 'S301',
      what: expect.stringContaining(join(dir, 'bad')),
    });
    expect(problem(() => read(dir, ['list']))).toMatchObject({ code: 'S301' });
    expect(problem(() => read(dir, ['empty']))).toMatchObject({ code: 'S302', hint: 'contexts there: none' });
  });

  it('of a pod is its service account only where there is one', () => {
    const dir = tempProject();
    const env = { KUBERNETES_SERVICE_HOST: '10.0.0.1', KUBERNETES_SERVICE_PORT: '443' };
    expect(problem(() => readKubeconfig({ env, home: dir }))).toMatchObject({ code: 'S300' });
  });
});
