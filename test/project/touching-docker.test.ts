// Suites that touch Docker are run against each one that is supported: whichever way they touch it, they are found.
import { expect, it } from 'vitest';
import { tempProject } from '../support/temp.ts';
import { touchingDocker } from '../support/touching-docker.mjs';

it('finds a suite that touches Docker by asking for it, by itself or by a helper of a helper, and no other; of the faults those of Docker, of the cluster what is brought up and kept up', () => {
  const root = tempProject({
    'test/asks.test.ts': "import { cluster, docker as hasDocker } from '../support/capability.ts';",
    'test/a/connects.test.ts': "import { connectDocker } from '../../src/adapters/docker/index.ts';",
    'test/runs.test.ts': "execFileSync('docker', ['ps']);",
    'test/helped.test.ts': "import { project } from './support/project.ts';",
    'test/support/project.ts': "export * from './images.ts';\nimport './circle.ts';",
    'test/support/circle.ts': "import './project.ts';",
    'test/support/images.ts': "await run(\n  'docker', ['build', '.']);",
    'test/faults/docker/gone.test.ts': "execFileSync('docker', ['ps']);",
    'test/faults/docker/killed.test.ts': "execFileSync('docker', ['ps']);",
    'test/e2e/examples.test.ts': "execFileSync('docker', ['ps']);",
    'test/e2e/cluster/words.test.ts': "execFileSync('docker', ['build', '.']);",
    'test/e2e/cluster/up.test.ts': "execFileSync('docker', ['build', '.']);",
    'test/update/deploy/apply.test.ts': "execFileSync('docker', ['build', '.']);",
    'test/faults/soak.test.ts': "execFileSync('docker', ['build', '.']);",
    'test/quiet.test.ts': "import { cluster } from './support/capability.ts';\nimport '../src/docker.ts';",
    'test/support/capability.ts': 'export const docker = true;',
    'src/docker.ts': "import Docker from 'dockerode';",
  });
  expect(touchingDocker(root)).toEqual(
    ['asks', 'a/connects', 'e2e/cluster/up', 'faults/docker/gone', 'helped', 'runs']
      .map((name) => `test/${name}.test.ts`)
      .sort(),
  );
});
