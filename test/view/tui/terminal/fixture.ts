// A program that shows the view over scripted states, for tests that drive it in a real terminal. What it is asked for
// goes to the file $ASKED, a line each. SIGUSR1 plays the next scene, SIGUSR2 adds a hundred log lines, SIGPIPE throws.
import { appendFileSync } from 'node:fs';
import { BehaviorSubject } from 'rxjs';
import type { PublicState } from '../../../../src/model/public-state.ts';
import { startTui } from '../../../../src/view/tui/index.ts';
import { shopLog } from '../lines.ts';
import { crowd, noon, shop } from '../states.ts';

const ask = (what: unknown) => appendFileSync(process.env.ASKED!, `${JSON.stringify(what)}\n`);
const web = shop.resources.web!;
const failed: PublicState = {
  ...shop,
  resources: {
    ...shop.resources,
    web: {
      ...web,
      update: {
        ...web.update,
        status: 'failed',
        problem: {
          kind: 'step',
          code: 'S202',
          what: 'npm ci ended with 1',
          at: { file: process.env.PROBLEM_FILE ?? '/none', line: 3, column: 1 },
        },
      },
    },
  },
};
const well: PublicState = {
  ...shop,
  resources: {
    ...shop.resources,
    web: { ...web, update: { ...web.update, status: 'ok', endedAt: noon }, changes: { seen: 7, live: 7 } },
  },
};
const broken: PublicState = {
  ...shop,
  config: {
    ok: false,
    problems: [
      {
        kind: 'yours',
        code: 'S101',
        what: 'unknown key "imges"',
        hint: 'did you mean "images"?',
        at: { file: '/home/ada/shop/sluice.yaml', line: 2, column: 1 },
      },
    ],
  },
};
const scenes = [failed, well, broken, { ...shop, order: [], resources: {} }, crowd(300)];

const state$ = new BehaviorSubject<PublicState>(shop);
const logs = shopLog();
let added = 0;
let scene = 0;
process.on('SIGUSR1', () => state$.next(scenes[scene++ % scenes.length]!));
process.on('SIGUSR2', () => {
  for (let i = 0; i < 100; i++) logs.add({ resource: 'web', text: `added line ${++added}` });
});

const tui = startTui({
  state$,
  logs,
  act: ask,
  clearLogs: (resource) => {
    logs.clear(resource);
    ask({ clear: resource });
  },
  input: process.stdin,
  output: process.stdout,
  env: process.env,
  now: () => noon,
  keysFile: process.env.KEYS ?? null,
  openUrl: (url) => ask({ open: url }),
  title: 'shop',
});
process.on('SIGPIPE', () => {
  throw new Error('a bug');
});
// SIGWINCH aside, nothing else keeps the program alive.
const alive = setInterval(() => {}, 1_000);
const how = await tui.closed;
ask({ closed: how });
tui.close();
clearInterval(alive);
