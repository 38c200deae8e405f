// Values that are nobody's business, each in a place of its own, looked for in all that sluice writes and shows.
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { drive } from '../support/drive.ts';
import { sluice } from '../support/sluice.ts';
import { tempProject } from '../support/temp.ts';

const base64 = (text: string) => Buffer.from(text).toString('base64');

const places = [
  'env-file',
  'env-file-in-a-url',
  'env-file-in-a-link',
  'env-file-in-shell',
  'env-file-for-a-renderer',
  'second-env-file',
  'overridden-in-the-environment',
  'changed-env-file',
  'broken-env-file',
  'own-variable-called-a-token',
  'args',
  'args-expanded',
  'local-env',
  'url-password',
  'url-token',
  'secret-data',
  'secret-string-data',
  'secret-with-spaces',
  'container-env',
  'header',
  'set',
] as const;
const canary = (place: (typeof places)[number]) => `canary-${places.indexOf(place)}x`;

const config = `settings: {env: [a.env, b.env]}
images:
  try-private/x: {context: ., args: {A: ${canary('args')}, B: "\${B}", NUMBER: 8}}
kubernetes:
  manifests:
    - k.yaml
    - {command: 'printf "apiVersion: v1\\nkind: ConfigMap\\nmetadata: {name: m}\\ndata: {a: $RENDERED}\\n"'}
local:
  fails: {cmd: 'test -z "$SHELL_VALUE"', env: {OWN: ${canary('local-env')}, T: "\${MY_TOKEN}"}}
  web:
    serve: exec sleep 1000
    env: {V: "\${V}"}
    links: ["http://\${LINK}.example/", "http://${canary('url-token')}@example.test/"]
    ready: {http: "http://u:${canary('url-password')}@127.0.0.1:1/?\${URL}", every: 100ms}
`;
const files = {
  'sluice.yaml': config,
  'a.env': `V=${canary('env-file')}\nURL=${canary('env-file-in-a-url')}\nLINK=${canary('env-file-in-a-link')}\nSHELL_VALUE=${canary('env-file-in-shell')}\nRENDERED=${canary('env-file-for-a-renderer')}\nOVER=${canary('overridden-in-the-environment')}\nPORT=8080\nMODE=development\n`,
  'b.env': `B=${canary('args-expanded')}\nC=${canary('second-env-file')}\n`,
  'k.yaml': `apiVersion: v1
kind: Secret
metadata: {name: s}
data: {a: ${base64(canary('secret-data'))}}
stringData: {b: ${canary('secret-string-data')}, c: "${canary('secret-with-spaces')} and more"}
---
apiVersion: v1
kind: Pod
metadata: {name: p}
spec:
  containers:
    - name: c
      image: try-private/x
      env: [{name: E, value: ${canary('container-env')}}]
      livenessProbe: {httpGet: {port: 80, httpHeaders: [{name: Authorization, value: ${canary('header')}}]}}
`,
  Dockerfile: 'FROM scratch\n',
};

/** What a manifest says itself is what `plan --manifests` is asked for. */
const written: readonly string[] = ['container-env', 'header'];

/** Places whose value, plain or in base64, stands in a text. */
const leaks = (text: string): readonly string[] =>
  places.filter((place) => text.includes(canary(place)) || text.includes(base64(canary(place)).replace(/=+$/, '')));

it('none of them is shown or written, and a recording replays', async () => {
  const dir = tempProject(files);
  const outside = tempProject();
  // Nothing of it is deployed.
  const own = { KUBECONFIG: join(outside, 'none'), MY_TOKEN: canary('own-variable-called-a-token'), OVER: 'mine' };
  const recording = join(outside, 'recording.ndjson');
  const session = drive(dir, ['--record', recording], { env: own });
  await session.until(
    ({ resources: { fails, web } }) => fails?.update.status === 'failed' && web?.runtime.problem !== undefined,
    'one failed, one is asked in vain',
  );
  const env = { ...session.env, ...own };
  const states = [JSON.stringify(session.state)];
  const said: Record<string, string> = {};
  const ask = async (...args: readonly string[]) => {
    const { stdout, stderr } = await sluice(dir, args, { env });
    said[args.join(' ')] = stdout + stderr;
  };
  await ask('status', '--json');
  await ask('status');
  await ask('wait', '--json', '--timeout', '1s');
  await ask('logs');
  writeFileSync(join(dir, 'a.env'), files['a.env'].replace(canary('env-file'), canary('changed-env-file')));
  await session.until(({ resources }) => resources.fails?.history.length === 2, 'the change was brought in');
  writeFileSync(join(dir, 'a.env'), `V=${canary('env-file')}\nLINK=a b ${canary('broken-env-file')}\nURL=#\n`);
  writeFileSync(join(dir, 'sluice.yaml'), config.replace('cmd: ', 'dir: "${LINK}", restart: "${LINK}", cmd: '));
  await session.until(({ config: { ok } }) => !ok, 'the configuration is broken');
  states.push(JSON.stringify(session.state));
  await ask('plan');
  await session.stop();
  for (const [name, text] of Object.entries(files)) writeFileSync(join(dir, name), text);
  const junit = join(outside, 'junit.xml');
  for (const args of [
    ['plan'],
    ['plan', '--json'],
    ['plan', '--manifests'],
    ['explain', 'a.env'],
    ['doctor', '--json'],
    ['ci', '--junit', junit, '--timeout', '2s'],
    ['up', '--once', '--plain', '--verbose', '--timeout', '2s'],
    ['down'],
  ])
    await ask(...args);
  const notes = readdirSync(join(dir, '.sluice'))
    .map((name) => join(dir, '.sluice', name))
    .filter((path) => statSync(path).isFile());
  for (const path of [recording, junit, ...notes]) said[path] = readFileSync(path, 'utf8');
  said.stream = [...session.records.recent, ...states, JSON.stringify(session.records.verdict)].join('\n');
  said['lines of our own'] = session.logs.flatMap(({ source, text }) => (source === 'engine' ? [text] : [])).join('\n');
  said.stderr = session.stderr();
  said['plan --manifests'] = written.reduce(
    (text, place) => text.replaceAll(canary(place as (typeof places)[number]), ''),
    said['plan --manifests'] ?? '',
  );
  const found = Object.entries(said).map(([by, text]) => [by, leaks(text)] as const);
  expect(found.filter(([, places]) => places.length > 0)).toEqual([]);
  expect(existsSync(recording)).toBe(true);
  const replayed = await sluice(outside, ['replay', '--state', recording]);
  expect(JSON.parse(replayed.stdout).resources.web).toMatchObject({ name: 'web', kind: 'local' });
});
