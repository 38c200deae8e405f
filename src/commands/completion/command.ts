import { Command, type Definition, Option, UsageError } from 'clipanion';
import { SluiceCommand } from '../command.ts';

export class CompletionCommand extends SluiceCommand {
  static override paths = [['completion']];
  static override usage = Command.Usage({
    category: 'For editors and agents',
    description: 'Print the completions of a shell: commands, options, names of resources',
    examples: [
      ['For bash, in ~/.bashrc', 'source <(sluice completion bash)'],
      ['For zsh', 'sluice completion zsh > "$HOME/.zfunc/_sluice"'],
      ['For fish', 'sluice completion fish > ~/.config/fish/completions/sluice.fish'],
    ],
  });

  shell = Option.String({ name: 'bash|zsh|fish' });
  /** Of every command; given by who knows them all. */
  definitions: readonly Definition[] = [];

  async execute(): Promise<number> {
    this.context.stdout.write(await this.text());
    return 0;
  }

  /** `resources` is what the scripts themselves ask for. */
  private async text(): Promise<string> {
    if (this.shell === 'resources') {
      const { resourceNames } = await import('./resource-names.ts');
      return (await resourceNames(this.file ?? null, this.env)).map((name) => `${name}\n`).join('');
    }
    const { commandWords } = await import('./words.ts');
    const words = commandWords(this.definitions);
    if (this.shell === 'bash') return (await import('./bash.ts')).bashCompletion(words);
    if (this.shell === 'zsh') return (await import('./zsh.ts')).zshCompletion(words);
    if (this.shell === 'fish') return (await import('./fish.ts')).fishCompletion(words);
    throw new UsageError(`no completion for ${this.shell}\nit is bash, zsh or fish`);
  }
}
