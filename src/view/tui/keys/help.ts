// The help, made of the table of commands and the keys in force.
import { type Command, commands } from '../commands.ts';
import type { Model } from '../model.ts';
import { keyLabel } from './keymap.ts';

export type HelpLine = { readonly head: string } | { readonly keys: string; readonly title: string };

export const heads: Record<Command['group'], string> = {
  move: 'Moving about',
  resource: 'Resources (the marked ones, else the selected)',
  logs: 'Logs',
  view: 'View',
  session: 'Session',
};

export function helpLines(model: Model): readonly HelpLine[] {
  const lines: HelpLine[] = [];
  for (const [group, head] of Object.entries(heads)) {
    if (lines.length > 0) lines.push({ head: '' });
    lines.push({ head });
    for (const command of commands) {
      if (command.group !== group) continue;
      const keys = (model.keymap.byId.get(command.id) ?? []).map(keyLabel).join(' ');
      lines.push({ keys, title: command.title });
    }
  }
  return lines;
}
