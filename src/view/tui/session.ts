// The view's loop: messages go through `update`, what it asks for is carried out here, and frames are drawn when due.
import type { Subscription } from 'rxjs';
import type { PublicState } from '../../model/public-state.ts';
import { actionOf } from './actions.ts';
import type { TuiDeps } from './deps.ts';
import { readKeymap } from './keys/keysfile.ts';
import { clickOf, noPress, type Press } from './keys/pointer.ts';
import type { Hit } from './layout/canvas.ts';
import { layout } from './layout/frame.ts';
import { countsOf } from './lists/row-status.ts';
import { resourcesOf } from './lists/rows.ts';
import { type LogController, logController } from './log/controller.ts';
import { type Effect, freshModel, type Model, type Msg } from './model.ts';
import { clipboardBytes, copy, edit, editorCommand, notifySequence, titleSequence } from './outside/outside.ts';
import { usageMeter } from './outside/usage.ts';
import { pacer } from './paint/pacer.ts';
import { type Palette, paletteOf } from './paint/palette.ts';
import { type InputEvent, inputReader } from './terminal/input.ts';
import { restoring } from './terminal/restore.ts';
import { openTerm, type Term } from './terminal/term.ts';
import { type Abilities, abilitiesOf } from './terminal/terminal.ts';
import { update } from './update.ts';

/** An escape that nothing follows for so long is the key; over SSH the parts of a sequence come within a few ms. */
const escapeMs = 40;
/** Times that count are drawn each second while something runs; ages, in minutes, once a minute. */
const busyTickMs = 1_000;
const idleTickMs = 60_000;

export class Session {
  readonly closed: Promise<'quit' | 'error'>;
  private readonly deps: TuiDeps;
  private readonly abilities: Abilities;
  private readonly term: Term;
  private readonly log: LogController;
  private readonly pacer = pacer(() => this.draw());
  private readonly reader = inputReader();
  private readonly usage = usageMeter();
  private readonly subscriptions: Subscription[] = [];
  private readonly unhook: () => void;
  private settle: (how: 'quit' | 'error') => void = () => {};
  private palette: Palette;
  private model: Model;
  private waiting: PublicState | null = null;
  private hits: readonly Hit[] = [];
  private press: Press = noPress;
  private quits = 0;
  private title = '';
  private over = false;
  /** Somebody else has the terminal: an editor, or the shell. */
  private away = false;
  private escape: NodeJS.Timeout | undefined;
  private tick: NodeJS.Timeout | undefined;

  constructor(deps: TuiDeps) {
    this.deps = deps;
    this.closed = new Promise((resolve) => {
      this.settle = resolve;
    });
    this.abilities = abilitiesOf(deps.env);
    this.palette = paletteOf(this.abilities.depth, this.abilities.background);
    const { keymap, problem } = readKeymap(deps.keysFile);
    const { columns = 80, rows = 24 } = deps.output;
    this.model = freshModel(deps.title, process.cwd(), keymap, columns, rows, deps.now());
    if (problem) this.model = { ...this.model, notice: { text: problem, tone: 'bad' } };
    this.term = openTerm(deps.output, this.abilities);
    this.unhook = restoring(() => this.giveBack());
    this.log = logController(
      deps.logs,
      () => this.model,
      (msg) => this.send(msg),
    );
  }

  start(): void {
    const { deps } = this;
    this.subscriptions.push(
      deps.state$.subscribe((state) => {
        this.waiting = state;
        this.pacer.ask(false);
      }),
      deps.logs.lines$.subscribe((lines) => this.log.arrived(lines)),
    );
    deps.output.on('resize', this.onResize);
    deps.output.on('drain', this.onDrain);
    deps.output.on('error', this.onGone);
    deps.input.on('error', this.onGone);
    deps.input.on('end', this.onGone);
    process.on('SIGCONT', this.onContinue);
    this.listen();
    if (this.abilities.osc && this.abilities.depth === 256) this.term.say('\x1b]11;?\x07');
    this.draw();
    this.schedule();
  }

  close(): void {
    if (this.over) return;
    this.over = true;
    const { deps } = this;
    for (const subscription of this.subscriptions) subscription.unsubscribe();
    this.log.stop();
    this.pacer.stop();
    clearTimeout(this.tick);
    clearTimeout(this.escape);
    deps.output.removeListener('resize', this.onResize);
    deps.output.removeListener('drain', this.onDrain);
    process.removeListener('SIGCONT', this.onContinue);
    this.giveBack();
    this.term.destroy();
    this.unhook();
    deps.input.removeListener('error', this.onGone);
    deps.input.removeListener('end', this.onGone);
    deps.output.removeListener('error', this.onGone);
  }

  private readonly giveBack = (): void => {
    this.deps.input.removeListener('data', this.onData);
    this.term.leave();
    try {
      this.deps.input.setRawMode?.(false);
    } catch {
      // The terminal is gone: there is nothing left to restore.
    }
    this.deps.input.pause();
  };

  private listen(): void {
    this.deps.input.setRawMode?.(true);
    this.deps.input.on('data', this.onData);
    this.deps.input.resume();
  }

  private takeBack(): void {
    if (this.over) return;
    this.away = false;
    this.listen();
    this.term.enter();
    this.title = '';
    this.onResize();
  }

  private readonly onGone = (): void => this.settle('error');

  private readonly onDrain = (): void => this.pacer.ask(false);

  /** Continued after a stop from outside: another program may have had the terminal. */
  private readonly onContinue = (): void => {
    if (this.away || this.over) return;
    this.giveBack();
    this.takeBack();
  };

  private readonly onResize = (): void => {
    const { columns = 80, rows = 24 } = this.deps.output;
    this.model = update(this.model, { is: 'resize', width: columns, height: rows }).model;
    this.draw();
  };

  private readonly onData = (chunk: Buffer): void => {
    clearTimeout(this.escape);
    for (const event of this.reader.read(chunk)) this.onInput(event);
    if (this.reader.waiting) {
      this.escape = setTimeout(() => {
        for (const event of this.reader.flush()) this.onInput(event);
      }, escapeMs);
    }
  };

  private onInput(event: InputEvent): void {
    switch (event.is) {
      case 'background':
        this.palette = paletteOf(this.abilities.depth, event.light ? 'light' : 'dark');
        this.pacer.ask(true);
        break;
      case 'mouse': {
        const msg = clickOf(event, this.hits, this.press, this.deps.now());
        if (event.what === 'press') this.press = { x: event.x, y: event.y, at: this.deps.now() };
        if (msg) this.send(msg);
        break;
      }
      default:
        this.send(event);
    }
  }

  /** Lines that came change nothing but a number where the view stands still: they can wait. */
  private send(msg: Msg): void {
    if (this.over) return;
    const step = update(this.model, msg);
    this.model = step.model;
    this.pacer.ask(msg.is !== 'log/arrived' && msg.is !== 'tick' && msg.is !== 'state');
    for (const effect of step.effects) this.carryOut(effect);
  }

  private takeState(): void {
    if (!this.waiting) return;
    const step = update(this.model, { is: 'state', state: this.waiting, now: this.deps.now() });
    this.waiting = null;
    this.model = step.model;
    for (const effect of step.effects) this.carryOut(effect);
    this.schedule();
  }

  private draw(): void {
    if (this.over || this.away || this.term.behind) return;
    this.takeState();
    this.model = this.log.filled(this.model);
    const canvas = layout(this.model, this.palette);
    this.hits = canvas.hits;
    this.term.paint(canvas.cells);
    this.retitle();
  }

  private retitle(): void {
    const { failed, busy, ok } = countsOf(resourcesOf(this.model.state));
    const title = `sluice ${this.model.title}: ${[failed && `${failed} failed`, busy && `${busy} busy`, `${ok} ok`].filter(Boolean).join(', ')}`;
    if (title === this.title) return;
    this.title = title;
    const sequence = titleSequence(title, this.abilities);
    if (sequence) this.term.say(sequence);
  }

  private schedule(): void {
    clearTimeout(this.tick);
    const busy = resourcesOf(this.model.state).some((resource) => resource.update.status === 'running');
    this.tick = setTimeout(
      () => {
        this.send({ is: 'tick', now: this.deps.now(), usage: this.usage() });
        this.schedule();
      },
      busy ? busyTickMs : idleTickMs,
    );
    this.tick.unref();
  }

  private carryOut(effect: Effect): void {
    const { deps } = this;
    switch (effect.do) {
      case 'act':
        deps.act(actionOf(effect));
        break;
      case 'clear logs':
        deps.clearLogs(effect.resource);
        this.send({ is: 'log/anchor', anchor: null });
        break;
      case 'open':
        deps.openUrl(effect.url);
        break;
      case 'edit':
        void this.edit(effect);
        break;
      case 'copy':
        void this.log
          .text(effect.from, effect.to, clipboardBytes)
          .then((text) => copy(text, this.abilities, (sequence) => this.term.say(sequence)))
          .catch(() => this.send({ is: 'notice', text: 'these lines are gone', tone: 'bad' }));
        break;
      case 'notify':
        this.term.say(notifySequence(effect.text, this.abilities));
        break;
      case 'mouse':
        this.term.mouse(effect.on);
        break;
      case 'redraw':
        this.term.forget();
        break;
      case 'suspend':
        this.suspend();
        break;
      case 'quit':
        this.quit();
        break;
      default:
        this.log.run(effect);
        break;
    }
  }

  private quit(): void {
    this.quits += 1;
    if (this.quits === 1) this.settle('quit');
    // In raw mode the terminal makes no signal of Ctrl-C.
    else process.kill(process.pid, 'SIGINT');
  }

  /** Where there is no shell to stop for (an orphaned group), the kernel ignores the signal and this comes right back. */
  private suspend(): void {
    this.away = true;
    this.giveBack();
    process.kill(0, 'SIGTSTP');
    setImmediate(() => this.takeBack());
  }

  private async edit(at: { readonly file: string; readonly line: number; readonly column: number }): Promise<void> {
    const command = editorCommand(this.deps.env, at);
    if (!command) {
      this.send({ is: 'notice', text: `set $EDITOR to open ${at.file}:${at.line}`, tone: 'bad' });
      return;
    }
    this.away = true;
    this.giveBack();
    const problem = await edit(command);
    this.takeBack();
    if (problem) this.send({ is: 'notice', text: problem, tone: 'bad' });
  }
}
