// What is not to be shown: the secrets known so far, and the scrubs that come of them.
import { limits } from '../../model/limits.ts';
import type { Secret } from '../../model/log.ts';
import { nothingHidden, type Scrub, scrubber } from './scrub.ts';

export class Hidden {
  /** For what programs say. */
  scrub: Scrub = nothingHidden;
  /** For what is said by us. */
  scrubOurs: Scrub = nothingHidden;
  private readonly secrets = new Map<string, Secret>();
  private fromPrograms = 0;

  /** True where lines of programs are to be scrubbed anew. */
  add(more: Iterable<Secret>): boolean {
    const { secrets } = this;
    const before = secrets.size;
    for (const secret of more)
      if (secrets.size < limits.secrets)
        secrets.set(JSON.stringify([secret.name, secret.key, secret.value, !!secret.isOurs]), secret);
    if (secrets.size === before) return false;
    const programs = [...secrets.values()].filter(({ isOurs }) => !isOurs);
    // A value that is both is called by the Secret that holds it.
    this.scrubOurs = scrubber([...programs, ...secrets.values()]);
    if (programs.length === this.fromPrograms) return false;
    this.fromPrograms = programs.length;
    this.scrub = scrubber(programs);
    return true;
  }
}
