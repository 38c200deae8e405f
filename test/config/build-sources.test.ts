// What an image is built of, where it is no Dockerfile in a directory: a text of the configuration.
import { describe, expect, it } from 'vitest';
import { matcher } from '../../src/model/fileset.ts';
import { deployment, type Project, project } from './project.ts';

type Build = Extract<import('../../src/model/config.ts').ImageBuild, { is: 'dockerfile' }>;

async function imageOf(from: Project, ref = 'shop/web') {
  const spec = (await from.config()).images[ref]!;
  if (spec.build.is !== 'dockerfile') throw new Error('not built from a Dockerfile');
  return { ...spec, build: spec.build as Build };
}

const web = (image: string, files: Readonly<Record<string, string>> = {}, rest = '') =>
  project({
    'sluice.yaml': `images:\n  shop/web:\n${image}\nkubernetes: {manifests: [k8s.yaml]}\n${rest}`,
    'k8s.yaml': deployment('web', 'shop/web'),
    ...files,
  });

describe('a Dockerfile in the configuration', () => {
  const text = 'ARG V=1\nFROM shop/base:${V}\n\nCOPY --chown=7 a /a\n';
  const block = `    context: .\n    dockerfile: |\n${text.replace(/^(?=.)/gm, '      ')}  shop/base:1: {context: base}`;

  it('is taken as it stands, its variables left to the builder, and no file of the context stands for it', async () => {
    const given = web(block, { a: '', 'base/Dockerfile': 'FROM scratch\n', Dockerfile: 'FROM other\n' });
    const { build, files, bases, dockerfileAt } = await imageOf(given);
    expect(build).toMatchObject({
      inline: text,
      dockerfile: `${given.dir}/sluice.yaml`,
      recipe: [`${given.dir}/.dockerignore`],
    });
    expect(build.copies).toHaveLength(1);
    expect(bases).toEqual(['shop/base:1']);
    expect(dockerfileAt).toEqual({ file: `${given.dir}/sluice.yaml`, line: 5, column: 1 });
    const watched = matcher(files);
    expect(watched.has(`${given.dir}/a`)).toBe(true);
    expect(watched.has(`${given.dir}/sluice.yaml`)).toBe(false);
  });

  it.each([
    ['a quoted text', '    dockerfile: "FROM scratch\\nCOPY a /\\n"'],
    ['a folded text', '    dockerfile: >\n      FROM scratch\n\n      COPY a /\n'],
  ])('that is %s has no lines of its own', async (_, given) => {
    expect((await imageOf(web(given))).dockerfileAt).toBeUndefined();
  });

  it('needs its context all the same', async () => {
    const faults = await web('    context: nowhere\n    dockerfile: |\n      FROM scratch\n').faults();
    expect(faults).toEqual([expect.stringMatching(/^sluice.yaml:3:14 S114 the build context nowhere does not exist/)]);
  });

  it('of a Compose service is the same, of one line too, and stands beside no other', async () => {
    const compose = (build: string) =>
      project({
        'sluice.yaml': 'compose: [compose.yaml]\n',
        'compose.yaml': `services:\n  web:\n    image: shop/web\n    build:\n      context: .\n${build}`,
        Dockerfile: 'FROM other\n',
      });
    const one = await imageOf(compose('      dockerfile_inline: FROM scratch\n'));
    expect(one.build.inline).toBe('FROM scratch\n');
    const more = compose('      dockerfile_inline: |\n        FROM scratch\n        COPY $${A} /\n');
    const { build, dockerfileAt } = await imageOf(more);
    expect(build.inline).toBe('FROM scratch\nCOPY ${A} /\n');
    expect(build.dockerfile).toBe(`${more.dir}/compose.yaml`);
    expect(dockerfileAt).toBeUndefined();
    expect(
      (await imageOf(compose('      dockerfile_inline: |\n        FROM scratch\n        COPY a /\n'))).dockerfileAt,
    ).toMatchObject({ line: 7 });
    const both = await compose('      dockerfile: Dockerfile\n      dockerfile_inline: FROM scratch\n').faults();
    expect(both).toEqual([expect.stringMatching(/^compose.yaml:7:26 S103 .*both dockerfile and dockerfile_inline/)]);
  });
});
