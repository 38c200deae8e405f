// A running container of busybox for one test.
import Docker from 'dockerode';
import { onTestFinished } from 'vitest';

/** Starts `cmd` in a container of `image`, removed when the test ends. */
export async function runningContainer(
  image: string,
  cmd: readonly string[],
  options: Partial<Docker.ContainerCreateOptions> = {},
): Promise<Docker.Container> {
  const container = await new Docker().createContainer({
    Image: image,
    Cmd: [...cmd],
    Labels: { 'sluice-test': '1' },
    ...options,
  });
  onTestFinished(() => container.remove({ force: true }).catch(() => {}));
  await container.start();
  return container;
}
