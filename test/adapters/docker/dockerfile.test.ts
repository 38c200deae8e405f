import { describe, expect, it } from 'vitest';
import { basesOf, instructionsOf, registriesOf } from '../../../src/adapters/docker/dockerfile.ts';

describe('Dockerfile', () => {
  it('knows the line of each instruction over continuations, comments and here-documents', () => {
    const text =
      '# syntax=docker/dockerfile:1\nFROM a AS x\n\nRUN one \\\n  # why\n\n  two\nRUN <<EOF\nFROM no\nEOF\nCMD ["x"]';
    expect(instructionsOf(text).map(({ line, text }) => `${line} ${text}`)).toEqual([
      '2 FROM a AS x',
      '4 RUN one two',
      '8 RUN <<EOF',
      '11 CMD ["x"]',
    ]);
  });

  it('heeds the escape directive', () => {
    expect(instructionsOf('# escape=`\nFROM a\nRUN one `\n two').at(-1)).toMatchObject({
      line: 3,
      text: 'RUN one two',
    });
  });

  it('names the images to pull, with args filled in and without stages and scratch', () => {
    const text =
      'ARG V=1\nARG R=r.test:5000\nFROM --platform=linux/amd64 $R/a:$V AS one\nFROM one\nFROM scratch\nCOPY --from=one / /\nCOPY --from=q.test/b / /\nCOPY --from=0 / /\nFROM $' +
      '{N:-alpine}';
    const bases = basesOf(instructionsOf(text), { V: '2' });
    expect(bases.map(({ image, line }) => `${line} ${image}`)).toEqual(['3 r.test:5000/a:2', '7 q.test/b', '9 alpine']);
    expect(registriesOf(bases)).toEqual(['r.test:5000', 'q.test', 'docker.io']);
  });
});
