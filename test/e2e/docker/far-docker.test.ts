// A Docker of another machine: its services come up there, are reached there, are updated from here, and all of it goes again.
import { expect, it } from 'vitest';
import { docker } from '../../support/capability.ts';
import { contextAt, hasSshd, machine, overSsh, overTcp } from '../../support/docker/far-docker.ts';
import { busyboxImage } from '../../support/docker/images.ts';
import { drive } from '../../support/drive.ts';
import { sluice } from '../../support/sluice.ts';
import { composeProject } from '../compose/project.ts';

const ways = [
  ['a context', async () => contextAt(await overTcp()), true],
  ['ssh', overSsh, hasSshd],
] as const;

for (const [name, way, isThere] of ways)
  it.skipIf(!docker || machine === null || !isThere)(
    `services on a Docker that ${name} leads to are built, reached, updated in place and removed`,
    async () => {
      const image = await busyboxImage();
      const { dir, env, left, project } = composeProject({
        'compose.yaml': [
          'services:',
          // From here on Docker's own choice of a port may be one for IPv4 and another one for IPv6.
          `  first: {image: "${image}", command: [sleep, "1000"], ports: ["0.0.0.0::9090"], stop_grace_period: 0s}`,
          '  web:',
          '    build: .',
          '    depends_on: [first]',
          '    ports: ["8080"]',
          '    volumes: ["./data:/data"]',
          '    stop_grace_period: 0s',
          '    develop: {watch: [{path: www, action: sync, target: /www}]}',
        ].join('\n'),
        Dockerfile: `FROM ${image}\nCOPY www /www\nCMD ["httpd", "-f", "-p", "8080", "-h", "/www"]\n`,
        'www/page': 'first',
        'data/here': '',
      });
      const far = { ...env, ...(await way()) };
      const session = drive(dir, [], { env: far });
      await session.idle();
      expect(session.resource('web').runtime.status).toBe('ready');
      expect(session.state.docker).toMatchObject({ status: 'ok' });
      const [url = ''] = session.resource('web').endpoints;
      expect(new URL(url).hostname).toBe(machine);
      const page = async () => (await fetch(`${url}/page`)).text();
      expect(await page()).toBe('first');
      await session.logged(({ text }) => text === `bound from ${machine}, not from here: ${dir}/data`, 'what is bound');
      await session.save('www/page', 'second');
      expect(await page()).toBe('second');
      await session.stop();
      expect(await sluice(dir, ['down'], { env: far })).toMatchObject({ code: 0 });
      expect(left(), project).toEqual({ containers: [], networks: [], volumes: [] });
    },
  );
