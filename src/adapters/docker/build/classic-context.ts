// What the classic builder is sent: one archive that has to hold the Dockerfile too. As the docker CLI does it: what
// .dockerignore leaves out is sent nevertheless, and the daemon removes both once it has read them.
import type { Readable } from 'node:stream';
import { matcher } from '../../../model/fileset.ts';
import type { DockerBuild } from '../../../model/ports.ts';
import { unused } from './context-archive.ts';

const ignoreFile = '.dockerignore';

export interface ClassicContext {
  readonly body: Readable;
  /** Path of the Dockerfile in it. */
  readonly dockerfile: string;
}

/** Arranged so that what is left after the daemon's removals are the entries of the context alone. */
export async function classicContext({ context, dockerfile, dockerfileText }: DockerBuild): Promise<ClassicContext> {
  const { entries, mtime, disk } = context;
  const content = { path: dockerfile, content: dockerfileText };
  if (context.isNamedByDockerfile) return { body: disk.tar(entries, { mtime, extra: [content] }), dockerfile };
  const files = new Map(entries.map((entry) => [entry.path, entry]));
  const isSeen = files.get(dockerfile)?.type === 'file';
  const ignore = files.get(ignoreFile);
  const rules = ignore?.type === 'file' ? await disk.readText(ignore.source) : null;
  if (rules === null && isSeen) return { body: disk.tar(entries, { mtime }), dockerfile };
  if (rules !== null && !isIgnored(rules, ignoreFile) && isIgnored(rules, dockerfile) === !isSeen)
    return { body: disk.tar(entries, { mtime, extra: isSeen ? [] : [content] }), dockerfile };
  const hidden = unused('.sluice.Dockerfile', entries);
  // The only file the daemon is told by; where COPY may see it, it gets one line more, as the CLI does it.
  const text = rules === null ? `${ignoreFile}\n${hidden}\n` : `${rules}\n!${ignoreFile}\n${hidden}\n`;
  const extra = [
    { ...content, path: hidden },
    { path: ignoreFile, content: text, mode: ignore?.mode ?? 0o644 },
  ];
  const rest = entries.filter(({ path }) => path !== ignoreFile);
  return { body: disk.tar(rest, { mtime, extra }), dockerfile: hidden };
}

function isIgnored(rules: string, path: string): boolean {
  const patterns = rules.split(/\r?\n/).filter((line) => line.trim() !== '' && !line.startsWith('#'));
  return !matcher({ roots: ['/'], filters: [{ base: '/', patterns }] }).has(`/${path}`);
}
