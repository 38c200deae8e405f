// Whose objects were deployed last from this directory, and where: for a `down` whose configuration can no longer be read.
import type { Config } from '../../model/config.ts';
import { isRecord } from '../../model/manifests/workload.ts';
import { stableJson } from '../../model/manifests.ts';
import type { DiskPort } from '../../model/ports.ts';
import { projectOf } from '../../model/project.ts';

export type SessionNote = Pick<Config, 'project' | 'kubernetes'>;

const nameOf = (config: string): string => `session-${config.replace(/[^A-Za-z0-9.]+/g, '-')}`;

/** Nothing depends on it while the configuration is well: where it cannot be written that is all there is to it. */
export async function noteSession(
  disk: Pick<DiskPort, 'load' | 'save'>,
  config: string,
  { project, kubernetes }: SessionNote,
): Promise<void> {
  const note = { project: project.isGiven ? project.name : null, kubernetes };
  if (stableJson(await disk.load(project.dir, nameOf(config))) === stableJson(note)) return;
  await disk.save(project.dir, nameOf(config), note).catch(() => {});
}

/** `dir`: real path of the directory. Null where nothing was noted. */
export async function notedSession(
  disk: Pick<DiskPort, 'load'>,
  dir: string,
  config: string,
): Promise<SessionNote | null> {
  const note = await disk.load(dir, nameOf(config));
  if (!isRecord(note) || !isRecord(note.kubernetes)) return null;
  const { context, allow, namespace, registry } = note.kubernetes;
  const textOr = (value: unknown): string | null => (typeof value === 'string' ? value : null);
  const contexts = Array.isArray(allow) ? allow.filter((name) => typeof name === 'string') : [];
  return {
    project: projectOf(textOr(note.project), dir),
    kubernetes: {
      context: textOr(context),
      allow: contexts,
      namespace: textOr(namespace),
      registry: textOr(registry),
    },
  };
}
