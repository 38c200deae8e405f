// Under one key BuildKit keeps what a session sent and asks only for what is of another size or time. Our times are fixed, so
// that the same files make the same layers: a key stands for one listing, and nothing but that is ever found under it.
import { createHash, randomUUID } from 'node:crypto';
import { limits } from '../../../model/limits.ts';
import type { DockerBuild } from '../../../model/ports.ts';

export class SharedKeys {
  private salt = randomUUID() as string;

  /** The same for the same Dockerfile and the same untouched files; files too young to tell make a key of their own. */
  of({ context, dockerfile, dockerfileText }: DockerBuild): string {
    const now = Date.now();
    const hash = createHash('sha256').update(JSON.stringify([this.salt, context.mtime, dockerfile, dockerfileText]));
    for (const { path, type, mode, target, stamp } of context.entries) {
      if (type === 'file' && (!stamp || now - stamp.at < limits.racyMs)) return randomUUID();
      hash.update(JSON.stringify([path, type, mode, target, stamp?.identity]));
    }
    return hash.digest('hex');
  }

  /** Something else was sent than was listed: what lies under the keys so far is not asked for again. */
  forget(): void {
    this.salt = randomUUID();
  }
}
