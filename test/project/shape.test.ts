// The size and the names of the project's files, and where a subscription may be made.
import { basename } from 'node:path';
import { describe, expect, it } from 'vitest';
import { projectFiles, textOf } from '../support/sources.ts';

const LONGEST = 400;
const drawers = /^(utils?|helpers?|common|managers?|types|misc|shared|lib|stuff)$/;

const sources = projectFiles('src', '.ts');
const code = [...sources, ...projectFiles('test', '.ts'), ...projectFiles('test', '.mjs'), 'build.mjs'];

describe('files', () => {
  it(`are no longer than ${LONGEST} lines`, () => {
    const long = sources
      .map((path) => [path, textOf(path).split('\n').length] as const)
      .filter(([, lines]) => lines > LONGEST);
    expect(long).toEqual([]);
  });

  it('have names that say what is inside', () => {
    const named = code.filter((path) => path.split('/').some((part) => drawers.test(basename(part, '.ts'))));
    expect(named).toEqual([]);
  });

  it('begin by saying what they are for', () => {
    // A command says it in its `description`, which its users read.
    const silent = sources.filter((path) => !/^\/[/*]/.test(textOf(path)) && !/^\s+description: '/m.test(textOf(path)));
    expect(silent).toEqual([]);
  });
});

describe('variables', () => {
  it('are called what they stand for: none is `it`', () => {
    const declared = /(?:\b(?:const|let|readonly)\s+|[({,[]\s*)it\b\s*(?=\?:|[:,)}\]=]|of\b)|(?<!\.)\bit\s*=>/;
    const bare = (text: string): string => text.replace(/\/\*[\s\S]*?\*\/|(?<!:)\/\/.*$|'(?:[^'\\\n]|\\.)*'/gm, "''");
    expect(sources.filter((path) => declared.test(bare(textOf(path))))).toEqual([]);
  });
});

describe('subscriptions', () => {
  const mayStart = [
    /^src\/(pipeline|wiring)\.ts$/,
    /^src\/engine\//,
    /^src\/operators\//,
    /^src\/adapters\//,
    /^src\/view\//,
    /^src\/(session|commands)\//,
  ];

  it('are made where lifetimes are owned, and nowhere else', () => {
    const elsewhere = sources.filter(
      (path) => textOf(path).includes('.subscribe(') && !mayStart.some((place) => place.test(path)),
    );
    expect(elsewhere).toEqual([]);
  });

  it('share without a count of readers nowhere: such a subscription is never torn down', () => {
    const leaking = sources.filter((path) => /shareReplay\(\s*\d*\s*\)/.test(textOf(path)));
    expect(leaking).toEqual([]);
  });
});

describe('signals', () => {
  it('are listened to through one function, which takes its listeners away', () => {
    const byHand = sources.filter(
      (path) => path !== 'src/operators/promises/on-abort.ts' && textOf(path).includes("EventListener('abort'"),
    );
    expect(byHand).toEqual([]);
  });

  it('of a time that has passed are held by a timer, and known to more than AbortSignal.any', () => {
    expect(sources.filter((path) => /any\(\[[^\]]*AbortSignal\.timeout/.test(textOf(path)))).toEqual([]);
  });
});

describe('the process', () => {
  it('is ended in src/main.ts alone', () => {
    const ending = sources.filter((path) => path !== 'src/main.ts' && /\bprocess\.exit\(/.test(textOf(path)));
    expect(ending).toEqual([]);
  });
});

describe('streams', () => {
  it('are listened to for every error, not the first alone: a second one would end the process', () => {
    // Until it is open: what listens then stays.
    const handing = ['src/commands/asking/client.ts', 'src/session/requests/lines.ts'];
    const once = sources.filter((path) => /once\('error'/.test(textOf(path)) && !handing.includes(path));
    expect(once).toEqual([]);
  });
});

describe('folders', () => {
  it('hold at most fifteen files: more of them get rooms', () => {
    const filesIn = new Map<string, number>();
    for (const path of code) {
      const folder = path.slice(0, path.lastIndexOf('/'));
      filesIn.set(folder, (filesIn.get(folder) ?? 0) + 1);
    }
    const crowded = [...filesIn].filter(([, count]) => count > 15);
    expect(crowded).toEqual([]);
  });

  it('hold files of which half are at most eighty lines long', () => {
    const lengths = sources.map((path) => textOf(path).split('\n').length).sort((a, b) => a - b);
    expect(lengths[Math.floor(lengths.length / 2)]).toBeLessThanOrEqual(80);
  });
});
