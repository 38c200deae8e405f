import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { Command, Option } from 'clipanion';
import { ProblemError } from '../../model/problems/problem.ts';
import { OnceCommand } from '../once.ts';

export class InitCommand extends OnceCommand {
  static override paths = [['init']];
  static override usage = Command.Usage({
    category: 'Session',
    description: 'Write a first sluice.yaml from the Dockerfiles, manifests or Skaffold file found here',
    examples: [['Only look', 'sluice init --dry-run']],
  });

  dryRun = Option.Boolean('--dry-run', false, { description: 'Print it, write nothing' });

  execute(): Promise<number> {
    return this.interruptible(async (stop) => {
      const { draftConfig, exists, writeConfig } = await import('./init.ts');
      const file = resolve(this.file ?? 'sluice.yaml');
      if (!this.dryRun && existsSync(file)) throw new ProblemError(exists(file));
      const initial = await draftConfig(file, this.env, stop);
      const { text, resources, notes } = initial;
      const written = !this.dryRun && text !== null;
      if (written) await writeConfig(file, text);
      if (this.json) return this.print({ file, written, resources, notes, text });
      const { printable } = await import('../../session/end/complaint.ts');
      const head = text === null ? 'nothing needs to be written' : `wrote ${file}: ${resources.join(', ')}`;
      const lines = [head, ...notes, 'next: sluice plan, then sluice up'];
      this.context.stdout.write(this.dryRun && text !== null ? text : `${lines.map(printable).join('\n')}\n`);
      return 0;
    });
  }
}
