// The steps of one service carried out: the new container is made before the old one ends, so that what cannot be made costs
// nothing that runs; hooks run where the Compose specification has them.
import { Readable } from 'node:stream';
import { containerName } from '../../model/compose-names.ts';
import type { EngineContainer } from '../../model/ports/containers.ts';
import type { DockerPort, Ports } from '../../model/ports.ts';
import { isProblemError, ProblemError } from '../../model/problem.ts';
import type { ComposeWork } from '../../model/run.ts';
import { givenFiles } from './container/given-files.ts';
import { runHooks } from './container/hooks.ts';
import type { Recipe } from './container/recipe.ts';
import { containerRequest } from './container/request.ts';
import { endpointOf, networksOf } from './container/service-networks.ts';
import { tarOf } from './container/tar.ts';
import { secondsOf } from './container/units.ts';
import type { Step } from './converge.ts';

interface Carrying {
  readonly work: ComposeWork;
  readonly docker: DockerPort;
  readonly ports: Ports;
  readonly imageId: string;
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
    const { work, docker, imageId, tell, stop } = this.carrying;
    const { spec, others } = work;
    const name = containerName(spec.compose.name, spec.service, number, spec.config.container_name);
    const recipe: Recipe = { spec, number, name, imageId, before, others };
    // Compose's own way of two names for a moment: the old one's beginning before the new one's name.
    const first = before ? `${before.id.slice(0, 12)}_${name}` : name;
    const id = await this.create(first, recipe);
    try {
      for (const { key, name: network } of networksOf(spec).slice(1))
        await docker.engine.connect(network, id, endpointOf(key, spec, name), stop);
      const files = givenFiles(spec, this.carrying.ports.env ?? {});
      if (files.length > 0) await docker.putArchive(id, '/', Readable.from([tarOf(files)]), stop);
      if (before) await this.end(before, false);
      if (before) await docker.engine.rename(id, name, stop);
    } catch (error) {
      await docker.engine.remove(id, false, AbortSignal.timeout(10_000)).catch(() => {});
      throw error;
    }
    await this.start(id, name);
    tell(`container ${name} ${how}`);
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

  /** `volumes`: its anonymous ones go too. */
  private async end(container: EngineContainer, volumes = true): Promise<void> {
    const { docker, stop } = this.carrying;
    await endContainer(container, volumes, docker, this.carrying.work.spec.config.stop_grace_period, stop, () =>
      runHooks('pre_stop', container.id, this.carrying),
    );
  }
}

const startHint = (message: string): { readonly hint?: string } =>
  /port is already allocated|address already in use/.test(message)
    ? { hint: 'another container or process has that port: end it, or publish another one' }
    : {};

/** Asked to stop, given its time, and removed. */
export async function endContainer(
  container: EngineContainer,
  volumes: boolean,
  docker: DockerPort,
  grace: string | undefined,
  stop: AbortSignal,
  beforeStop: () => Promise<void> = async () => {},
): Promise<void> {
  if (container.state === 'running') await beforeStop();
  await docker.engine.stop(container.id, secondsOf(grace) ?? null, stop);
  await docker.engine.remove(container.id, volumes, stop);
}
