// `entrypoint` and `containerArgs` of an image: how its containers start in pods, whatever image and manifest say.
import type { ContainerStart } from '../../model/config.ts';
import { type ComposeParts, imageOfService } from '../compose/services.ts';
import type { Report } from '../report.ts';
import type { Raw, RawImage } from '../schema/schema.ts';

type Given = Pick<NonNullable<RawImage>, 'entrypoint' | 'containerArgs'>;

/** Null where nothing is said. A text is for the shell: `$` in it is nothing to Kubernetes, which reads `$$` as the plain one. */
export function startOf({ entrypoint, containerArgs }: Given): ContainerStart | null {
  if (entrypoint === undefined && containerArgs === undefined) return null;
  const command =
    typeof entrypoint === 'string' ? ['/bin/sh', '-c', entrypoint.replaceAll('$', '$$$$')] : (entrypoint ?? null);
  return { command, args: containerArgs ?? null };
}

/** A service of Compose has keys of its own for it. */
export function refuseForServices(images: Raw['images'], { project }: ComposeParts, report: Report): void {
  for (const [name, service] of Object.entries(project.services)) {
    const ref = imageOfService(project.name, name, service);
    const given = Object.entries(images ?? {}).find(([key]) => key === ref)?.[1];
    const key = given?.entrypoint === undefined ? 'containerArgs' : 'entrypoint';
    if (given?.[key] === undefined) continue;
    const hint = `write entrypoint: or command: of the service ${name}`;
    report.add(
      'S103',
      ['images', ref, key],
      `${key} of ${ref} is for pods, and the service ${name} runs in none`,
      hint,
    );
  }
}
