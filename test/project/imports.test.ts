// Who may import whom. The law keeps effects out of the pure parts and policy out of the adapters.
import { describe, expect, it } from 'vitest';
import { importsOf, projectFiles } from '../support/sources.ts';

const law: Readonly<Record<string, readonly string[]>> = {
  model: [],
  logs: ['model'],
  operators: ['model'],
  engine: ['model', 'operators'],
  config: ['model'],
  adapters: ['model', 'operators'],
  update: ['model', 'operators', 'engine', 'logs'],
  sources: ['model', 'operators', 'engine', 'logs', 'config'],
  controllers: ['model', 'operators', 'engine', 'logs', 'update'],
  view: ['model', 'engine', 'logs'],
  start: ['model', 'adapters'],
  'start.ts': ['start', 'adapters'],
  'pipeline.ts': ['model', 'operators', 'engine', 'logs', 'sources', 'controllers', 'update', 'view'],
};
/** These wire, and may see everything below them. */
const free = ['commands', 'session', 'wiring.ts', 'main.ts'];

/** Docker's daemon has a BuildKit inside, and whoever pulls or pushes logs in to registries. */
const spoken: Readonly<Record<string, readonly string[]>> = {
  docker: ['buildkit', 'registry'],
  buildkit: ['registry'],
};

const files = projectFiles('src', '.ts');
const imports = files.flatMap(importsOf);
const local = imports.filter(({ to }) => to.startsWith('src/'));
const partOf = (path: string) => path.split('/')[1] ?? '';

describe('imports', () => {
  it('every part of src has its place in the law', () => {
    expect([...new Set(files.map(partOf))].filter((part) => !(part in law) && !free.includes(part))).toEqual([]);
  });

  it('go the way the law says', () => {
    const against = local.filter(({ from, to }) => {
      const [part, other] = [partOf(from), partOf(to)];
      return part !== other && !free.includes(part) && !law[part]?.includes(other);
    });
    expect(against.map(({ from, to }) => `${from} → ${to}`)).toEqual([]);
  });

  it('let nobody below see the wiring, the session or the command line', () => {
    const seen = local.filter(({ from, to }) => free.includes(partOf(to)) && !free.includes(partOf(from)));
    expect(seen.map(({ from, to }) => `${from} → ${to}`)).toEqual([]);
  });

  it('keep one outside system from knowing another, save for what both speak', () => {
    const system = (path: string) => path.split('/')[2] ?? '';
    const crossing = local.filter(
      ({ from, to }) =>
        partOf(from) === 'adapters' &&
        partOf(to) === 'adapters' &&
        system(from) !== system(to) &&
        !spoken[system(from)]?.includes(system(to)),
    );
    expect(crossing.map(({ from, to }) => `${from} → ${to}`)).toEqual([]);
  });

  it('leave the outside out of model and engine', () => {
    const outside = imports.filter(
      ({ from, to, isType }) => ['model', 'engine'].includes(partOf(from)) && to.startsWith('node:') && !isType,
    );
    expect(outside.map(({ from, to }) => `${from} → ${to}`)).toEqual([]);
  });

  it('make no circle', () => {
    const graph = new Map<string, string[]>();
    for (const { from, to } of local) graph.set(from, [...(graph.get(from) ?? []), to]);
    const done = new Set<string>();
    const circles: string[] = [];
    const walk = (path: string, trail: readonly string[]) => {
      const seenAt = trail.indexOf(path);
      if (seenAt >= 0) circles.push([...trail.slice(seenAt), path].join(' → '));
      if (seenAt >= 0 || done.has(path)) return;
      for (const next of graph.get(path) ?? []) walk(next, [...trail, path]);
      done.add(path);
    };
    for (const path of graph.keys()) walk(path, []);
    expect(circles).toEqual([]);
  });
});
