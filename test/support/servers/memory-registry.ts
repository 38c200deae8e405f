// A registry in memory, which passes the same contract as the real one: for tests of what is done when it refuses or loses something.
import { createHash } from 'node:crypto';
import type { Manifest, RegistryPort, Repository } from '../../../src/model/ports/registry.ts';
import { ProblemError } from '../../../src/model/problems/problem.ts';

export interface MemoryRegistry extends RegistryPort {
  /** By digest. */
  readonly blobs: Map<string, Buffer>;
  /** By `NAME:TAG` and `NAME@DIGEST`. */
  readonly manifests: Map<string, Manifest>;
  /** What was asked for, as `GET blob`, `PUT manifest`. */
  readonly asked: string[];
  /** Takes nothing. */
  isReadOnly: boolean;
}

const digestOf = (content: Buffer): string => `sha256:${createHash('sha256').update(content).digest('hex')}`;

const refused = (code: string, what: string): ProblemError =>
  new ProblemError({ kind: code === 'S220' ? 'denied' : 'step', code, what });

export function memoryRegistry(): MemoryRegistry {
  const registry: MemoryRegistry = {
    blobs: new Map(),
    manifests: new Map(),
    asked: [],
    isReadOnly: false,
    has: async (ref) => registry.manifests.has(ref),
    open: (name) => repositoryIn(registry, name),
  };
  return registry;
}

function repositoryIn(registry: MemoryRegistry, name: string): Repository {
  const ask = (what: string, stop: AbortSignal, isWrite = false): void => {
    stop.throwIfAborted();
    registry.asked.push(what);
    if (isWrite && registry.isReadOnly) throw refused('S220', `pushing ${name} failed: denied`);
  };
  const at = (reference: string): string => name + (reference.startsWith('sha256:') ? '@' : ':') + reference;
  return {
    digestOf,
    manifest: async (reference, stop) => {
      ask('GET manifest', stop);
      return registry.manifests.get(at(reference)) ?? null;
    },
    blob: async (digest, most, stop) => {
      ask('GET blob', stop);
      const found = registry.blobs.get(digest) ?? null;
      if (found !== null && found.length > most) throw refused('S222', `${digest} is larger than ${most} bytes`);
      return found;
    },
    hasBlob: async (digest, stop) => {
      ask('HEAD blob', stop);
      return registry.blobs.has(digest);
    },
    putBlob: async (content, stop) => {
      ask('PUT blob', stop, true);
      const digest = digestOf(content);
      registry.blobs.set(digest, content);
      return digest;
    },
    putManifest: async (reference, { mediaType, content }, stop) => {
      ask('PUT manifest', stop, true);
      const { config, layers } = JSON.parse(content.toString()) as { config: Blob; layers: readonly Blob[] };
      const lost = [config, ...layers].find(({ digest }) => !registry.blobs.has(digest));
      if (lost) throw refused('S221', `pushing ${name} failed: blob unknown: ${lost.digest}`);
      const manifest = { digest: digestOf(content), mediaType, content };
      registry.manifests.set(at(reference), manifest).set(at(manifest.digest), manifest);
      return manifest.digest;
    },
    close: () => {},
  };
}

interface Blob {
  readonly digest: string;
}
