// A Skaffold configuration, as far as it says the same things: artifacts, manifests, forwarded ports of workloads.
import { parseAllDocuments } from 'yaml';
import { limits } from '../model/limits.ts';
import { lookup } from '../model/lookup.ts';
import { list, record, text } from '../model/manifests/workload.ts';
import type { Draft, ImageDraft, ManifestDraft } from './init-draft.ts';

type Json = Readonly<Record<string, unknown>>;

/** Profiles are not looked at. What cannot be taken over is a note. */
export function fromSkaffold(source: string, file: string): Partial<Draft> & { readonly notes: readonly string[] } {
  const documents = parseAllDocuments(source).map((document) =>
    record(document.errors.length > 0 ? null : document.toJS({ maxAliasCount: limits.yamlAliases })),
  );
  const artifacts = documents.flatMap(({ build }) => list(record(build).artifacts));
  const usable = artifacts.filter((artifact) => text(artifact.image) && isDocker(artifact));
  return {
    images: Object.fromEntries(usable.map((artifact) => [artifact.image as string, imageOf(artifact)])),
    manifests: documents.flatMap(manifestsOf),
    ports: portsOf(documents),
    notes: [
      `Taken over from ${file}.`,
      ...artifacts
        .filter((artifact) => !usable.includes(artifact))
        .map(({ image }) => `The artifact ${image} is not built with Docker: give it a command.`),
      ...usable
        .filter(({ sync }) => sync !== undefined)
        .map(({ image }) => `The sync rules of ${image} are not taken over: see images.*.live.`),
      ...(documents.some(({ profiles }) => list(profiles).length > 0) ? ['Its profiles are not taken over.'] : []),
    ],
  };
}

const isDocker = (artifact: Json): boolean =>
  !['buildpacks', 'jib', 'bazel', 'ko', 'custom', 'kaniko'].some((builder) => builder in artifact);

function imageOf(artifact: Json): ImageDraft {
  const docker = record(artifact.docker);
  const context = text(artifact.context) ?? '.';
  const dockerfile = text(docker.dockerfile);
  const target = text(docker.target);
  const args = Object.entries(record(docker.buildArgs)).filter(
    (entry): entry is [string, string] => typeof entry[1] === 'string' && !entry[1].includes('{{'),
  );
  return {
    context,
    ...(dockerfile ? { dockerfile: context === '.' ? dockerfile : `${context.replace(/\/$/, '')}/${dockerfile}` } : {}),
    ...(target ? { target } : {}),
    ...(args.length > 0 ? { args: Object.fromEntries(args) } : {}),
  };
}

/** v3 and newer under `manifests`, before that under `deploy`. */
function manifestsOf({ manifests, deploy, build }: Json): readonly ManifestDraft[] {
  const [now, before] = [record(manifests), record(deploy)];
  const texts = (value: unknown): readonly string[] =>
    Array.isArray(value) ? value.filter((each): each is string => typeof each === 'string') : [];
  const raw = [...texts(now.rawYaml), ...texts(record(before.kubectl).manifests)];
  const overlays = [...texts(record(now.kustomize).paths), ...texts(record(before.kustomize).paths)];
  const releases = [...list(record(now.helm).releases), ...list(record(before.helm).releases)];
  const found: ManifestDraft[] = [
    ...raw,
    ...overlays.map((kustomize) => ({ kustomize })),
    ...releases.flatMap((release): ManifestDraft[] => {
      const chart = text(release.chartPath) ?? text(release.remoteChart);
      const values = texts(release.valuesFiles);
      const name = text(release.name);
      return chart ? [{ helm: chart, ...(name ? { name } : {}), ...(values.length > 0 ? { values } : {}) }] : [];
    }),
  ];
  // Skaffold's own default, where a document builds something and names no manifests.
  return found.length > 0 || build === undefined ? found : ['k8s/*.yaml'];
}

function portsOf(documents: readonly Json[]): Draft['ports'] {
  const ports: Record<string, string[]> = {};
  for (const { resourceType, resourceName, port, localPort } of documents.flatMap(({ portForward }) =>
    list(portForward),
  )) {
    const isWorkload = /^(deployment|statefulset|daemonset|pod)$/i.test(String(resourceType));
    if (!isWorkload || typeof resourceName !== 'string' || typeof port !== 'number') continue;
    const own = lookup(ports, resourceName) ?? [];
    ports[resourceName] = [...own, `${typeof localPort === 'number' ? localPort : port}:${port}`];
  }
  return ports;
}
