// The Docker daemon of this user as a port.
import { switchMap } from 'rxjs';
import type { DockerPort } from '../../model/ports.ts';
import { abortable } from '../../operators/abortable.ts';
import { SharedKeys } from '../buildkit/session/shared-key.ts';
import type { Env } from '../registry/config-file.ts';
import { credentialsFrom } from '../registry/credentials.ts';
import { surePresence } from '../registry/presence.ts';
import { createClient } from './connection/client.ts';
import { hasBuildkit, informed, isPodman, isSince, machineOf, versionOf } from './connection/daemon.ts';
import { resolveEndpoint } from './connection/endpoint.ts';
import { lifeline$ } from './connection/lifeline.ts';
import { runsHere } from './connection/nearness.ts';
import { container, containers, putArchive, restart } from './containers/containers.ts';
import { exec } from './containers/exec.ts';
import { placeEntries } from './containers/path-entries.ts';
import { enginePort } from './engine.ts';
import { containerEvents$ } from './events.ts';
import { hasPath, image, images, removeImage, tag } from './images/images.ts';
import { digestInRegistry, push$ } from './images/push.ts';
import { earlierLogs } from './logs/earlier-logs.ts';
import { logs$ } from './logs/logs.ts';

/** Rejects with a `yours` problem for a wrong context or address, `denied` or `unavailable` when the daemon gives no answer. */
export async function connectDocker({ env, home }: { readonly env: Env; readonly home: string }): Promise<DockerPort> {
  const client = createClient(await resolveEndpoint(env, home), env);
  const answer = versionOf(client);
  // Needed later, and told later: who needs it and finds no answer says so.
  machineOf(client, client.closed).catch(() => {});
  const version = await answer;
  const credentials = credentialsFrom(env, home);
  const isSurelyThere = surePresence(credentials, (stop) => runsHere(client, stop));
  const [isBuildkit, isSince23] = [hasBuildkit(version, env), isSince(version, env, 42)];
  const known = { isBuildkit, isSince23, isPodman: isPodman(version) };
  const builder = { client, credentials, env, home, ...known, sharedKeys: new SharedKeys() };
  return {
    info: informed(client, env, version),
    build: (build, stop) =>
      abortable(async () => {
        const { store } = await machineOf(client, stop);
        // BuildKit's protocol is as large as all the rest: it is loaded where something is built.
        const { build$ } = await import('./build/build.ts');
        return build$({ ...builder, store }, build, stop);
      }).pipe(switchMap((events$) => events$)),
    push: (ref, stop) => push$(client, credentials, ref, stop),
    inRegistry: async (ref, stop) =>
      (await isSurelyThere(ref, stop)) || (await digestInRegistry(client, credentials, ref, stop)) !== null,
    image: (ref) => image(client, ref),
    images: (label) => images(client, label),
    hasPath: (ref, path, stop) => hasPath(client, ref, path, stop),
    placeEntries: (ref, paths, stop) => placeEntries(client, ref, paths, stop),
    tag: (id, ref) => tag(client, id, ref),
    removeImage: (ref) => removeImage(client, ref),
    containers: (filter) => containers(client, filter),
    container: (id) => container(client, id),
    exec: (id, cmd, options, stop) => exec(client, id, cmd, options, stop),
    putArchive: (id, path, tar, stop) => putArchive(client, id, path, tar, stop),
    restart: (id, stop) => restart(client, id, stop),
    // Before 23 a container that is started again is followed on, and a follower that begins then may hear of its first lines late.
    logs: (id, since, goOn = false) => logs$(client, id, since, goOn && isSince23),
    earlierLogs: (id, stop) => earlierLogs(client, id, stop),
    events: (label) => containerEvents$(client, label),
    lifeline: () => lifeline$(client),
    engine: enginePort(client, credentials, known.isPodman),
    close: () => client.close(),
  };
}
