// Documents made from the program are what the program says now; links and places in the others lead somewhere.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { schema } from '../../src/config/schema/schema.ts';
import { generated } from '../docs/documents.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const documents = (readdirSync(join(root, 'docs'), { recursive: true }) as string[]).filter((path) =>
  path.endsWith('.md'),
);

describe('documents made from the program', () => {
  it.each(Object.entries(generated()))('%s is fresh (npm run docs)', (path, text) => {
    expect(readFileSync(join(root, path), 'utf8')).toBe(text);
  });
});

it.each(documents)('docs/%s leads to what is there', (path) => {
  const text = readFileSync(join(root, 'docs', path), 'utf8');
  const links = [...text.matchAll(/\]\((?!https?:|#)([^)#]+)(?:#[^)]*)?\)/g)].map(([, link]) => link as string);
  expect(links.filter((link) => !existsSync(join(root, 'docs', dirname(path), link)))).toEqual([]);
  const places = [...text.matchAll(/`((?:src|test|examples)\/[\w./-]*\w)`/g)].map(([, place]) => place as string);
  expect(places.filter((place) => !existsSync(join(root, place)))).toEqual([]);
});

const texts = [...documents.map((path) => `docs/${path}`), 'README.md'];
const helpOf = generated()['man/sluice.1'] ?? '';

it.each(texts)('%s shows configurations that are ones', (path) => {
  const blocks = [...readFileSync(join(root, path), 'utf8').matchAll(/^```yaml\n([\s\S]*?)^```/gm)].map(
    ([, block]) => block as string,
  );
  for (const block of blocks) {
    const value: unknown = parse(block);
    if (value !== null) expect(schema.safeParse(value).error, block).toBe(undefined);
  }
});

it.each(texts)('%s shows commands and options that are there', (path) => {
  const text = readFileSync(join(root, path), 'utf8');
  const commands = [...text.matchAll(/(?:^ {4}|`)sluice ([a-z]+)([^`\n|]*)/gm)].map(
    ([, verb, rest]) => [verb as string, rest as string] as const,
  );
  for (const [verb, rest] of commands) {
    const at = helpOf.indexOf(`.SS "sluice ${verb}"`);
    expect(at, `sluice ${verb}`).toBeGreaterThan(-1);
    const help = helpOf.slice(at, helpOf.indexOf('.SS', at + 3)).replaceAll('\\-', '-');
    for (const [option] of rest.split('#')[0]?.matchAll(/(?<=\s)--?[a-z][\w-]*/g) ?? [])
      expect(help, `sluice ${verb} ${option}`).toContain(option);
  }
});

it('each place of where.md exports what it is named for', () => {
  const text = readFileSync(join(root, 'docs/architecture/where.md'), 'utf8');
  const answers = [...text.matchAll(/^\| … .* \| `([^`]+)`(?: `(\w+)`)? \|$/gm)];
  expect(answers.length).toBeGreaterThanOrEqual(20);
  for (const [, path = '', name] of answers)
    if (name !== undefined)
      expect(readFileSync(join(root, path), 'utf8'), path).toMatch(
        new RegExp(`export (?:async )?(?:function|const) ${name}\\b`),
      );
});
