import { resolve } from 'node:path';
import { Command, Option } from 'clipanion';
import { OnceCommand } from '../once.ts';

export class ExplainCommand extends OnceCommand {
  static override paths = [['explain']];
  static override usage = Command.Usage({
    category: 'Session',
    description: 'What a change to a file does: which resource, by which rule, in which steps',
    examples: [['Why is this a full build?', 'sluice explain web/package.json']],
  });

  changed = Option.String({ name: 'PATH' });

  execute(): Promise<number> {
    return this.interruptible(async (stop) => {
      const { explainPath } = await import('./explain.ts');
      const explained = await explainPath({ ...(await this.configured()), path: resolve(this.changed) }, stop);
      if ('problems' in explained) return this.refuse(explained.problems);
      if (this.json) return this.print(explained);
      const { explanationText } = await import('./explanation-text.ts');
      this.context.stdout.write(explanationText(explained));
      return 0;
    });
  }
}
