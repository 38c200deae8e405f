// What a recording holds of a configuration that cannot be read.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { of } from 'rxjs';
import { expect, it } from 'vitest';
import type { Step } from '../../src/engine/engine.ts';
import { seed } from '../../src/engine/reduce.ts';
import { recorder } from '../../src/session/recording.ts';
import { tempProject } from '../support/temp.ts';

it('quotes no line of a file: what stands there is not known to be hidden', async () => {
  const dir = tempProject();
  const file = join(dir, 'recording.ndjson');
  const problem = {
    kind: 'yours' as const,
    code: 'S101',
    what: 'a bracket is missing',
    at: { file: '/x/sluice.yaml', line: 3, column: 9 },
    excerpt: { text: 'args: {A: canary-1, B: [}', column: 25 },
  };
  const action = {
    type: 'config/broken' as const,
    seq: 1,
    at: 1,
    problems: [problem],
    reads: { roots: [], filters: [] },
    wanted: 1,
  };
  const step$ = of({ state: seed, action } as unknown as Step);
  const recording = recorder(file, dir, step$, (text) => text);
  await recording.close();
  const { excerpt: _, ...rest } = problem;
  expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual({ ...action, problems: [rest] });
});
