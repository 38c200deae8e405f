// What the images of this session were made of: what the next save is compared with.
import { limits } from '../../../model/limits.ts';
import type { BuildInput } from '../known/input-digest.ts';

export class BuiltInputs {
  private readonly known = new Map<string, { readonly id: string; readonly input: BuildInput }>();

  /** `id`: of the image made of it. A context of more files than are worth remembering is none. */
  note(ref: string, id: string, input: BuildInput): void {
    if (input.entries.length > limits.exchangeEntries) this.known.delete(ref);
    else this.known.set(ref, { id, input: { ...input, beside: {} } });
  }

  /** Null where the image is another one than was noted. */
  of(ref: string, id: string): BuildInput | null {
    const known = this.known.get(ref);
    return known?.id === id ? known.input : null;
  }
}
