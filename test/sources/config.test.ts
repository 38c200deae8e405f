import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createDisk } from '../../src/adapters/fs/disk.ts';
import { seed } from '../../src/engine/reduce.ts';
import type { EngineState } from '../../src/model/state.ts';
import { config } from '../../src/sources/config.ts';
import { feed, settled } from '../support/feeds.ts';
import { fakeProc, memoryLogs } from '../support/ports.ts';
import { tempProject } from '../support/temp.ts';

const two = 'kubernetes: {manifests: [{command: one, deps: [a]}, {command: two, deps: [a]}]}';

function session(yaml = two) {
  const dir = tempProject({ 'sluice.yaml': yaml, a: '' });
  const proc = fakeProc();
  const at = (wanted: number, phase: EngineState['phase'] = 'up'): EngineState => ({
    ...seed,
    phase,
    options: { ...seed.options, file: join(dir, 'sluice.yaml') },
    config: { ...seed.config, wanted },
  });
  const fed = feed(config({}), { disk: createDisk(), proc, logs: memoryLogs() }, at(1, 'starting'));
  const alive = (count: number) => expect.poll(() => proc.alive).toHaveLength(count);
  return { proc, fed, alive, ask: (wanted: number, phase?: EngineState['phase']) => fed.next(at(wanted, phase)) };
}

describe('loads of the configuration', () => {
  it('do not overlap: each program of the stopped one has gone before the newest one begins', async () => {
    const { proc, fed, alive, ask } = session();
    await alive(2);
    ask(2);
    ask(3);
    await settled();
    expect(proc.alive.map(({ isAsked }) => isAsked)).toEqual([true, true]);
    proc.alive[0]?.exit(1);
    await settled();
    // The other one still takes its time.
    expect(proc.processes).toHaveLength(2);
    proc.alive[0]?.exit(0);
    await alive(2);
    expect(proc.processes).toHaveLength(4);
    expect(fed.facts).toEqual([]);
    for (const each of [...proc.alive]) each.exit(0);
    await expect.poll(() => fed.facts).toMatchObject([{ type: 'config/loaded', wanted: 3 }]);
  });

  it('are asked to stop when the session drains, and tell nothing any more', async () => {
    const { proc, fed, alive, ask } = session();
    await alive(2);
    ask(1, 'draining');
    expect(proc.alive.map(({ isAsked }) => isAsked)).toEqual([true, true]);
    for (const each of [...proc.alive]) each.exit(0);
    ask(2, 'draining');
    await settled();
    expect(proc.processes).toHaveLength(2);
    expect(fed.facts).toEqual([]);
  });
});
