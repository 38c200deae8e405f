// The API server is there and answers no: a node that it cannot reach, a login that has ended, too many requests, an error of its own.
import { readFileSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { clusterProject } from '../e2e/cluster/project.ts';
import { liveProject } from '../e2e/live/project.ts';
import { cluster, docker, kubeconfig } from '../support/capability.ts';
import { clientCertificate } from '../support/cluster/certificate.ts';
import { kubectl } from '../support/cluster/cluster.ts';
import { reverse } from '../support/cluster/reverse.ts';
import { drive } from '../support/drive.ts';
import { serves } from '../support/facts.ts';
import { writeFiles } from '../support/temp.ts';
import { row, since } from './row.ts';

it.skipIf(!docker || !cluster)('a node out of reach, an API server with errors', async () => {
  const { dir, url, args } = await liveProject('answers');
  const way = await reverse();
  const session = drive(dir, args, { env: { KUBECONFIG: way.kubeconfig } });
  await session.idle();
  await serves(url, 'first page');

  // Its kubelet has gone: what is open to it breaks, what is asked of it is refused by the API server.
  way.refuse(
    /\/pods\/[^/]+\/(exec|log|portforward)/,
    502,
    'error dialing backend: dial tcp 10.0.0.7:10250: connect: no route to host',
  );
  let start = performance.now();
  writeFiles(dir, { 'web/www/index.html': 'second page' });
  const failed = await session.until(
    ({ resources: { web } }) => /dialing backend/.test(`${web?.update.problem?.what}`),
    'the node is named',
    30_000,
  );
  expect(failed.resources.web?.update.problem?.kind).toBe('unavailable');
  expect(failed.changes.live).toBeLessThan(failed.changes.seen);
  const noticed = since(start);
  start = performance.now();
  way.refuse(null);
  await session.until(({ changes: { live, seen } }) => live === seen, 'the save is live', 20_000);
  await serves(url, 'second page');
  row('kubelet out of reach', `noticed after ${noticed}, live after ${since(start)}`);

  // Its etcd has gone.
  way.refuse(/./, 503, 'etcdserver: no leader');
  start = performance.now();
  await session.until(
    ({ cluster: { ok, problem } }) => !ok && /no leader/.test(`${problem?.what}`),
    'the error is told',
    20_000,
  );
  writeFiles(dir, { 'web/www/index.html': 'third page' });
  way.refuse(/./, 429, 'too many requests', { 'Retry-After': '1' });
  await session.until(
    ({ cluster: { ok, problem } }) => !ok && /too many/.test(`${problem?.what}`),
    'so is the other',
    20_000,
  );
  const told = since(start);
  start = performance.now();
  way.refuse(null);
  await session.until(({ cluster: { ok } }) => ok, 'the cluster is back', 7_000);
  await serves(url, 'third page');
  row('API server answers 503, 429', `told after ${told}, back after ${since(start)}`);
  await session.stop();
});

it.skipIf(!docker || !cluster)('a login that has ended, and the next one', async () => {
  const {
    dir,
    namespace: space,
    url,
    args,
  } = await clusterProject('login', {
    kubernetes: '  registry: localhost:5000',
  });
  const account = async (): Promise<string> => {
    await kubectl('-n', space, 'create', 'serviceaccount', 'dev');
    return (await kubectl('-n', space, 'create', 'token', 'dev')).trim();
  };
  const access = parse(readFileSync(kubeconfig, 'utf8'));
  for (const { context } of access.contexts) context.user = 'dev';
  const login = (token: string): void =>
    writeFileSync(`${dir}/kubeconfig`, JSON.stringify({ ...access, users: [{ name: 'dev', user: { token } }] }));
  await kubectl('-n', space, 'create', 'rolebinding', 'dev', '--clusterrole=admin', `--serviceaccount=${space}:dev`);
  login(await account());
  const session = drive(dir, args, { env: { KUBECONFIG: `${dir}/kubeconfig` } });
  await serves(url, 'first page');
  await session.idle();
  let start = performance.now();
  await kubectl('-n', space, 'delete', 'serviceaccount', 'dev');
  const refused = await session.until(({ cluster: { ok } }) => !ok, 'the login is refused', 40_000);
  expect(refused.cluster.problem).toMatchObject({ kind: 'denied', code: 'S306' });
  const noticed = since(start);
  writeFiles(dir, { 'web/www/index.html': 'after the login' });
  const token = await account();
  start = performance.now();
  login(token);
  await session.until(({ cluster: { ok } }) => ok, 'the new login is taken from the kubeconfig', 7_000);
  await serves(url, 'after the login').catch((error) => {
    throw new Error(String(error) + JSON.stringify(session.state.resources.web) + JSON.stringify(session.state.feeds));
  });
  row('login ended', `noticed after ${noticed} (tokens are cached for 10 s), back after ${since(start)}`);
  await session.stop();
});

it.skipIf(!docker || !cluster)('a client certificate that ends, and the next one', async () => {
  const given = await clusterProject('certificate', { kubernetes: '  registry: localhost:5000' });
  const { dir, namespace: space, url, args } = given;
  const access = parse(readFileSync(kubeconfig, 'utf8'));
  for (const { context } of access.contexts) context.user = 'dev';
  const login = (user: object): void =>
    writeFileSync(`${dir}/kubeconfig`, JSON.stringify({ ...access, users: [{ name: 'dev', user }] }));
  const user = `${space}-dev`;
  await kubectl('-n', space, 'create', 'rolebinding', 'dev', '--clusterrole=admin', `--user=${user}`);
  const lastsMs = 40_000;
  const first = await clientCertificate(user, lastsMs);
  const endsAt = performance.now() + lastsMs;
  login(first);
  const session = drive(dir, args, { env: { KUBECONFIG: `${dir}/kubeconfig` } });
  await serves(url, 'first page');
  await session.idle();
  await session.until(({ cluster: { ok } }) => !ok, 'the login is refused', lastsMs + 20_000);
  expect(performance.now()).toBeLessThan(endsAt + 20_000);
  expect(session.state.cluster.problem).toMatchObject({
    kind: 'denied',
    code: 'S306',
    what: expect.stringContaining('certificate has expired'),
  });
  const noticed = since(endsAt);
  writeFiles(dir, { 'web/www/index.html': 'after the certificate' });
  const next = await clientCertificate(user, 600_000);
  const start = performance.now();
  login(next);
  await session.until(({ cluster: { ok } }) => ok, 'the new certificate is taken from the kubeconfig', 5_000);
  const back = since(start);
  await serves(url, 'after the certificate');
  row('client certificate expired', `noticed after ${noticed}, back after ${back}`);
  await session.stop();
});
