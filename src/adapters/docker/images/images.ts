// Images of the daemon: looking at them, tagging and removing them.
import type { ImageInspectInfo } from 'dockerode';
import type { DockerImage } from '../../../model/ports.ts';
import { nameAndTag } from '../../registry/reference.ts';
import type { Client } from '../connection/client.ts';
import { failureOf, statusOf } from '../connection/failure.ts';

/** Null when the daemon has no such image. */
export async function image(client: Client, ref: string): Promise<DockerImage | null> {
  try {
    return imageOf(await client.docker.getImage(ref).inspect());
  } catch (error) {
    if (statusOf(error) === 404) return null;
    throw failureOf(error, client.endpoint, `looking at the image ${ref}`);
  }
}

/** Those with the label (`KEY` or `KEY=VALUE`). */
export async function images(client: Client, label: string): Promise<readonly DockerImage[]> {
  try {
    const found = await client.docker.listImages({ filters: { label: [label] } });
    const all: DockerImage[] = [];
    // One after the other: 0.4 ms each, and a hundred at once would hold a hundred connections.
    for (const { Id } of found) {
      const one = await image(client, Id);
      if (one) all.push(one);
    }
    return all;
  } catch (error) {
    throw failureOf(error, client.endpoint, 'listing images');
  }
}

/** Is there something at `path` in this image? Looked up in a container that is made for it and never started. */
export async function hasPath(client: Client, ref: string, path: string, stop: AbortSignal): Promise<boolean> {
  try {
    const made = await client.docker.createContainer({ Image: ref, Entrypoint: ['-'], abortSignal: stop });
    try {
      await made.infoArchive({ path, abortSignal: stop });
      return true;
    } catch (error) {
      if (statusOf(error) === 404) return false;
      throw error;
    } finally {
      await made.remove({ force: true });
    }
  } catch (error) {
    throw failureOf(error, client.endpoint, `looking for ${path} in the image ${ref}`, stop);
  }
}

export async function tag(client: Client, id: string, ref: string): Promise<void> {
  const { name, tag } = nameAndTag(ref);
  try {
    await client.docker.getImage(id).tag({ repo: name, tag });
  } catch (error) {
    throw failureOf(error, client.endpoint, `tagging ${ref}`);
  }
}

/** Nothing to do when it is gone; rejects when a container uses it. */
export async function removeImage(client: Client, ref: string): Promise<void> {
  try {
    await client.docker.getImage(ref).remove();
  } catch (error) {
    if (statusOf(error) !== 404) throw failureOf(error, client.endpoint, `removing the image ${ref}`);
  }
}

function imageOf(info: ImageInspectInfo): DockerImage {
  const config: Partial<ImageInspectInfo['Config']> = info.Config ?? {};
  const words = (value: unknown): string[] => (Array.isArray(value) ? value : typeof value === 'string' ? [value] : []);
  return {
    id: info.Id,
    tags: info.RepoTags ?? [],
    digests: info.RepoDigests ?? [],
    labels: config.Labels ?? {},
    createdAt: Date.parse(info.Created) || 0,
    entrypoint: words(config.Entrypoint),
    cmd: words(config.Cmd),
    user: config.User ?? '',
    workdir: config.WorkingDir || '/',
  };
}
