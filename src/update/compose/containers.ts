// The steps of one service carried out: the new container is made before the old one ends, so that what cannot be made costs
// nothing that runs; hooks run where the Compose specification has them.
import { containerName } from '../../model/compose/names.ts';
import { limits } from '../../model/limits.ts';
import type { LogOrigin } from '../../model/log.ts';
import type { EngineContainer } from '../../model/ports/containers.ts';
import type { DockerPort, Ports } from '../../model/ports.ts';
import { isProblemError, ProblemError } from '../../model/problems/problem.ts';
import type { ComposeWork } from '../../model/run.ts';
import { timeoutSignal } from '../../operators/promises/timeout-signal.ts';
import { discard, makeContainer } from './container/creation.ts';
import { type Ending, endContainer, stopContainer } from './container/ending.ts';
import { runHooks } from './container/hooks.ts';
import type { Recipe } from './container/recipe.ts';
import type { Others } from './container/shared-containers.ts';
import type { Step } from './converge.ts';
import type { NetworkIds } from './project-parts.ts';

interface Carrying {
  readonly work: ComposeWork;
  readonly docker: DockerPort;
  readonly ports: Ports;
  readonly imageId: string;
  /** They may still be made while containers are, whose start waits for them. */
  readonly networks: Promise<NetworkIds>;
  readonly others: Others;
  readonly tell: (text: string) => void;
  readonly stop: AbortSignal;
}

export class Containers {
  private readonly carrying: Carrying;

  constructor(carrying: Carrying) {
    this.carrying = carrying;
  }

  /** Replicas side by side; gives the ids of those that run then. */
  async carryOut(steps: readonly Step[]): Promise<readonly string[]> {
    const done = await Promise.allSettled(steps.map((step) => this.carry(step)));
    return done.flatMap((each) => {
      if (each.status === 'rejected') throw each.reason;
      return each.value ?? [];
    });
  }

  /** The id of its container, null for one that goes. */
  private async carry(step: Step): Promise<string | null> {
    const { tell } = this.carrying;
    switch (step.does) {
      case 'keep':
        tell(`container ${step.container.name} unchanged`);
        return step.container.id;
      case 'start':
        await this.start(step.container.id, step.container.name);
        tell(`container ${step.container.name} started`);
        return step.container.id;
      case 'remove':
        // Its anonymous volumes stay: what is in them is somebody's data.
        await endContainer(step.container, false, this.leaving);
        tell(`container ${step.container.name} removed`);
        return null;
      case 'make':
        return this.make(step.number, null, 'made');
      case 'remake':
        return this.make(step.number, step.container, `made anew: ${step.because}`);
    }
  }

  private async make(number: number, before: EngineContainer | null, how: string): Promise<string> {
    const { work, docker, imageId, others, tell, stop } = this.carrying;
    const { spec } = work;
    const name = containerName(spec.compose.name, spec.service, number, spec.config.container_name);
    const renews = work.anew?.renewVolumes ?? false;
    const recipe: Recipe = { spec, number, name, imageId, before: renews ? null : before, others };
    // Compose's own way of two names for a moment: the old one's beginning before the new one's name.
    const id = await makeContainer(before ? `${before.id.slice(0, 12)}_${name}` : name, recipe, this.carrying);
    try {
      if (before) await this.swap(before, id, name);
    } catch (error) {
      await discard(id, docker);
      if (before) await docker.engine.rename(before.id, name, timeoutSignal(limits.dockerConnectMs)).catch(() => {});
      throw error;
    }
    // The new one serves while the old one is taken away, which takes Docker as long as all the rest.
    await this.start(id, name).finally(() => before && docker.engine.remove(before.id, false, stop));
    tell(`container ${name} ${how}`);
    return id;
  }

  /** Ends the old one, for the new one to have its ports and its name. Names are given while it ends, which takes longer. */
  private async swap(before: EngineContainer, id: string, name: string): Promise<void> {
    const { docker, stop } = this.carrying;
    await stopContainer(before, this.leaving, async () => {
      await docker.engine.rename(before.id, `${id.slice(0, 12)}_${name}`, stop);
      await docker.engine.rename(id, name, stop);
    });
  }

  private async start(id: string, name: string): Promise<void> {
    const { docker, work, stop } = this.carrying;
    try {
      await docker.engine.start(id, stop);
    } catch (error) {
      if (!isProblemError(error) || error.problem.kind === 'unavailable') throw error;
      const what = `container ${name} could not be started: ${error.message.replace(/^starting \w+: /, '')}`;
      throw new ProblemError({ kind: 'step', code: 'S379', what, ...startHint(error.message), at: work.spec.at });
    }
    await runHooks('post_start', id, { ...this.carrying, spec: work.spec, origin: this.origin });
  }

  private get leaving(): Ending {
    const { work, docker, ports, stop } = this.carrying;
    return { spec: work.spec, origin: this.origin, docker, ports, stop };
  }

  private get origin(): LogOrigin {
    const { resource, run } = this.carrying.work;
    return { resource, source: 'build', run };
  }
}

const startHint = (message: string): { readonly hint?: string } =>
  /port is already allocated|address already in use/.test(message)
    ? { hint: 'another container or process has that port: end it, or publish another one' }
    : {};
