import { describe, expect, it } from 'vitest';
import { Handles } from '../../../src/adapters/fs/watch/backend/handles.ts';

function opened(...dirs: readonly string[]) {
  const handles = new Handles();
  const closed: string[] = [];
  for (const dir of dirs) handles.set(dir, { ino: 1, watcher: { close: () => closed.push(dir) } });
  return { handles, closed };
}

describe('handles of directories', () => {
  it('a tree that goes takes all below along, and nothing beside it', () => {
    const { handles, closed } = opened('/p', '/p/a', '/p/a/b', '/p/ab', '/q');
    handles.closeTree('/p/a');
    expect(closed.toSorted()).toEqual(['/p/a', '/p/a/b']);
    expect(handles.has('/p/ab')).toBe(true);
  });

  it('what is far below is found through directories without a handle', () => {
    const { handles, closed } = opened('/p/x/y/deep');
    handles.closeTree('/p');
    expect(closed).toEqual(['/p/x/y/deep']);
  });

  it('one that comes back after its tree went is found again', () => {
    const { handles, closed } = opened('/p/a/b');
    handles.closeTree('/p/a');
    handles.set('/p/a/b', { ino: 2, watcher: { close: () => closed.push('again') } });
    handles.close('/p/a');
    handles.closeTree('/');
    expect(closed).toEqual(['/p/a/b', 'again']);
  });
});
