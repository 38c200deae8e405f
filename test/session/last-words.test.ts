// What a failing program said at its end: in its own words, not in those of the same program when it ran before.
import { describe, expect, it } from 'vitest';
import { createLogStore } from '../../src/logs/store.ts';
import { containerRun, serverRun, startedRun } from '../../src/model/pods/log-run.ts';
import { lastWords } from '../../src/session/end/last-words.ts';

const at = Date.UTC(2024, 0, 1);

describe.each([
  ['a container', containerRun('containerd://aaaaaaaaaaaaaaaa'), containerRun('containerd://bbbbbbbbbbbbbbbb')],
  ['a container that keeps its id', startedRun('aaaaaaaaaaaaaaaa', at), startedRun('aaaaaaaaaaaaaaaa', at + 5_000)],
  ['a server', serverRun(1), serverRun(2)],
])('the last words of %s', (_, first, second) => {
  const pod = { pod: 'web-1', container: 'web' };
  const logs = createLogStore({ dir: null });
  const write = (run: string, text: string) =>
    logs.write({ resource: 'web', source: 'runtime', ...pod, run }, `${text}\n`, at);
  const said = lastWords(logs);

  it('are those of the start that came to an end', () => {
    write(first, 'Error: no database');
    expect(said('web', { ...pod, run: first }, 5)).toEqual(['Error: no database']);
    // Nothing of it has come: what it said before is better than nothing.
    expect(said('web', { ...pod, run: second }, 5)).toEqual(['Error: no database']);
    write(second, 'listening');
    write(second, 'bye');
    expect(said('web', { ...pod, run: second }, 5)).toEqual(['listening', 'bye']);
    expect(said('web', { ...pod, run: first }, 5)).toEqual(['Error: no database']);
  });
});
