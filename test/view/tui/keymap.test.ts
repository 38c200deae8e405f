import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { commands } from '../../../src/view/tui/commands.ts';
import { keymapOf } from '../../../src/view/tui/keys/keymap.ts';
import { readKeymap } from '../../../src/view/tui/keys/keysfile.ts';

const few = [
  { id: 'up', keys: ['k', 'up'] },
  { id: 'quit', keys: ['q'] },
];

describe('the key map', () => {
  it('has no key twice among the defaults', () => {
    const keys = commands.flatMap((command) => command.keys);
    expect(new Set(keys).size).toBe(keys.length);
    expect(new Set(commands.map((command) => command.id)).size).toBe(commands.length);
  });

  it('takes a changed command all its default keys, and a taken key from its owner', () => {
    const { keymap, problems } = keymapOf(few, { quit: ['ctrl+q', 'k'] });
    expect(problems).toEqual([]);
    expect([...keymap.byKey]).toEqual([
      ['up', 'up'],
      ['ctrl+q', 'quit'],
      ['k', 'quit'],
    ]);
    expect(keymap.byId.get('up')).toEqual(['up']);
  });

  it.each([
    [{ fly: 'f' }, 'no command "fly"'],
    [{ quit: 'ctl+q' }, 'quit: no key "ctl+q"'],
    [['q'], 'expected lines of the form `command: key`'],
    ['q', 'expected lines of the form `command: key`'],
  ])('says what is wrong in %j and keeps the defaults', (changes, problem) => {
    const { keymap, problems } = keymapOf(few, changes);
    expect(problems).toEqual([problem]);
    expect(keymap.byKey.get('q')).toBe('quit');
  });

  it('is read from a file that need not exist', () => {
    const dir = mkdtempSync(path.join(tmpdir(), 'sluice-keys-'));
    try {
      const file = path.join(dir, 'keys.yaml');
      expect(readKeymap(file).problem).toBeNull();
      writeFileSync(file, 'trigger: U\nmark: [space, v]\n');
      expect(readKeymap(file).keymap.byKey.get('U')).toBe('trigger');
      expect(readKeymap(file).keymap.byKey.get('t')).toBeUndefined();
      writeFileSync(file, 'trigger: [U\n');
      expect(readKeymap(file).problem).toContain(file);
      expect(readKeymap(file).keymap.byKey.get('t')).toBe('trigger');
    } finally {
      rmSync(dir, { recursive: true });
    }
  });
});
