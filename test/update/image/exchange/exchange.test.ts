// An exchange makes what a build from scratch makes, or declines.
import { chmodSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { connectDocker } from '../../../../src/adapters/docker/index.ts';
import { createRegistry } from '../../../../src/adapters/registry/index.ts';
import type { DockerPort } from '../../../../src/model/ports.ts';
import type { BuiltImage } from '../../../../src/model/run.ts';
import { cluster, docker as hasDocker } from '../../../support/capability.ts';
import { seenIn } from '../../../support/rootfs.ts';
import { tempProject } from '../../../support/temp.ts';
import { cases, dockerfileOf } from './corpus.ts';
import { session } from './session.ts';

function write(dir: string, files: Readonly<Record<string, string | null>>): void {
  for (const [path, text] of Object.entries(files)) {
    const at = join(dir, path);
    rmSync(at, { force: true, recursive: true });
    if (text === null) continue;
    mkdirSync(dirname(at), { recursive: true });
    const [, mode = '644', content = ''] = /^(?:(\d{3})\|)?([\s\S]*)$/.exec(text) ?? [];
    if (text.startsWith('-> ')) symlinkSync(text.slice(3), at);
    else {
      writeFileSync(at, content);
      chmodSync(at, Number.parseInt(mode, 8));
    }
  }
}

describe.skipIf(!hasDocker || !cluster)('an image whose files are exchanged', () => {
  let docker: DockerPort;
  beforeAll(async () => {
    docker = await connectDocker({ env: process.env, home: '/nowhere' });
    return () => docker.close();
  });
  const seen = async ({ tagged, pushed }: BuiltImage) => {
    const at = createRegistry({ env: process.env, home: '/nowhere' }).open(tagged.replace(/@.*$|:[^:/]*$/, ''));
    try {
      return await seenIn(at, pushed!);
    } finally {
      at.close();
    }
  };

  it.each(cases)('$name', async (each) => {
    const dir = tempProject();
    write(dir, { Dockerfile: dockerfileOf(each), ...each.files });
    const one = session(dir, docker, { build: { args: each.args ?? {}, target: each.target ?? null } });
    const first = await one.build();
    write(dir, each.save);
    const second = await one.exchange(first, Object.keys(each.save));
    if (each.because) {
      expect(second).toMatch(each.because);
      return;
    }
    if (typeof second === 'string') throw new Error(`declined: ${second}`);
    expect(second.id).not.toBe(first.id);
    const anew = await one.build(true);
    expect(anew.inputDigest).toBe(second.inputDigest);
    expect(await seen(second)).toEqual(await seen(anew));
  });
});
