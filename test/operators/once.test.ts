// What several ask for at once: got once, stopped by the last of them, never older than who asks for it anew.
import { expect, it } from 'vitest';
import { anew, once } from '../../src/operators/promises/once.ts';

function source() {
  const asked: { readonly stop: AbortSignal; give(value: string): void; fail(error: Error): void }[] = [];
  const get = (stop: AbortSignal) =>
    new Promise<string>((give, fail) => {
      stop.addEventListener('abort', () => fail(stop.reason));
      asked.push({ stop, give, fail });
    });
  return { asked, get, of: {} };
}

const never = new AbortController().signal;

it('is got once for all who ask meanwhile, and again for who asks later', async () => {
  const { asked, get, of } = source();
  const both = [once(of, 'a', get, never), once(of, 'a', get, never)];
  const other = once(of, 'b', get, never);
  expect(asked).toHaveLength(2);
  asked[0]?.give('one');
  asked[1]?.give('other');
  expect(await Promise.all([...both, other])).toEqual(['one', 'one', 'other']);
  const later = once(of, 'a', get, never);
  asked[2]?.fail(new Error('gone'));
  await expect(later).rejects.toThrow('gone');
  expect(asked).toHaveLength(3);
});

it('goes on for the others where one is stopped, and is stopped with the last', async () => {
  const { asked, get, of } = source();
  const [first, second] = [new AbortController(), new AbortController()];
  const [a, b] = [once(of, 'a', get, first.signal), once(of, 'a', get, second.signal)];
  first.abort();
  await expect(a).rejects.toThrow('aborted');
  expect(asked[0]?.stop.aborted).toBe(false);
  second.abort();
  await expect(b).rejects.toThrow('aborted');
  expect(asked[0]?.stop.aborted).toBe(true);
  await expect(once(of, 'a', get, AbortSignal.abort())).rejects.toThrow('aborted');
  const after = once(of, 'a', get, never);
  asked.at(-1)?.give('new');
  expect(await after).toBe('new');
});

it('anew joins nobody, and others join it', async () => {
  const { asked, get, of } = source();
  const old = once(of, 'a', get, never);
  const fresh = anew(of, 'a', get, never);
  const joined = once(of, 'a', get, never);
  expect(asked).toHaveLength(2);
  asked[1]?.give('new');
  asked[0]?.give('old');
  expect(await Promise.all([old, fresh, joined])).toEqual(['old', 'new', 'new']);
});
