// `kubernetes.delivery`: how images get to the nodes, where that is not to be found out.
import { isRemote } from '../../model/builds/who-builds.ts';
import type { ImageSpec } from '../../model/config.ts';
import type { Report } from '../report.ts';
import type { Raw } from '../schema/schema.ts';

/** What is built elsewhere than in Docker is pushed as it is built, and nowhere else. */
export function checkDelivery(kubernetes: Raw['kubernetes'], images: readonly ImageSpec[], report: Report): void {
  const { delivery } = kubernetes ?? {};
  if (delivery === undefined || delivery === 'push') return;
  const pushed = images.find(({ build }) => isRemote(build));
  if (!pushed) return;
  const what = `delivery: ${delivery} takes images from Docker, and ${pushed.ref} is built elsewhere, from where it is pushed`;
  report.add('S265', ['kubernetes', 'delivery'], what, `build it by Docker (builder: docker), or leave delivery out`);
}
