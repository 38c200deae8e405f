// `sluice plan`: what up would do, without doing it.
import { Command, Option } from 'clipanion';
import { OnceCommand } from '../once.ts';

export class PlanCommand extends OnceCommand {
  static override paths = [['plan']];
  static override usage = Command.Usage({
    category: 'Session',
    description: 'What up would build and deploy, in which order and why; touches nothing',
    examples: [
      ['Everything', 'sluice plan'],
      ['The manifests as they are rendered', 'sluice plan --manifests'],
      ['What would change in the cluster', 'sluice plan --diff'],
    ],
  });

  resources = Option.Rest({ name: 'resource' });
  manifests = Option.Boolean('--manifests', false, {
    description: 'Print the rendered manifests, Secret values redacted',
  });

  diff = Option.Boolean('--diff', false, {
    description: 'Print how each object in the cluster would change, Secret values masked',
  });

  execute(): Promise<number> {
    return this.interruptible(async (stop) => {
      const { planUp } = await import('./plan.ts');
      const planned = await planUp({ ...(await this.configured()), only: this.resources, diff: this.diff }, stop);
      if ('problems' in planned) return this.refuse(planned.problems);
      const { plan, manifests } = planned;
      if (this.json) return this.print(this.manifests ? { ...plan, manifests } : plan);
      const { diffText, planText } = await import('./plan-text.ts');
      this.context.stdout.write(this.manifests ? manifests : this.diff ? diffText(plan) : planText(plan));
      return 0;
    });
  }
}
