// Services that do not come up: `ci` ends with them as soon as Compose would give up, and says what they said.
import { expect, it } from 'vitest';
import { docker } from '../../support/capability.ts';
import { busyboxImage } from '../../support/docker/images.ts';
import { sluice } from '../../support/sluice.ts';
import { composeProject } from './project.ts';

const service = (image: string, rest: string) => `
services:
  web: { image: "${image}", stop_grace_period: 0s, ${rest} }
`;

it.skipIf(!docker).for([
  [
    'crashes again and again',
    'command: "sh -c \'echo start >> /n; echo start $$(wc -l < /n); exit 3\'", restart: always',
  ],
  [
    'never becomes healthy',
    'command: [sleep, "1000"], healthcheck: { test: "echo why; exit 1", interval: 1s, retries: 2 }',
  ],
] as const)('a service that %s is over', async ([, rest]) => {
  const { dir, env } = composeProject({ 'compose.yaml': service(await busyboxImage(), rest) });
  const { code, stdout } = await sluice(dir, ['ci', '--retries', '1', '--timeout', '60s'], { env });
  const [, said] = /web: container .*-web-1: (.*(?:\n +│ start \d+)*)/.exec(stdout) ?? [];
  const crashed = /^it exited with code 3\n(?:.*\n)* +│ start ([2-9])$/;
  expect([code, said]).toEqual([
    5,
    expect.stringMatching(rest.includes('always') ? crashed : /^its healthcheck fails: why$/),
  ]);
});
