// `sluice replay`: a recording, played.
import { Command, Option, UsageError } from 'clipanion';
import { SluiceCommand } from '../command.ts';

export class ReplayCommand extends SluiceCommand {
  static override paths = [['replay']];
  static override usage = Command.Usage({
    category: 'For editors and agents',
    description: 'Play a recording made with up --record: the same states and the same screen, no cluster needed',
    examples: [['The state it ended in', 'sluice replay session.ndjson --state']],
  });

  recording = Option.String({ name: 'FILE' });
  speed = Option.String('--speed', '1', { description: 'Times as fast as it was; 0: as fast as it goes' });
  until = Option.String('--until', { description: 'Stop after the fact of this number' });
  state = Option.Boolean('--state', false, { description: 'Print the final state as JSON, show nothing' });

  async execute(): Promise<number> {
    const speed = Number(this.speed);
    const until = this.until === undefined ? Number.POSITIVE_INFINITY : Number(this.until);
    if (!(speed >= 0))
      throw new UsageError(`--speed ${this.speed} is no number from 0\n1 is the speed of the recording, 2 twice that`);
    if (Number.isNaN(until))
      throw new UsageError(`--until ${this.until} is no number of a fact\nseq of a line of the recording`);
    const isScreen = !this.state && process.stdout.isTTY === true && process.stdin.isTTY === true;
    const { replay } = await import('./replay.ts');
    const state = await replay({
      file: this.recording,
      speed: isScreen ? speed : 0,
      until,
      view: isScreen ? 'tui' : 'none',
      env: this.env,
    });
    if (this.state) this.context.stdout.write(`${JSON.stringify(state)}\n`);
    else if (!isScreen) {
      const { statusText } = await import('../status/status-text.ts');
      this.context.stdout.write(statusText(state));
    }
    return 0;
  }
}
