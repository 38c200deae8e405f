import { describe, expect, it } from 'vitest';
import { copiesOf } from '../../../src/model/dockerfile.ts';
import { givenTo } from '../../../src/update/live/given-attributes.ts';
import { dockerfileBuild } from '../../support/docker/dockerfile-build.ts';

const given = (text: string, source: string, place: string) =>
  givenTo(source, place, dockerfileBuild('/p', { copies: copiesOf(`FROM x\n${text}`, null) }));

describe('what a build gives to a new file', () => {
  it.each([
    ['COPY --chown=app --chmod=640 . /app', '/p/a', '/app/a', { owner: 'app', mode: 0o640, unclear: null }],
    ['COPY --chown=app src /app', '/p/other/a', '/app/a', null],
    ['COPY --chown=app src /app', '/p/src/a', '/elsewhere/a', null],
    ['COPY --chown=1 . /app\nCOPY --chown=2 src /app/src', '/p/src/a', '/app/src/a', { owner: '2' }],
    ['COPY --chown=1 . /app\nCOPY src /app/src', '/p/src/a', '/app/src/a', null],
    ['COPY --chown=1:2 *.js there/', '/p/a.js', '/srv/there/a.js', { owner: '1:2' }],
    ['COPY . /app', '/p/a', '/app/a', null],
    ['COPY --chmod=u+x . /app', '/p/a', '/app/a', { unclear: expect.stringContaining('--chmod=u+x') }],
    ['COPY --chown=$WHO . /app', '/p/a', '/app/a', { unclear: expect.stringContaining('--chown=$WHO') }],
  ])('%s: %s', (text, source, place, expected) => {
    const found = given(text, source, place);
    if (expected === null) expect(found).toBeNull();
    else expect(found).toMatchObject(expected);
  });
});
