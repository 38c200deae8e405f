// A list over the screen with a field to narrow it: the palette, endpoints, pods.
import type { Choice, Model, Overlay, Step } from '../model.ts';
import { ranked } from './fuzzy.ts';

export function choose(model: Model, title: string, choices: readonly Choice[]): Step {
  return { model: { ...model, overlay: { is: 'choose', title, query: '', index: 0, choices } }, effects: [] };
}

export const matching = (overlay: Extract<Overlay, { is: 'choose' }>): readonly Choice[] =>
  ranked(overlay.query, overlay.choices, (choice) => `${choice.label} ${choice.detail}`);
