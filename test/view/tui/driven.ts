// The view without a terminal: keys in, model out, effects kept; log errands are run against a memory log.
import type { PublicState } from '../../../src/model/public-state.ts';
import { commands } from '../../../src/view/tui/commands.ts';
import { keymapOf } from '../../../src/view/tui/keys/keymap.ts';
import { logController } from '../../../src/view/tui/log/controller.ts';
import { type Effect, freshModel, type Model, type Msg } from '../../../src/view/tui/model.ts';
import { update } from '../../../src/view/tui/update.ts';
import { type MemoryLog, shopLog } from './lines.ts';
import { noon, shop } from './states.ts';

export interface Driven {
  readonly model: Model;
  readonly logs: MemoryLog;
  /** What was asked for, log errands aside. */
  readonly asked: Effect[];
  send(msg: Msg): void;
  /** Presses keys one after the other, each with its errands done. */
  keys(...keys: string[]): Promise<void>;
  state(state: PublicState, ...keys: string[]): Promise<void>;
}

export async function driven(
  width: number,
  height: number,
  first: PublicState | null = shop,
  logs: MemoryLog = shopLog(),
): Promise<Driven> {
  const asked: Effect[] = [];
  let model = freshModel('shop', '/home/ada/shop', keymapOf(commands, null).keymap, width, height, noon);
  const send = (msg: Msg): void => {
    const step = update(model, msg);
    model = step.model;
    for (const effect of step.effects) {
      if (effect.do === 'scroll' || effect.do === 'scroll to' || effect.do === 'find' || effect.do === 'count matches')
        controller.run(effect);
      else asked.push(effect);
    }
  };
  const controller = logController(logs, () => model, send);
  logs.lines$.subscribe((lines) => controller.arrived(lines));
  /** A memory log answers within a turn of the loop. */
  const errands = async () => {
    await new Promise((resolve) => setImmediate(resolve));
    model = controller.filled(model);
  };
  const keys = async (...pressed: string[]) => {
    for (const key of pressed) {
      send({ is: 'key', key });
      await errands();
    }
    await errands();
  };
  if (first) send({ is: 'state', state: first, now: noon });
  await errands();
  return {
    get model() {
      return model;
    },
    logs,
    asked,
    send,
    keys,
    async state(state, ...pressed) {
      send({ is: 'state', state, now: noon });
      await keys(...pressed);
    },
  };
}
