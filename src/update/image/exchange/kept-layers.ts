// What the next save need not fetch: unpacked layers of the last images, within a bound, the one used longest ago goes first; and what
// the image is made of that the last save has put together.
import { limits } from '../../../model/limits.ts';
import type { ImageDocument } from './document.ts';
import type { Layer } from './layer-tar.ts';

export class KeptLayers {
  private readonly kept = new Map<string, Layer>();
  /** By the name of a repository: the last one that was put there. */
  private readonly documents = new Map<string, { readonly digest: string; readonly document: ImageDocument }>();
  private bytes = 0;

  /** `digest`: of its manifest. */
  document(name: string, digest: string): ImageDocument | null {
    const last = this.documents.get(name);
    return last?.digest === digest ? last.document : null;
  }

  putDocument(name: string, digest: string, document: ImageDocument): void {
    this.documents.delete(name);
    this.documents.set(name, { digest, document });
    const [oldest] = this.documents.keys();
    if (oldest !== undefined && this.documents.size > limits.exchangeDocuments) this.documents.delete(oldest);
  }

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
