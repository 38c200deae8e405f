// Every action there is, once: the keys, the help, the footer and the palette are made of this table.
import type { Command } from './commands/command.ts';
import { logCommands } from './commands/logs.ts';
import { moveCommands } from './commands/navigation.ts';
import { resourceCommands } from './commands/resources.ts';
import { viewCommands } from './commands/views.ts';
import { choose } from './lists/choices.ts';
import type { Model, Step } from './model.ts';

export type { Command } from './commands/command.ts';

const palette = (model: Model): Step => choose(model, 'do what?', paletteChoices(model));

function paletteChoices(model: Model) {
  const actions = commands
    .filter((command) => command.group !== 'move')
    .map((command) => ({
      label: command.title,
      detail: (model.keymap.byId.get(command.id) ?? []).join(' '),
      msg: { is: 'command', id: command.id } as const,
    }));
  const resources = Object.keys(model.state?.resources ?? {}).map((name) => ({
    label: `go to ${name}`,
    detail: 'resource',
    msg: { is: 'select', key: `resource ${name}` } as const,
  }));
  return [...actions, ...resources];
}

const paletteCommand: Command = {
  id: 'palette',
  keys: [':', 'ctrl+p'],
  group: 'view',
  title: 'find an action or a resource',
  footer: () => 'actions',
  run: palette,
};

export const commands: readonly Command[] = [
  ...moveCommands,
  ...resourceCommands,
  ...logCommands,
  paletteCommand,
  ...viewCommands,
];

export const commandOf = (id: string): Command | undefined => commands.find((command) => command.id === id);
