// The base images other suites build on.
import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { docker } from '../support/capability.ts';
import { busyboxImage, nodeImage } from '../support/docker/images.ts';

const inside = (image: string, ...command: string[]) =>
  execFileSync('docker', ['run', '--rm', '--network=none', '--label=sluice-test', image, ...command], {
    encoding: 'utf8',
  }).trim();

describe.skipIf(!docker)('base images', () => {
  it('busybox runs a shell and its tools', async () => {
    expect(inside(await busyboxImage(), 'sh', '-c', 'echo hello | tr a-z A-Z')).toBe('HELLO');
  });

  it("node runs this machine's node and npm", async () => {
    const image = await nodeImage();
    expect(inside(image, 'node', '--version')).toBe(process.version);
    expect(inside(image, 'npm', '--version')).toMatch(/^\d+\./);
  });
});
