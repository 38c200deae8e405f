// Which key does what: the defaults of the commands, changed by the user's keys.yaml.
import type { Key } from '../terminal/input.ts';

export interface Keymap {
  readonly byKey: ReadonlyMap<Key, string>;
  readonly byId: ReadonlyMap<string, readonly Key[]>;
}

export interface Bindable {
  readonly id: string;
  readonly keys: readonly Key[];
}

const keyForm =
  /^(?:(?:ctrl|alt|shift)\+)*(?:[!-~]|space|enter|esc|tab|backspace|up|down|left|right|home|end|pgup|pgdown|insert|delete|f\d\d?)$/u;

/**
 * The map for `commands`, with `changes` (command → key or keys, as read from keys.yaml) put over it. A changed command
 * loses its default keys; a key taken from another command is no longer that one's. Returns what is wrong in `changes` too.
 */
export function keymapOf(
  commands: readonly Bindable[],
  changes: unknown,
): { readonly keymap: Keymap; readonly problems: readonly string[] } {
  const problems: string[] = [];
  const byId = new Map<string, readonly Key[]>(commands.map((command) => [command.id, command.keys]));
  const changed = new Map<Key, string>();
  if (changes !== null && changes !== undefined && (typeof changes !== 'object' || Array.isArray(changes))) {
    problems.push('expected lines of the form `command: key`');
  } else {
    for (const [id, value] of Object.entries(changes ?? {})) {
      const keys = (Array.isArray(value) ? value : [value]).map(String);
      const wrong = keys.find((key) => !keyForm.test(key));
      if (!byId.has(id)) problems.push(`no command ${JSON.stringify(id)}`);
      else if (wrong !== undefined) problems.push(`${id}: no key ${JSON.stringify(wrong)}`);
      else {
        byId.set(id, keys);
        for (const key of keys) changed.set(key, id);
      }
    }
  }
  const byKey = new Map<Key, string>();
  for (const [id, keys] of byId) {
    const own = keys.filter((key) => (changed.get(key) ?? id) === id);
    byId.set(id, own);
    for (const key of own) byKey.set(key, id);
  }
  return { keymap: { byKey, byId }, problems };
}

const shown: Record<string, string> = {
  up: '↑',
  down: '↓',
  left: '←',
  right: '→',
  enter: '⏎',
  'ctrl+space': '^space',
};

/** A key as it is written in the footer and the help. */
export const keyLabel = (key: Key): string => shown[key] ?? key.replace('ctrl+', '^');
