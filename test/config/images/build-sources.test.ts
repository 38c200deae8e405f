// What an image is built of, where it is no Dockerfile in a directory: a text of the configuration.
import { describe, expect, it } from 'vitest';
import { matcher } from '../../../src/model/fileset.ts';
import { deployment, type Project, project } from '../project.ts';

type Build = Extract<import('../../../src/model/config.ts').ImageBuild, { is: 'dockerfile' }>;

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

describe('what stands beside the context', () => {
  const files = {
    'app/Dockerfile': 'FROM scratch\nCOPY --from=lib a /\nCOPY --from=shop a /\n',
    'lib/a': '',
    'lib/b.tmp': '',
    'lib/.dockerignore': '*.tmp\n',
    'base/Dockerfile': 'FROM scratch\n',
  };
  const contexts = 'contexts: {lib: ./lib, shop: "docker-image://shop/base", far: "https://example.org/far.git#main"}';
  const given = `    context: app\n    ${contexts}\n  shop/base: {context: base}`;

  it('are directories with ignore files of their own, watched as the context is, and images of ours are built first', async () => {
    const from = web(given, files);
    const { build, files: seen, watched, bases } = await imageOf(from);
    const { lib } = build.directories!;
    expect(lib).toMatchObject({ dir: `${from.dir}/lib`, hidden: [] });
    expect(matcher(lib!.files).has(`${from.dir}/lib/b.tmp`)).toBe(false);
    expect(matcher(seen).has(`${from.dir}/lib/a`)).toBe(false);
    for (const path of ['lib/a', 'lib/.dockerignore', 'app/x'])
      expect(matcher(watched!).has(`${from.dir}/${path}`)).toBe(true);
    expect(matcher(watched!).has(`${from.dir}/lib/b.tmp`)).toBe(false);
    expect(build.options?.contexts).toEqual({
      shop: 'docker-image://shop/base',
      far: 'https://example.org/far.git#main',
    });
    expect(bases).toEqual(['shop/base']);
  });

  it('within the context is watched although the context leaves it out', async () => {
    const from = web('    context: .\n    contexts: {lib: ./lib}', {
      ...files,
      Dockerfile: 'FROM scratch\n',
      '.dockerignore': 'lib\n',
    });
    const { files: seen, watched, build } = await imageOf(from);
    expect(matcher(seen).has(`${from.dir}/lib/a`)).toBe(false);
    expect(matcher(build.directories!.lib!.files).has(`${from.dir}/lib/a`)).toBe(true);
    expect(matcher(watched!).has(`${from.dir}/lib/a`)).toBe(true);
  });

  it.each([
    ['./libs', 'S114 the context ./libs does not exist'],
    ['lib/a', 'S114 the context lib/a is no directory'],
    ['target:x', 'S103 target:x is no context that a builder could fetch'],
  ])('%s is told where it stands', async (value, told) => {
    const faults = await web(`    context: app\n    contexts: {lib: "${value}"}`, files).faults();
    expect(faults).toEqual([`sluice.yaml:4:21 ${told}`]);
  });

  it('of Compose are additional_contexts, of another service its image, and caches are told as they are', async () => {
    const compose = (build: string) =>
      project({
        'sluice.yaml': 'compose: [compose.yaml]\n',
        'compose.yaml': `services:\n  base: {image: shop/base, build: base}\n  web:\n    image: shop/web\n    build:\n      context: app\n${build}`,
        ...files,
      });
    const from = compose(
      '      additional_contexts: {lib: ./lib, shop: "service:base"}\n      cache_to: ["type=local,dest=cache"]\n      cache_from: ["type=local,src=cache", "r/x"]\n',
    );
    const { build, watched, bases } = await imageOf(from);
    expect(bases).toEqual(['shop/base']);
    expect(Object.keys(build.directories!)).toEqual(['lib']);
    expect(matcher(watched!).has(`${from.dir}/lib/a`)).toBe(true);
    expect(build.options).toMatchObject({
      contexts: { shop: 'docker-image://shop/base' },
      cacheTo: [{ type: 'local', attributes: { dest: `${from.dir}/cache` } }],
      cacheFrom: [
        { type: 'local', attributes: { src: `${from.dir}/cache` } },
        { type: 'registry', attributes: { ref: 'r/x' } },
      ],
    });
    const missing = await compose('      additional_contexts: {lib: ./libs}\n').faults();
    expect(missing).toEqual([expect.stringMatching(/^compose.yaml:7:34 S114 the context .*libs does not exist/)]);
  });
});

it('a context may be a URL: nothing of it is here, and the Dockerfile is in there unless it stands in the configuration', async () => {
  const url = 'https://example.org/app.git#main:web';
  const far = await imageOf(web(`    context: "${url}"\n    dockerfile: docker/D`));
  expect(far.build).toMatchObject({ remote: url, dockerfile: 'docker/D', recipe: [] });
  expect(far.files.roots).toEqual([]);
  const own = await imageOf(web(`    context: "${url}"\n    dockerfile: |\n      FROM scratch\n      COPY . /\n`));
  expect(own.build).toMatchObject({ remote: url, inline: 'FROM scratch\nCOPY . /\n' });
});

describe('how containers start in pods', () => {
  it.each([
    ['entrypoint: echo $HOME ${X}', { command: ['/bin/sh', '-c', 'echo $$HOME $${X}'], args: null }],
    ['entrypoint: [node, --inspect]', { command: ['node', '--inspect'], args: null }],
    ['containerArgs: [-v]', { command: null, args: ['-v'] }],
  ])('%s', async (given, start) => {
    const from = web(`    context: .\n    ${given}`, { Dockerfile: 'FROM scratch\n' });
    expect((await imageOf(from)).start).toEqual(start);
    expect((await web(`    ${given}`).config()).images['shop/web']).toMatchObject({
      build: { is: 'elsewhere' },
      start,
    });
  });

  it('is nothing to a service of Compose, which has keys of its own', async () => {
    const from = project({
      'sluice.yaml': 'images:\n  shop/web: {context: ., entrypoint: x}\ncompose: [compose.yaml]\n',
      'compose.yaml': 'services: {web: {image: shop/web, build: .}}\n',
      Dockerfile: 'FROM scratch\n',
    });
    expect(await from.faults()).toEqual([
      expect.stringMatching(/^sluice.yaml:2:38 S103 entrypoint of shop.web is for pods/),
    ]);
  });
});
