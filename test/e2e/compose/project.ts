// A Compose project of a test's own on the real Docker: what there is of it, and all of it gone at the end.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { tempProject } from '../../support/temp.ts';

export const dockerLines = (...args: string[]): string[] =>
  execFileSync('docker', args, { encoding: 'utf8' }).split('\n').filter(Boolean);

export interface ComposeProject {
  readonly dir: string;
  readonly project: string;
  readonly env: Readonly<Record<string, string>>;
  /** Ids of its containers by their names without the project's. */
  ids(): Readonly<Record<string, string>>;
  /** `docker inspect` of its containers, by the same names. */
  // biome-ignore lint/suspicious/noExplicitAny: as the daemon tells it
  inspected(): Readonly<Record<string, any>>;
  /** What there is of it, by id or name. */
  left(): { readonly containers: string[]; readonly networks: string[]; readonly volumes: string[] };
  /** The file with `from` replaced, written. */
  edit(path: string, from: string, to: string): void;
  text(path: string): string;
}

/** `files` as for `tempProject`; nothing of a cluster is looked for. */
export function composeProject(
  files: Readonly<Record<string, string>>,
  env: Readonly<Record<string, string>> = {},
): ComposeProject {
  const dir = tempProject(files);
  const project = `sluice-test-${process.pid}-${Math.random().toString(36).slice(2, 8)}`;
  const label = `label=com.docker.compose.project=${project}`;
  const left = () => ({
    containers: dockerLines('ps', '-aq', '--no-trunc', '--filter', label),
    networks: dockerLines('network', 'ls', '-q', '--filter', label),
    volumes: dockerLines('volume', 'ls', '-q', '--filter', label),
  });
  const short = (name: string) => name.replace(/^\//, '').replace(`${project}-`, '');
  onTestFinished(() => {
    const { containers, networks, volumes } = left();
    if (containers.length > 0) dockerLines('rm', '-fv', ...containers);
    if (networks.length > 0) dockerLines('network', 'rm', ...networks);
    if (volumes.length > 0) dockerLines('volume', 'rm', ...volumes);
    const images = dockerLines('images', '--format', '{{.Repository}}:{{.Tag}}', '--filter', `reference=${project}-*`);
    if (images.length > 0) dockerLines('rmi', '-f', ...images);
  });
  const text = (path: string) => readFileSync(join(dir, path), 'utf8');
  return {
    dir,
    project,
    env: { COMPOSE_PROJECT_NAME: project, KUBECONFIG: '/nowhere/kubeconfig', ...env },
    left,
    ids: () =>
      Object.fromEntries(
        dockerLines('ps', '-a', '--no-trunc', '--filter', label, '--format', '{{.Names}} {{.ID}}').map((line) => {
          const [name = '', id = ''] = line.split(' ');
          return [short(name), id];
        }),
      ),
    inspected: () => {
      const { containers } = left();
      if (containers.length === 0) return {};
      const all = JSON.parse(execFileSync('docker', ['inspect', ...containers], { encoding: 'utf8' }));
      return Object.fromEntries((all as { Name: string }[]).map((each) => [short(each.Name), each]));
    },
    text,
    edit: (path, from, to) => {
      const before = text(path);
      if (!before.includes(from)) throw new Error(`${path} has no ${from}`);
      writeFileSync(join(dir, path), before.replace(from, to));
    },
  };
}
