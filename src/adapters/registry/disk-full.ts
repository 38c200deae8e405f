// A full disk where images are kept: no step's fault, and mended outside of it.
import type { Problem } from '../../model/problems/problem.ts';
import { plain } from './daemon-text.ts';

export const isDiskFull = (message: string): boolean => /no space left on device|disk quota exceeded/i.test(message);

export const diskFullHint = 'docker system df shows what fills the disk of Docker, docker system prune frees it';

export const diskFullProblem = (message: string): Problem => ({
  kind: 'step',
  code: 'S206',
  what: `the disk of Docker is full: ${plain(message)}`,
  hint: diskFullHint,
});
