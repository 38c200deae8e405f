// Tokens that the kubelet or another program rotates on disk.
import { readFile } from 'node:fs/promises';
import { limits } from '../../../model/limits.ts';
import { failure, plainText } from '../failure.ts';

/** `get` reads the file again after `limits.kubeTokenFileMs`, and after `forget`: what it held was refused. */
export function tokenFile(path: string) {
  let token = '';
  let readAt = Number.NEGATIVE_INFINITY;
  return {
    async get(): Promise<string> {
      if (performance.now() - readAt < limits.kubeTokenFileMs) return token;
      try {
        token = (await readFile(path, 'utf8')).trim();
      } catch (error) {
        throw failure(
          'unavailable',
          'S305',
          `token file ${path}: ${plainText((error as Error).message)}`,
          'check tokenFile in the kubeconfig',
        );
      }
      readAt = performance.now();
      return token;
    },
    forget(): void {
      readAt = Number.NEGATIVE_INFINITY;
    },
  };
}
