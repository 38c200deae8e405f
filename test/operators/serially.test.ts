import { expect, it } from 'vitest';
import { serially } from '../../src/operators/promises/serially.ts';

it('runs one after the other; a failure is its caller’s alone', async () => {
  const inTurn = serially();
  const said: string[] = [];
  const act = (name: string) => async () => {
    said.push(`${name} begins`);
    await Promise.resolve();
    said.push(`${name} ends`);
    if (name === 'b') throw new Error('b is broken');
    return name;
  };
  const [a, b, c] = await Promise.allSettled(['a', 'b', 'c'].map((name) => inTurn(act(name))));
  expect(said).toEqual(['a begins', 'a ends', 'b begins', 'b ends', 'c begins', 'c ends']);
  expect([a, c]).toMatchObject([{ value: 'a' }, { value: 'c' }]);
  expect(b).toMatchObject({ reason: new Error('b is broken') });
});
