// Which COPYs are the last ones, what else reads the context, and whose the layers of an image are.
import { describe, expect, it } from 'vitest';
import { recipeOf } from '../../../../src/model/dockerfile.ts';
import { differences, linkOnTheWay, readElsewhere } from '../../../../src/update/image/exchange/difference.ts';
import { notItsLayers, readByBase } from '../../../../src/update/image/exchange/layers.ts';
import { sourceOf, takesIn } from '../../../../src/update/image/exchange/pattern.ts';
import { type Tail, tailOf } from '../../../../src/update/image/exchange/tail.ts';

function tail(text: string, args: Readonly<Record<string, string>> = {}, target: string | null = null): Tail {
  const found = tailOf(recipeOf(text, args), target, '/base');
  if (found.is === 'declined') throw new Error(found.because);
  return found;
}

const copies = (found: Tail) =>
  found.layers.map(({ keyword, copy }) => copy && [keyword, ...copy.sources.map(({ text }) => text), copy.to]);

describe('the last COPYs', () => {
  it('stand behind the last RUN, with variables filled in', () => {
    const text = `ARG WHERE=/srv
FROM base AS one
COPY a /a
RUN make
ENV TO=/env
ARG WHERE
WORKDIR app
COPY b \${WHERE}/b
WORKDIR /work
COPY c $TO/
COPY d/* .
CMD x
`;
    expect(copies(tail(text))).toEqual([
      ['COPY', 'd/*', '/work'],
      ['COPY', 'c', '/env'],
      null,
      ['COPY', 'b', '/srv/b'],
      null,
    ]);
    expect(copies(tail(text, { WHERE: '/given' }))[3]).toEqual(['COPY', 'b', '/given/b']);
  });

  it('are none where what stands in them is not known', () => {
    expect(copies(tail('FROM base\nCOPY a $UNKNOWN/a\n'))).toEqual([null]);
    expect(copies(tail('FROM base\nARG D\nENV D=$BASE\nCOPY a $D/\n'))).toEqual([null]);
    // Two directories, of which the image says the last.
    expect(copies(tail('FROM base\nCOPY a .\nWORKDIR /later\n'))).toEqual([null, null]);
    expect(copies(tail('FROM base\nCOPY a .\n'))).toEqual([['COPY', 'a', '/base']]);
    for (const flag of ['--from=x', '--exclude=y', '--parents', '--link=$X'])
      expect(copies(tail(`FROM base\nCOPY ${flag} a /a\n`))).toEqual([null]);
    expect(tailOf(recipeOf('FROM base\nONBUILD COPY a /a\nCOPY b /b\n', {}), null, '/')).toMatchObject({
      is: 'declined',
    });
  });

  it('are those of the target', () => {
    const text = 'FROM base AS one\nCOPY a /a\nFROM one AS two\nRUN b\nCOPY c /c\n';
    expect(copies(tail(text, {}, 'one'))).toEqual([['COPY', 'a', '/a']]);
    expect(copies(tail(text, {}, '1'))).toEqual([['COPY', 'c', '/c']]);
    expect(tail(text).made).toBe(3);
  });
});

describe('who else reads a path', () => {
  const reads = (text: string, ...paths: string[]) => readElsewhere(paths, tail(`FROM base\n${text}\nCOPY z /z\n`));

  it('is another instruction that it stands in, or may stand in', () => {
    expect(reads('COPY a /a\nRUN x', 'a/b')).toMatch(/^a\/b is read by COPY at line 2/);
    expect(reads('COPY a* b?c /a/\nRUN x', 'ab/c')).toMatch(/COPY/);
    expect(reads('COPY [ab] /a/\nRUN x', 'b')).toMatch(/COPY/);
    expect(reads('COPY [^ab] /a/\nRUN x', 'b')).toMatch(/COPY/);
    expect(reads('COPY $X /a/\nRUN x', 'c')).toMatch(/COPY/);
    expect(reads('ADD a /a', 'a')).toMatch(/ADD/);
    expect(reads('RUN --mount=target=/x make', 'any')).toMatch(/RUN/);
    expect(reads('RUN --mount=type=bind,src=a,target=/x make', 'a/b')).toMatch(/RUN/);
    expect(reads('RUN --mount=type=bind,source=$A,target=/x make', 'any')).toMatch(/RUN/);
  });

  it('is nobody where it does not', () => {
    expect(reads('COPY a /a\nRUN x', 'b', 'ab', 'z')).toBeNull();
    expect(reads('COPY a/* /a/\nRUN x', 'b/a')).toBeNull();
    expect(reads('COPY [ab] /a/\nRUN x', 'c')).toBeNull();
    expect(reads('RUN --mount=type=cache,target=/x make', 'any')).toBeNull();
    expect(reads('RUN --mount=type=bind,from=other,target=/x make', 'any')).toBeNull();
    expect(reads('COPY --from=other a /a\nRUN x', 'a')).toBeNull();
  });

  it('is not known where a link leads elsewhere', () => {
    const link = { path: 'a', type: 'symlink' as const, source: '', mode: 0o777, size: 0, hash: '', target: 'b' };
    const on = (text: string) => linkOnTheWay(tail(`FROM base\n${text}\n`), new Map([['a', link]]));
    expect(on('COPY a/b /x')).toMatch(/a is a link/);
    expect(on('COPY a /x')).toMatch(/a is a link/);
    expect(on('COPY */b /x/')).toMatch(/a is a link/);
    expect(on('COPY . /x')).toBeNull();
    expect(on('COPY b /x')).toBeNull();
  });
});

it('a source takes in what it names and what lies below', () => {
  const taken = (source: string, path: string) => takesIn(sourceOf(source), path);
  expect(['.', '/', 'a', './a/', '/a', 'x/../a', '*', '?'].every((source) => taken(source, 'a/b'))).toBe(true);
  expect(['a/b/c', 'b', 'a?', 'A'].some((source) => taken(source, 'a/b'))).toBe(false);
  expect(taken('a.b', 'axb')).toBe(false);
});

it('a path differs by type, content, target, mode, and where it is not there any more', () => {
  const file = { path: 'a', type: 'file' as const, source: '', mode: 0o100644, size: 1, hash: '1' };
  const at = (...all: (typeof file)[]) => new Map(all.map((each) => [each.path, each]));
  const none = differences(at(file), at({ ...file, mode: 0o644 }));
  expect(none).toEqual([]);
  expect(differences(at(file), at({ ...file, mode: 0o755 }))).toEqual(['a']);
  expect(differences(at(file), at({ ...file, hash: '2' }))).toEqual(['a']);
  expect(differences(at(file), at({ ...file, path: 'b' }))).toEqual(['a', 'b']);
});

describe('the history of an image', () => {
  const found = tail('FROM base\nRUN x\nCOPY a /a\nWORKDIR /w\nCOPY b c/ d/\nCMD y\n');
  const of = (created_by: string, comment = 'buildkit.dockerfile.v0') => ({ created_by, comment });
  const whole = [
    of('/bin/sh -c #(nop) ADD file:1 in / ', ''),
    of('RUN /bin/sh -c x # buildkit'),
    of('COPY a /a # buildkit'),
    of('WORKDIR /w'),
    of('COPY b c/ d/ # buildkit'),
    { ...of('CMD ["y"]'), empty_layer: true },
  ];

  it('says whose its last layers are', () => {
    expect(notItsLayers(whole, 5, found)).toBeNull();
    // Lines that BuildKit adds for layers that its base image says nothing of.
    const short = [...whole.slice(1), of('[4/4] COPY b c/ d/', 'buildkit.exporter.image.v0')];
    expect(notItsLayers(short, 5, found)).toBeNull();
  });

  it('is not believed where it is of other layers or of another Dockerfile', () => {
    expect(notItsLayers(whole, 6, found)).not.toBeNull();
    expect(notItsLayers([], 0, found)).not.toBeNull();
    const other = whole.map((each) => (each.created_by.startsWith('COPY a') ? of('COPY a /b # buildkit') : each));
    expect(notItsLayers(other, 5, found)).not.toBeNull();
    const classic = whole.map((each) => ({ ...each, comment: '' }));
    expect(notItsLayers(classic, 5, found)).not.toBeNull();
    expect(
      notItsLayers(
        whole.filter(({ created_by }) => created_by !== 'WORKDIR /w'),
        4,
        found,
      ),
    ).not.toBeNull();
  });

  it('may have instructions that a base image has left for others', () => {
    const onbuild = [of('COPY . /app # buildkit'), ...whole];
    expect(readByBase(onbuild, found, ['b'])).toBe('b');
    expect(readByBase(whole, found, ['a', 'b'])).toBeNull();
    expect(readByBase([of('COPY --from=x . /app # buildkit'), ...whole], found, ['b'])).toBeNull();
  });
});
