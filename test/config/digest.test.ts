// What a changed file means for what runs: a resource with another digest is built, deployed or run anew.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { deployment, project } from './project.ts';

const base =
  'images: {shop/web: {context: ., live: [{sync: {from: src, to: /src}}]}}\nkubernetes: {manifests: [k.yaml]}\nlocal: {a: {cmd: x}, b: {cmd: x}}\n';

async function change(after: string) {
  const made = project({ 'sluice.yaml': base, Dockerfile: 'FROM scratch\n', 'k.yaml': deployment('web', 'shop/web') });
  const before = await made.config();
  writeFileSync(join(made.dir, 'sluice.yaml'), after);
  const { resources, order } = await made.config();
  return order.filter((name) => resources[name]?.digest !== before.resources[name]?.digest);
}

it.each([
  [
    'labels, links, ports and trigger change nothing',
    `${base}resources: {web: {labels: [x], links: ["http://a"], ports: [80], trigger: manual}, a: {labels: [y]}}\n`,
    [],
  ],
  [
    'another build argument rebuilds what uses the image',
    base.replace('context: .,', 'context: ., args: {A: 1},'),
    ['web'],
  ],
  [
    'another ignore rule rebuilds what uses the image',
    base.replace('context: .,', 'context: ., ignore: [x],'),
    ['web'],
  ],
  ['another live rule changes nothing', base.replace('/src}}]', '/other}}]'), []],
  ['another command runs again', base.replace('a: {cmd: x}', 'a: {cmd: y}'), ['a']],
  ['another namespace deploys again', base.replace('manifests', 'namespace: x, manifests'), ['web']],
])('%s', async (_, after, changed) => {
  expect(await change(after)).toEqual(changed);
});
