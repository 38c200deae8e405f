// What a build is told beyond its Dockerfile, target and arguments: keys of an image.
import * as z from 'zod';
import { entitlements } from '../../model/builds/build-options.ts';
import { scalar, text, texts } from './terms.ts';

export const buildOptions = {
  cache: z
    .strictObject({
      from: texts
        .optional()
        .describe('References of images, or as of `docker buildx build --cache-from`: type=local,src=DIR.'),
      to: texts
        .optional()
        .describe(
          'As of `docker buildx build --cache-to`: type=inline; type=registry,ref=REF,mode=max; type=local,dest=DIR.',
        ),
    })
    .optional()
    .describe('Where what is known of earlier builds comes from and goes to, beside what the builder keeps.'),
  contexts: z
    .record(text, text)
    .optional()
    .describe('What a name in FROM or --from stands for: a directory, docker-image://REF, or a git or http URL.'),
  network: z.enum(['default', 'none', 'host']).optional().describe('Of RUN steps.'),
  labels: z.record(text, scalar).optional().describe('Labels of the image.'),
  extraHosts: z.record(text, text).optional().describe('Addresses by host name, for RUN steps.'),
  shmSize: z
    .union([z.number(), text.regex(/^\d+\s*[bkmg]?b?$/i, { error: 'expected a size such as 64m' })])
    .optional()
    .describe('Size of /dev/shm in RUN steps, such as 64m.'),
  ulimits: z
    .record(text, z.union([z.int(), text.regex(/^\d+(:\d+)?$/, { error: 'expected SOFT or SOFT:HARD' })]))
    .optional()
    .describe('Limits of RUN steps: nofile: 1024:2048'),
  pull: z.enum(['always', 'missing']).optional().describe('always: base images are looked up in their registries.'),
  noCache: z.boolean().optional().describe('Every step is run by every build.'),
  exchange: z.boolean().optional().describe('false: each save is built, though its files could be exchanged.'),
  noCacheFilter: texts.optional().describe('Stages of the Dockerfile whose steps are run by every build.'),
  provenance: z
    .union([z.boolean(), text])
    .optional()
    .describe('Say beside the image how it was built: true, or mode=max and the like, as `docker buildx build`.'),
  sbom: z
    .union([z.boolean(), text])
    .optional()
    .describe('Say beside the image what is in it: true, or generator=IMAGE, as `docker buildx build`.'),
  tags: texts.optional().describe('More names that the image has in Docker once it is built.'),
  entitlements: z
    .array(z.enum(entitlements))
    .optional()
    .describe(
      'What a build may be granted, where its builder allows it: Docker does so for network.host alone, unless its daemon.json says otherwise.',
    ),
};
