// What a layer puts on an image: files and directories with the owners and modes that a build from scratch would leave.
import { limits } from '../../../model/limits.ts';
import type { DockerPort, TreeEntry } from '../../../model/ports.ts';
import { isText } from '../../../model/text/raw-name.ts';
import type { SyncRequest } from '../../live/synclet/message.ts';
import { owned, placesOf } from '../../live/synclet/owners.ts';
import { type Declined, declined } from '../../live/transport.ts';

export type LayerEntries = { readonly is: 'entries'; readonly entries: readonly TreeEntry[] } | Declined;

/** Written by root, so never somebody else's. Declined where looking would take longer than a build. */
export async function layerEntries(
  request: SyncRequest,
  image: string,
  docker: Pick<DockerPort, 'placeEntries'>,
  stop: AbortSignal,
): Promise<LayerEntries> {
  const places = placesOf(request);
  const { unlinks, removes, emptied } = request;
  // They stand in a Dockerfile, and Docker is asked for them in URLs: both are text.
  const raw = [...places, ...unlinks, ...removes, ...emptied].find((place) => !isText(place));
  if (raw !== undefined) return declined(`the name of ${raw} is no text`);
  if (places.length > limits.layerLooks) return declined(`${places.length} files changed: too many for one layer`);
  if (places.length === 0) return { is: 'entries', entries: [] };
  const found = await docker.placeEntries(image, places, stop);
  const entries = new Map(places.map((place, i) => [place, found[i]!]));
  // Whose number a name is stands in the image: a build looks there.
  const result = owned(
    request,
    (place) => entries.get(place)!,
    { uid: 0, gid: 0 },
    () => null,
  );
  if (result.is === 'foreign') return declined(result.because);
  return { is: 'entries', entries: result.entries };
}
