// Unpacked layers of the last images, so that the next save need not fetch them: within a bound, the one used longest ago goes first.
import { limits } from '../../../model/limits.ts';
import type { Layer } from './layer-tar.ts';

export class KeptLayers {
  private readonly kept = new Map<string, Layer>();
  private bytes = 0;

  /** `digest`: of the layer as it is in its registry. */
  get(digest: string): Layer | null {
    const layer = this.kept.get(digest);
    if (!layer) return null;
    this.kept.delete(digest);
    this.kept.set(digest, layer);
    return layer;
  }

  put(digest: string, layer: Layer): void {
    this.drop(digest);
    this.kept.set(digest, layer);
    this.bytes += layer.tar.length;
    for (const [oldest] of this.kept) {
      if (this.bytes <= limits.exchangeKeptBytes) return;
      this.drop(oldest);
    }
  }

  /** What is another layer by now. */
  drop(digest: string): void {
    this.bytes -= this.kept.get(digest)?.tar.length ?? 0;
    this.kept.delete(digest);
  }
}
