// A pattern of the user that never ends, wherever it is applied, stops nothing but itself, and is named.
import { expect, it } from 'vitest';
import { drive } from '../support/drive.ts';
import { sluice } from '../support/sluice.ts';
import { tempProject } from '../support/temp.ts';

it('in ready.log and in logs --grep', async () => {
  const dir = tempProject({
    'sluice.yaml': `local:
  bad:
    serve: "while :; do echo ${'a'.repeat(60)}!; sleep 0.1; done"
    ready: {log: "^(a+)+$"}
  good: {serve: exec sleep 1000}
`,
  });
  const session = drive(dir);
  const state = await session.until(
    ({ resources: { bad, good } }) => bad?.runtime.status === 'failed' && good?.runtime.status === 'ready',
    'bad failed, good is ready',
  );
  expect(state.resources.bad?.runtime.problem).toMatchObject({
    code: 'S600',
    what: 'bad is not ready: the pattern of ready.log takes more than 250 ms on a few lines',
    at: { line: 2 },
  });
  for (const follow of [[], ['--follow']]) {
    const { code, stderr } = await sluice(dir, ['logs', '--grep', '^(a+)+$', ...follow], { env: session.env });
    expect(stderr).toMatch(/^sluice: the search pattern takes more than 250 ms on a few lines\n {2}hint: .*\n$/);
    expect(code).toBe(2);
  }
  expect((await sluice(dir, ['status'], { env: session.env })).code).toBe(0);
  await session.stop();
});
