// Manifests from every source: real kubectl, programs on the PATH, files.
import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { tap } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { createDisk } from '../../../src/adapters/fs/disk.ts';
import { createProc } from '../../../src/adapters/proc/proc.ts';
import { loadConfig } from '../../../src/config/load.ts';
import { parseObjects } from '../../../src/config/manifests/objects.ts';
import type { KubeSpec } from '../../../src/model/config.ts';
import { matcher } from '../../../src/model/fileset.ts';
import type { ProcEvent, ProcPort } from '../../../src/model/ports.ts';
import { writeFiles } from '../../support/temp.ts';
import { deployment, project } from '../project.ts';

/** Loads with these directories as PATH of every program. */
async function loadWithPath(dir: string, path: string) {
  const real = createProc();
  const proc: ProcPort = {
    ...real,
    run: (spec, stop, graceMs) =>
      real.run(
        {
          ...spec,
          cmd: typeof spec.cmd === 'string' ? spec.cmd : ['/usr/bin/env', `PATH=${path}`, ...spec.cmd],
          env: { ...spec.env },
        },
        stop,
        graceMs,
      ),
  };
  return loadConfig(
    { file: join(dir, 'sluice.yaml'), env: {} },
    { disk: createDisk(), proc },
    new AbortController().signal,
  );
}

describe('kustomize', () => {
  it('is built by kubectl, and every directory behind the overlay is watched', async () => {
    const { dir, config } = project({
      'sluice.yaml': 'kubernetes: {manifests: [{kustomize: overlays/dev}]}\n',
      'overlays/dev/kustomization.yaml': 'namePrefix: dev-\nresources: [../../base]\npatches: [{path: patch.yaml}]\n',
      'overlays/dev/patch.yaml': `apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec: {replicas: 3}\n`,
      'base/kustomization.yaml': 'resources: [web.yaml]\n',
      'base/web.yaml': deployment('web', 'shop/web'),
    });
    const { resources, reads } = await config();
    expect((resources['dev-web'] as KubeSpec).workload).toMatchObject({ name: 'dev-web', replicas: 3 });
    expect(resources['dev-web']?.at).toEqual({ file: join(dir, 'sluice.yaml'), line: 1, column: 26 });
    const { has } = matcher(reads);
    expect(['base/web.yaml', 'base/new.yaml', 'overlays/dev/new.yaml'].every((path) => has(join(dir, path)))).toBe(
      true,
    );
  });

  it('shows what it said when it fails', async () => {
    const loaded = await project({ 'sluice.yaml': 'kubernetes: {manifests: [{kustomize: .}]}\n' }).load();
    const [problem] = 'problems' in loaded ? loaded.problems : [];
    expect(problem).toMatchObject({ code: 'S124', at: { line: 1, column: 26 } });
    expect(problem?.what).toContain('kubectl kustomize . failed');
    expect(problem?.logTail?.join('\n')).toContain('kustomization');
  });
});

describe('helm', () => {
  const helm =
    '#!/bin/sh\nprintf "apiVersion: v1\\nkind: ConfigMap\\nmetadata: {name: args}\\ndata:\\n"\ni=0\nfor a in "$@"; do printf "  a%s: \\"%s\\"\\n" $i "$(echo "$a" | sed "s/\\\\\\\\/\\\\\\\\\\\\\\\\/g")"; i=$((i+1)); done\n';
  it('is given chart, name, values, settings and namespace', async () => {
    const { dir } = project({
      'sluice.yaml':
        'kubernetes:\n  namespace: dev\n  manifests:\n    - {helm: charts/db, values: [dev.yaml], set: {a.b: 1, c: "x,y"}}\n',
      'charts/db/Chart.yaml': 'name: db\n',
    });
    writeFiles(dir, { 'bin/helm': helm });
    chmodSync(join(dir, 'bin/helm'), 0o755);
    const loaded = await loadWithPath(dir, `${join(dir, 'bin')}:/usr/bin:/bin`);
    if ('problems' in loaded) throw new Error(JSON.stringify(loaded.problems));
    const { object } = (loaded.config.resources.uncategorized as KubeSpec).objects[0]!;
    expect(Object.values(object.data as object)).toEqual([
      'template',
      'db',
      join(dir, 'charts/db'),
      '--include-crds',
      '--namespace=dev',
      `--values=${join(dir, 'dev.yaml')}`,
      '--set=a.b=1',
      '--set-string=c=x\\,y',
    ]);
    const { has } = matcher(loaded.config.reads);
    expect([has(join(dir, 'charts/db/templates/x.yaml')), has(join(dir, 'dev.yaml'))]).toEqual([true, true]);
  });

  it('is asked for when it is missing', async () => {
    const real = createProc();
    const made = project({ 'sluice.yaml': 'kubernetes:\n  manifests: [{helm: charts/db}]\n' });
    const proc: ProcPort = {
      ...real,
      run: (spec, stop) => real.run({ ...spec, cmd: ['sluice-test-no-such-program'] }, stop),
    };
    const loaded = await loadConfig(
      { file: join(made.dir, 'sluice.yaml'), env: {} },
      { disk: createDisk(), proc },
      new AbortController().signal,
    );
    expect('problems' in loaded && loaded.problems).toMatchObject([
      { code: 'S123', what: 'helm was not found', at: { line: 2, column: 15 } },
    ]);
  });
});

describe('manifest text', () => {
  it('is read as kubectl reads it', () => {
    const { objects, problems } = parseObjects(
      'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\nspec: {a: 0644, b: on, c: 1:30, d: 2001-12-14, e: 0o17, f: "on", g: !!binary aGVsbG8=}\n',
      'a.yaml',
    );
    expect(problems).toEqual([]);
    expect(objects[0]?.object.spec).toEqual({
      a: 420,
      b: true,
      c: '1:30',
      d: '2001-12-14',
      e: 15,
      f: 'on',
      g: 'hello',
    });
  });
  it('may hold several documents, Lists and JSON, each object with its place', () => {
    const text =
      '---\n# nothing\n---\napiVersion: v1\nkind: List\nitems:\n  - {apiVersion: v1, kind: ConfigMap, metadata: {name: a}}\n  - {apiVersion: v1, kind: ConfigMap, metadata: {name: b}}\n---\n{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"c"}}\n';
    const { objects } = parseObjects(text, 'a.yaml');
    expect(objects.map(({ object, at }) => `${object.metadata.name} ${at.line}:${at.column}`)).toEqual([
      'a 7:5',
      'b 8:5',
      'c 10:1',
    ]);
  });
  it('nested too deeply is a problem, not a crash', () => {
    expect(parseObjects(`a: ${'['.repeat(100_000)}`, 'a.yaml').problems).toHaveLength(1);
  });
});

it('stopping a load ends the renderer and rejects', async () => {
  const made = project({ 'sluice.yaml': 'kubernetes:\n  manifests: [{command: "sleep 600"}]\n' });
  const real = createProc();
  const stop = new AbortController();
  let pid = 0;
  let tell = (): void => {};
  const started = new Promise<void>((resolve) => {
    tell = resolve;
  });
  const noted = tap((event: ProcEvent) => {
    if (event.is !== 'started') return;
    pid = event.pid;
    tell();
  });
  const proc: ProcPort = { ...real, run: (spec, signal) => real.run(spec, signal).pipe(noted) };
  const loading = loadConfig(
    { file: join(made.dir, 'sluice.yaml'), env: {} },
    { disk: createDisk(), proc },
    stop.signal,
  );
  await started;
  stop.abort();
  await expect(loading).rejects.toThrow(/abort/i);
  expect(() => process.kill(pid, 0)).toThrow(/ESRCH/);
});
