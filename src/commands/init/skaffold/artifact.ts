// A Skaffold artifact as an image. Kaniko builds what Docker builds; other builders need a command.
import { type Json, list, text } from '../../../model/manifests/workload.ts';
import type { ImageDraft, Scalar } from '../draft.ts';
import type { Keys } from '../keys.ts';
import { customImage } from './custom.ts';
import { inContext, placeIn, type Reading } from './read-context.ts';
import { syncRules } from './sync.ts';
import type { Templates } from './templates.ts';

export interface Artifact {
  readonly ref: string;
  /** Null: it is built by a tool that needs a command. */
  readonly image: ImageDraft | null;
  /** Other artifacts that it is built from. */
  readonly requires: readonly string[];
}

const builders = ['buildpacks', 'jib', 'jibMaven', 'jibGradle', 'bazel', 'ko'];

/** Null for one without a name that can be written. */
export async function artifact(given: Keys, platforms: readonly string[], reading: Reading): Promise<Artifact | null> {
  const name = given.text('image') ?? given.text('imageName');
  const ref = name && reading.templates.text(name);
  if (!name || !ref) {
    given.leave(given.has('image') ? 'image' : 'imageName');
    return null;
  }
  const aliases = given.maps('requires').flatMap((each) => {
    const image = each.text('image');
    return image ? [[each.text('alias') ?? image, image] as const] : [];
  });
  const requires = aliases.map(([, image]) => image);
  if (builders.some((builder) => given.names().includes(builder))) {
    for (const key of ['context', 'workspace']) given.take(key);
    reading.notes.push(`The artifact ${name} is not built with Docker: give it a command.`);
    return { ref, image: null, requires };
  }
  const context = placeIn(reading.file, given.text('context') ?? given.text('workspace') ?? '.').replace(
    /(.)\/$/,
    '$1',
  );
  const own = given.texts('platforms');
  const [platform, ...others] = own.length > 0 ? own : platforms;
  if (own.length > 1) given.leave('platforms');
  const built = given.has('custom')
    ? customImage(given.map('custom'), context, aliases, reading)
    : dockerImage(given.map(given.has('kaniko') ? 'kaniko' : 'docker'), context, aliases, reading);
  const image = { ...built, ...(platform && others.length === 0 && !built.command ? { platform } : {}) };
  const live = await syncRules(given, { name, context, image }, reading);
  return { ref, image: live.length > 0 ? { ...image, live } : image, requires };
}

function dockerImage(
  docker: Keys,
  context: string,
  aliases: readonly (readonly [string, string])[],
  reading: Reading,
): ImageDraft {
  const dockerfile = docker.text('dockerfile') ?? docker.text('dockerfilePath');
  const target = docker.text('target');
  const args = [...aliases, ...argsOf(docker, reading.templates)];
  const secrets = [...list(docker.take('secrets')), ...list([docker.take('secret')])].map((each) =>
    secretOf(each, reading),
  );
  const ssh = docker.texts('ssh');
  return {
    context: reading.templates.text(context) ?? context,
    ...(dockerfile ? { dockerfile: reading.templates.text(inContext(context, dockerfile)) ?? dockerfile } : {}),
    ...(target ? { target: reading.templates.text(target) ?? target } : {}),
    ...(args.length > 0 ? { args: Object.fromEntries(args) } : {}),
    ...(secrets.length > 0 ? { secrets } : {}),
    ...(ssh.length > 0 ? { ssh } : {}),
  };
}

/** What holds a template that cannot be written is left, each by its name. */
function argsOf(docker: Keys, templates: Templates): [string, Scalar][] {
  const given = docker.map('buildArgs');
  return given.names().flatMap((name): [string, Scalar][] => {
    // Without a value it is that of the variable of this name.
    const value = given.take(name) ?? `{{.${name}}}`;
    const written = typeof value === 'string' ? templates.text(value) : value;
    if (typeof written === 'string' || typeof written === 'number' || typeof written === 'boolean')
      return [[name, written]];
    given.leave(name);
    return [];
  });
}

/** Skaffold starts the builder beside its file: paths are relative to that. */
function secretOf({ id, src, env }: Json, { file, templates }: Reading): string {
  const written = (path: string): string => templates.text(path) ?? path;
  const parts = [
    `id=${String(id)}`,
    ...(text(src)
      ? [`src=${written(/^[~/]/.test(src as string) ? (src as string) : placeIn(file, src as string))}`]
      : []),
    ...(text(env) ? [`env=${env}`] : []),
  ];
  return parts.join(',');
}
