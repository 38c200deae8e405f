import { describe, expect, it } from 'vitest';
import { basesOf, parseDockerfile } from '../../../src/model/dockerfile.ts';
import { written } from '../../support/docker/dockerfiles.ts';

const images = (...given: Parameters<typeof basesOf>) => basesOf(...given).map(({ image }) => image);

describe('the images a Dockerfile is made from', () => {
  it.each(written)('localhost:1/$base: $text', ({ text, args, base }) => {
    expect(images(text, { args })).toEqual([`localhost:1/${base}`]);
  });

  it('are those of the target, and of every stage that it is made from', () => {
    const text = 'FROM a AS one\nFROM b AS two\nCOPY --from=one / /\nFROM c AS test\nCOPY --from=two / /\nFROM d\n';
    expect(images(text)).toEqual(['d']);
    expect(images(text, { target: 'TWO' })).toEqual(['a', 'b']);
    expect(images(text, { target: 'test' })).toEqual(['a', 'b', 'c']);
    expect(images(text, { target: '0' })).toEqual(['a']);
    expect(images(text, { everyStage: true })).toEqual(['a', 'b', 'c', 'd']);
  });

  it('are stages by number where there is one, and nothing of `scratch`', () => {
    expect(images('FROM a\nFROM scratch\nCOPY --from=0 / /\nCOPY --from=9 / /\n')).toEqual(['a']);
  });

  it('follow the platform that is built for', () => {
    const text = 'FROM --platform=$BUILDPLATFORM a-$TARGETARCH-$BUILDARCH\n';
    expect(images(text, { platform: 'linux/arm64/v8', buildPlatform: 'linux/amd64' })).toEqual(['a-arm64-amd64']);
  });

  it('are told with their lines', () => {
    const text = '# syntax=x\nARG R=r.test:5000\nFROM $R/a:${V:-1} \\\n AS x\nFROM x\nCOPY --from=q.test/b / /\n';
    expect(basesOf(text)).toEqual([
      { image: 'r.test:5000/a:1', line: 3 },
      { image: 'q.test/b', line: 6 },
    ]);
  });

  it.each([
    '',
    'FROM',
    'FROM ${A',
    'FROM ${A^^}',
    'FROM ${}',
    'FROM "a',
    'FROM ${A:?}',
    'ARG =x\nFROM $A',
    'RUN <<EOF\n',
    'FROM scratch \\',
    'COPY --from=a / /',
    'ARG __proto__=a\nFROM $constructor$hasOwnProperty',
  ])('are none of what the builder refuses: %j', (text) => {
    expect(images(text)).toEqual([]);
  });
});

it('knows the line of each instruction over continuations, comments and here-documents', () => {
  const text = '# syntax=x\nFROM a AS x\n\nRUN one \\\n  # why\n\n  two\nRUN <<EOF\nFROM no\nEOF\nCMD ["x"]';
  const read = parseDockerfile(text).instructions.map((each) => `${each.line} ${each.keyword} ${each.rest}`);
  expect(read).toEqual(['2 FROM a AS x', '4 RUN one   two', '8 RUN <<EOF', '11 CMD ["x"]']);
});
