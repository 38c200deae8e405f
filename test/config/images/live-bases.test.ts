// Live rules of a base count for the images that are built FROM it, and for no others.
import { expect, it } from 'vitest';
import type { LiveRule } from '../../../src/model/config.ts';
import type { FileChange } from '../../../src/model/run.ts';
import { planLive } from '../../../src/update/live/steps.ts';
import { change, imageWork, kubeWork, rule } from '../../update/live/work.ts';
import { deployment, project } from '../project.ts';

const told = (live: readonly LiveRule[]) =>
  live.map((each) => `${each.is === 'sync' ? each.to : each.is}${each.of ? ` of ${each.of}` : ''}`);

const cases: readonly (readonly [string, string, readonly string[]])[] = [
  ['its last stage', 'FROM base\nCOPY . /top\n', ['/own', '/base of base', 'restart of base', '/ground of ground']],
  [
    'a stage of its own that is',
    'FROM base AS a\nFROM a\n',
    ['/own', '/base of base', 'restart of base', '/ground of ground'],
  ],
  ['a name of a variable', 'ARG B=base\nFROM $B\n', ['/own', '/base of base', 'restart of base', '/ground of ground']],
  ['a stage that is only copied from', 'FROM base AS a\nFROM scratch\nCOPY --from=a /x /x\n', ['/own']],
  ['nothing', 'FROM scratch\n', ['/own']],
];

it.each(cases)('an image whose foundation is %s', async (_, dockerfile, rules) => {
  const image = (name: string, live: string) => `  ${name}:\n    context: ./${name}\n    live: [${live}]\n`;
  const sync = (from: string, to = `/${from}`) => `{sync: {from: ./${from}/src, to: ${to}}}`;
  const config = await project({
    'sluice.yaml': `images:\n${image('ground', sync('ground'))}${image('base', `${sync('base')}, {restart: process}`)}${image('top', sync('top', '/own'))}kubernetes: {manifests: [k.yaml]}\n`,
    'ground/Dockerfile': 'FROM scratch\n',
    'base/Dockerfile': 'FROM ground\n',
    'top/Dockerfile': dockerfile,
    'k.yaml': deployment('web', 'top', 'base'),
  }).config();
  expect(told(config.images.top!.live)).toEqual(rules);
  expect(told(config.images.base!.live)).toEqual(['/base', 'restart', '/ground of ground']);
});

const of = (base: LiveRule): LiveRule => ({ ...base, of: 'base' });
const plan = (own: readonly LiveRule[], files: { readonly base?: FileChange; readonly top?: FileChange }) => {
  const roots = (dir: string) => ({ files: { roots: [dir], filters: [] } });
  const base = imageWork([], files.base ? [files.base] : [], { ref: 'base', ...roots('/p/base') });
  const rules = [...own, of(rule.sync('/p/base', '/base')), of(rule.restart('container'))];
  const top = imageWork(rules, files.top ? [files.top] : [], { ref: 'top', bases: ['base'], ...roots('/p/top') });
  return planLive(kubeWork([base, top]), top, { ledger: 1, isNew: false });
};

it('rules of a base are for its own files alone', () => {
  const own = [rule.sync('/p/top', '/top')];
  const [base, top] = [change('/p/base/a'), change('/p/top/a')];
  expect(plan(own, { top })).toMatchObject({ copies: [{ target: '/top/a' }], restart: null });
  expect(plan(own, { base })).toMatchObject({ copies: [{ target: '/base/a' }], restart: 'container' });
  expect(plan([...own, rule.sync('/p/base', '/mine')], { base })).toMatchObject({
    copies: [{ target: '/mine/a' }],
    restart: null,
  });
  expect(plan([], { top })).toMatchObject({ take: false });
});
