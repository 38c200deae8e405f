// `sluice plan`: what up would do, without doing it.
import { Command, Option } from 'clipanion';
import { OnceCommand } from './once.ts';

export class PlanCommand extends OnceCommand {
  static override paths = [['plan']];
  static override usage = Command.Usage({
    category: 'Session',
    description: 'What up would build and deploy, in which order and why; touches nothing',
    examples: [
      ['Everything', 'sluice plan'],
      ['The manifests as they are rendered', 'sluice plan --manifests'],
    ],
  });

  resources = Option.Rest({ name: 'resource' });
  manifests = Option.Boolean('--manifests', false, {
    description: 'Print the rendered manifests, Secret values redacted',
  });

  execute(): Promise<number> {
    return this.interruptible(async (stop) => {
      const { planUp } = await import('../session/plan.ts');
      const planned = await planUp({ ...(await this.configured()), only: this.resources }, stop);
      if ('problems' in planned) return this.refuse(planned.problems);
      const { plan, manifests } = planned;
      if (this.json) return this.print(this.manifests ? { ...plan, manifests } : plan);
      const text = this.manifests ? manifests : (await import('../session/plan-text.ts')).planText(plan);
      this.context.stdout.write(text);
      return 0;
    });
  }
}
