// The steps of one service carried out: the new container is made before the old one ends, so that what cannot be made costs
// nothing that runs; hooks run where the Compose specification has them.
import { Readable } from 'node:stream';
import { containerName } from '../../model/compose-names.ts';
import { limits } from '../../model/limits.ts';
import type { EngineContainer } from '../../model/ports/containers.ts';
import type { DockerPort, Ports } from '../../model/ports.ts';
import { isProblemError, ProblemError } from '../../model/problem.ts';
import type { ComposeWork } from '../../model/run.ts';
import { givenFiles } from './container/given-files.ts';
import { runHooks } from './container/hooks.ts';
import type { Recipe } from './container/recipe.ts';
import { containerRequest } from './container/request.ts';
import { endpointOf, networksOf } from './container/service-networks.ts';
import type { Others } from './container/sharing.ts';
import { tarOf } from './container/tar.ts';
import { secondsOf } from './container/units.ts';
import type { Step } from './converge.ts';

interface Carrying {
  readonly work: ComposeWork;
  readonly docker: DockerPort;
  readonly ports: Ports;
  readonly imageId: string;
  readonly others: Others;
  readonly tell: (text: string) => void;
  readonly stop: AbortSignal;
}

export class Containers {
  private readonly carrying: Carrying;

  constructor(carrying: Carrying) {
    this.carrying = carrying;
  }

  /** Replicas side by side. */
  async carryOut(steps: readonly Step[]): Promise<void> {
    const done = await Promise.allSettled(steps.map((step) => this.carry(step)));
    for (const each of done) if (each.status === 'rejected') throw each.reason;
  }

  private async carry(step: Step): Promise<void> {
    const { tell } = this.carrying;
    switch (step.does) {
      case 'keep':
        return tell(`container ${step.container.name} unchanged`);
      case 'start':
        await this.start(step.container.id, step.container.name);
        return tell(`container ${step.container.name} started`);
      case 'remove':
        await this.end(step.container);
        return tell(`container ${step.container.name} removed`);
      case 'make':
        return this.make(step.number, null, 'made');
      case 'remake':
        return this.make(step.number, step.container, `made anew: ${step.because}`);
    }
  }

  private async make(number: number, before: EngineContainer | null, how: string): Promise<void> {
    const { work, docker, imageId, others, tell, stop } = this.carrying;
    const { spec } = work;
    const name = containerName(spec.compose.name, spec.service, number, spec.config.container_name);
    const renews = work.anew?.renewVolumes ?? false;
    const recipe: Recipe = { spec, number, name, imageId, before: renews ? null : before, others };
    // Compose's own way of two names for a moment: the old one's beginning before the new one's name.
    const id = await this.create(before ? `${before.id.slice(0, 12)}_${name}` : name, recipe);
    try {
      await this.furnish(id, recipe);
      if (before) await this.swap(before, id, name);
    } catch (error) {
      await docker.engine.remove(id, false, AbortSignal.timeout(limits.dockerConnectMs)).catch(() => {});
      throw error;
    }
    // The new one serves while the old one is taken away, which takes Docker as long as all the rest.
    await this.start(id, name).finally(() => before && docker.engine.remove(before.id, false, stop));
    tell(`container ${name} ${how}`);
  }

  /** Its further networks, and the files it is given. */
  private async furnish(id: string, recipe: Recipe): Promise<void> {
    const { spec } = recipe;
    const { docker, ports, stop } = this.carrying;
    for (const { key, name: network } of networksOf(spec).slice(1))
      await docker.engine.connect(network, id, endpointOf(key, recipe), stop);
    const files = givenFiles(spec, ports.env ?? {});
    if (files.length > 0) await docker.putArchive(id, '/', Readable.from([tarOf(files, ports.now())]), stop);
  }

  /** Ends the old one, for the new one to have its ports and its name; what fails leaves the old one its name. */
  private async swap(before: EngineContainer, id: string, name: string): Promise<void> {
    const { docker, stop } = this.carrying;
    await this.stop(before);
    await docker.engine.rename(before.id, `${id.slice(0, 12)}_${name}`, stop);
    try {
      await docker.engine.rename(id, name, stop);
    } catch (error) {
      await docker.engine.rename(before.id, name, AbortSignal.timeout(limits.dockerConnectMs)).catch(() => {});
      throw error;
    }
  }

  private async create(name: string, recipe: Recipe): Promise<string> {
    const { docker, work, stop } = this.carrying;
    const { platform = null } = work.spec.config;
    try {
      return await docker.engine.create(name, containerRequest(recipe), platform, stop);
    } catch (error) {
      if (!isProblemError(error)) throw error;
      const isTaken = /is already in use/.test(error.message);
      throw new ProblemError({
        ...error.problem,
        kind: isTaken ? 'yours' : error.problem.kind,
        ...(isTaken ? { code: 'S374', hint: `docker rm -f ${name}, if it is nobody's any more` } : {}),
        at: work.spec.at,
      });
    }
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
    await runHooks('post_start', id, this.carrying);
  }

  /** Asked to, and given its time. */
  private async stop(container: EngineContainer): Promise<void> {
    const { docker, work, stop } = this.carrying;
    if (container.state === 'running') await runHooks('pre_stop', container.id, this.carrying);
    await docker.engine.stop(container.id, secondsOf(work.spec.config.stop_grace_period) ?? null, stop);
  }

  /** Its anonymous volumes stay: what is in them is somebody's data. */
  private async end(container: EngineContainer): Promise<void> {
    await this.stop(container);
    await this.carrying.docker.engine.remove(container.id, false, this.carrying.stop);
  }
}

const startHint = (message: string): { readonly hint?: string } =>
  /port is already allocated|address already in use/.test(message)
    ? { hint: 'another container or process has that port: end it, or publish another one' }
    : {};
