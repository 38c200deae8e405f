import { describe, expect, it } from 'vitest';
import { isOf, placeOfProject, projectOf } from '../../src/model/project.ts';

describe('a project', () => {
  const here = projectOf(null, '/home/me/app');
  const given = projectOf('app', '/ci/42');

  it('is named as it is given, else after its directory', () => {
    expect([here.name, given.name, projectOf(null, '/').name]).toEqual(['app', 'app', '/']);
    expect([here, given].map(placeOfProject)).toEqual(['/home/me/app', null]);
  });

  it.each([`${'x'.repeat(199)}y`, '( ) { }', 'my app', '项目', '/'])(
    'of a directory called %j has a legal label',
    (name) => {
      expect(projectOf(null, `/p/${name}`).label).toMatch(/^(?=.{1,63}$)[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?$/);
    },
  );

  it.each([
    ['its own', here, { project: 'app', place: '/home/me/app' }, true],
    ['one of a directory of the same name', here, { project: 'app', place: '/home/you/app' }, false],
    ['a given one of the same name', here, { project: 'app', place: null }, false],
    ['a given one wherever it stands', given, { project: 'app', place: null }, true],
    ['a given one against the directory of somebody else', given, { project: 'app', place: '/home/me/app' }, false],
    [
      'one that is given the name of its directory',
      projectOf('app', '/home/me/app'),
      { project: 'app', place: '/home/me/app' },
      true,
    ],
    ['another name', given, { project: 'web', place: null }, false],
    ['another name in the same directory', projectOf('web', '/ci/42'), { project: 'app', place: null }, false],
  ])('knows %s', (_, project, mark, expected) => {
    expect(isOf(project, mark)).toBe(expected);
  });
});
