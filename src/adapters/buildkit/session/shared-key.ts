// Under one key BuildKit keeps what sessions sent, and asks only for files of another size or time. Our times are fixed, so that
// the same files make the same layers; below the second they stand for the content, and what lies there is never taken for another.
import { createHash, randomUUID } from 'node:crypto';
import type { DockerBuild } from '../../../model/ports.ts';

export class SharedKeys {
  private salt = randomUUID() as string;

  /** One for each context and Dockerfile. */
  of({ context, dockerfile }: Pick<DockerBuild, 'context' | 'dockerfile'>): string {
    return createHash('sha256')
      .update(JSON.stringify([this.salt, context.root, dockerfile]))
      .digest('hex');
  }

  /** Something else was sent than was listed: what lies under the keys so far is not asked for again. */
  forget(): void {
    this.salt = randomUUID();
  }
}
