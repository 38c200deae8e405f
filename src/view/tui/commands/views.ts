// Actions on the view as a whole, and on the session.
import { asking, still } from '../keys/moves.ts';
import { troublesOf } from '../lists/problems.ts';
import { type Command, notice, onLogs } from './command.ts';

export const viewCommands: readonly Command[] = [
  {
    id: 'problems',
    keys: ['p'],
    group: 'view',
    title: 'everything that is wrong',
    footer: (model) => (troublesOf(model.state).length > 0 ? 'problems' : null),
    run: (model) => still({ ...model, overlay: { is: 'problems', index: 0 } }),
  },
  {
    id: 'zoom',
    keys: ['z'],
    group: 'view',
    title: 'logs on the whole screen',
    footer: onLogs('zoom'),
    run: (model) => still({ ...model, zoomed: !model.zoomed, focus: model.zoomed ? model.focus : 'logs' }),
  },
  {
    id: 'grow',
    keys: ['+', '='],
    group: 'view',
    title: 'more room for the logs',
    run: (model) => still({ ...model, shift: model.shift + 2 }),
  },
  {
    id: 'shrink',
    keys: ['-'],
    group: 'view',
    title: 'less room for the logs',
    run: (model) => still({ ...model, shift: model.shift - 2 }),
  },
  {
    id: 'bell',
    keys: ['b'],
    group: 'view',
    title: 'bell and notification on failures, on or off',
    run: (model) => notice({ ...model, bell: !model.bell }, model.bell ? 'bell off' : 'bell on'),
  },
  {
    id: 'mouse',
    keys: ['M'],
    group: 'view',
    title: 'mouse on, or left to the terminal',
    run: (model) =>
      asking(
        {
          ...model,
          mouse: !model.mouse,
          notice: { text: model.mouse ? 'mouse off: select text with the terminal' : 'mouse on', tone: 'info' },
        },
        { do: 'mouse', on: !model.mouse },
      ),
  },
  {
    id: 'redraw',
    keys: ['ctrl+l'],
    group: 'view',
    title: 'draw the screen anew',
    run: (model) => asking(model, { do: 'redraw' }),
  },
  {
    id: 'help',
    keys: ['?', 'f1'],
    group: 'view',
    title: 'this help',
    footer: () => 'help',
    run: (model) => still({ ...model, overlay: { is: 'help', top: 0 } }),
  },

  {
    id: 'suspend',
    keys: ['ctrl+z'],
    group: 'session',
    title: 'to the shell; fg comes back',
    run: (model) => asking(model, { do: 'suspend' }),
  },
  {
    id: 'quit',
    keys: ['q', 'ctrl+c'],
    group: 'session',
    title: 'end the session',
    footer: () => 'quit',
    run: (model) => asking({ ...model, notice: { text: 'stopping …', tone: 'info' } }, { do: 'quit' }),
  },
];
