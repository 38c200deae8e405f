import { describe, expect, it } from 'vitest';
import { copiesOf } from '../../../src/model/dockerfile.ts';

const of = (text: string, target: string | null = null) =>
  copiesOf(text, target).map(({ sources, to, owner, mode }) => [sources.join(' '), to, owner, mode]);

describe('what COPY says of owners and modes', () => {
  it.each([
    ['COPY . /app', [['', '/app', null, null]]],
    ['COPY --chown=app:app ./src/ /app/', [['src', '/app', 'app:app', null]]],
    ['ADD --chmod=0755 --chown=55 a b* /x', [['a b*', '/x', '55', '0755']]],
    ['COPY ["with space", "/x y/"]', [['with space', '/x y', null, null]]],
    ['WORKDIR /srv\nWORKDIR web\nCOPY --chmod=u+x a ./b', [['a', '/srv/web/b', null, 'u+x']]],
    ['COPY a here', [['a', null, null, null]]],
    ['WORKDIR $HOME\nCOPY a here', [['a', null, null, null]]],
    ['COPY --chown=$WHO $FROM /x', [['**', '/x', '$WHO', null]]],
    ['COPY --from=build --chown=1 /out /app', []],
  ])('reads %s', (text, expected) => {
    expect(of(`FROM busybox\n${text}\n`)).toEqual(expected);
  });

  it('follows the stages that a target is made from, and no other', () => {
    const text =
      'FROM a AS base\nCOPY one /1\nFROM b AS other\nCOPY no /no\nFROM Base AS dev\nCOPY two /2\nFROM dev\nCOPY x /x';
    expect(of(text, 'dev').map(([source]) => source)).toEqual(['one', 'two']);
    expect(of(text).map(([source]) => source)).toEqual(['one', 'two', 'x']);
    expect(of(text, '1').map(([source]) => source)).toEqual(['no']);
  });

  it('takes the last stage of a name, as builders do', () => {
    expect(of('FROM a AS dev\nCOPY one /1\nFROM b AS dev\nCOPY two /2\nFROM c', 'dev')).toEqual([
      ['two', '/2', null, null],
    ]);
  });
});
