// What the command line costs above node itself.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { it } from 'vitest';
import { program } from '../support/sluice.ts';
import { figure, timed } from './figure.ts';

const run = promisify(execFile);

it('--help over bare node', async () => {
  const over: number[] = [];
  for (let round = 0; round < 20; round += 1) {
    // Interleaved: both meet the same load.
    const bare = await timed(() => run(process.execPath, ['-e', '0']));
    const help = await timed(() => run(process.execPath, [program, '--help']));
    over.push(help - bare);
  }
  figure('--help over bare node', 'ms', over, 40);
});
