// The mouse: which message a press asks for.

import type { Hit } from '../layout/canvas.ts';
import type { Msg } from '../model.ts';
import type { InputEvent } from '../terminal/input.ts';

export interface Press {
  readonly x: number;
  readonly y: number;
  readonly at: number;
}

export const noPress: Press = { x: -1, y: -1, at: 0 };

/** Two presses of one cell within this time are a double click. */
const doubleMs = 400;

type MouseEvent = Extract<InputEvent, { is: 'mouse' }>;

/** The message for a mouse event over what was drawn last, null for none. */
export function clickOf(event: MouseEvent, hits: readonly Hit[], last: Press, now: number): Msg | null {
  if (event.what === 'up' || event.what === 'down')
    return { is: 'wheel', x: event.x, y: event.y, by: event.what === 'up' ? -1 : 1 };
  if (event.what !== 'press') return null;
  const hit = hits.findLast(
    ({ rect }) =>
      event.x >= rect.x && event.x < rect.x + rect.width && event.y >= rect.y && event.y < rect.y + rect.height,
  );
  if (!hit) return null;
  if (event.button === 2) return hit.right ?? null;
  if (event.button !== 0) return null;
  const twice = last.x === event.x && last.y === event.y && now - last.at < doubleMs;
  return twice && hit.double ? hit.double : hit.left;
}
