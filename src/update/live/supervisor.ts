// A tiny sh supervisor around a container's own entrypoint, so that `restart: process` works in any image with a shell.
// It is pid 1: it passes signals on, reaps what is orphaned (wait(1) in a shell reaps every child), and ends with its
// child's code when the child ends by itself, so that Kubernetes sees crashes as ever.
import type { ImageSpec } from '../../model/config.ts';
import type { DockerImage, DockerPort } from '../../model/ports.ts';
import { ProblemError } from '../../model/problems/problem.ts';
import type { BuiltImage } from '../../model/run.ts';
import { descendants, stateFile } from './synclet/script.ts';

export interface PodContainer {
  readonly name: string;
  readonly command?: readonly string[];
  readonly args?: readonly string[];
  readonly [key: string]: unknown;
}

// USR1 restarts. A child started with & ignores INT for good (POSIX), so INT is passed on as TERM. `kill -0` tells a
// wait that was interrupted by a signal from one whose child is gone. After the old process, everything it left
// behind goes too: a grandchild that still holds the port would make the new process fail.
const script = `${descendants}
f=$1; shift
n=0; c=
exec 3<&0
trap 'again=1; kill -TERM $c' USR1
trap 'kill -TERM $c' TERM INT
for s in HUP QUIT; do trap "kill -$s \\$c" "$s"; done
while :; do
  again=
  "$@" <&3 3<&- & c=$!; n=$((n + 1))
  echo "$$ $c $n" >"$f.new" && mv "$f.new" "$f"
  while wait "$c"; r=$?; kill -0 "$c" 2>/dev/null; do :; done
  [ -n "$again" ] || exit "$r"
  kill -KILL $(kin $$) 2>/dev/null
done`;

export const shell = '/bin/sh';

export type Supervisable =
  | { readonly is: 'yes'; readonly image: Pick<DockerImage, 'entrypoint' | 'cmd'> }
  | { readonly is: 'no'; readonly because: string };

export const restartsProcess = ({ live }: ImageSpec): boolean =>
  live.some((rule) => rule.is === 'restart' && rule.what === 'process');

export const hasShell = (image: string, docker: DockerPort, stop: AbortSignal): Promise<boolean> =>
  docker.hasPath(image, shell, stop);

/** Can containers of this image run under the supervisor? `built` is null for one built elsewhere; `because` is for people. */
export async function supervisable(
  ref: string,
  built: BuiltImage | null,
  connect: () => Promise<DockerPort>,
  stop: AbortSignal,
): Promise<Supervisable> {
  const noShell = { is: 'no', because: `restart: process needs ${shell}, which is not in the image` } as const;
  if (built?.start) return built.hasShell ? { is: 'yes', image: built.start } : noShell;
  const docker = await connect();
  const image = await docker.image(built?.id ?? ref);
  if (image === null) return { is: 'no', because: 'restart: process needs the image in Docker, to see how it starts' };
  return (built?.hasShell ?? (await hasShell(image.id, docker, stop))) ? { is: 'yes', image } : noShell;
}

/** `$` means a variable to Kubernetes in commands and arguments; `$$` is the plain one. */
const plain = (text: string): string => text.replaceAll('$', '$$$$');

/**
 * The container of a pod template with its command wrapped. `image` gives entrypoint and command where the pod names
 * none, by the rules of Kubernetes: a command replaces both. Throws a ProblemError where there is nothing to run.
 */
export function supervise<C extends PodContainer>(
  container: C,
  image: Pick<DockerImage, 'entrypoint' | 'cmd'>,
): C & Pick<PodContainer, 'command' | 'args'> {
  const command = container.command?.length ? container.command : image.entrypoint.map(plain);
  const args = container.args ?? (container.command?.length ? [] : image.cmd.map(plain));
  const original = [...command, ...args];
  if (original.length === 0)
    throw new ProblemError({
      kind: 'yours',
      code: 'S705',
      what: `container ${container.name}: neither the manifest nor the image names a command to restart`,
      hint: 'give it a `command`, or remove `restart: process`',
    });
  if (container.command?.[2] === plain(script)) return container;
  return {
    ...container,
    command: [shell, '-c', plain(script), 'sluice', stateFile(container.name)],
    args: original,
  };
}
