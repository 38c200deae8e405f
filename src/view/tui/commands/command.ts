// What an action is, and how one answers: the parts every group of actions is made with.
import type { PublicResource } from '../../../model/public-state.ts';
import { still } from '../keys/moves.ts';
import { type Effect, type Model, type Step, targetsOf } from '../model.ts';
import type { Key } from '../terminal/input.ts';

export interface Command {
  readonly id: string;
  readonly keys: readonly Key[];
  readonly group: 'move' | 'resource' | 'logs' | 'view' | 'session';
  /** What it does, for the help and the palette. */
  readonly title: string;
  /** A word for the footer, where it is worth one now. */
  readonly footer?: (model: Model) => string | null;
  readonly run: (model: Model) => Step;
}

type Verb = Extract<Effect, { do: 'act' }>['verb'];

export const notice = (model: Model, text: string): Step => still({ ...model, notice: { text, tone: 'info' } });

export const namesOf = (resources: readonly PublicResource[]): string =>
  resources.length > 3 ? `${resources.length} resources` : resources.map((resource) => resource.name).join(', ');

/** Asks for a verb on every target it makes sense for, and says so. */
export function act(model: Model, said: string, verbOf: (resource: PublicResource) => Verb | null): Step {
  const targets = targetsOf(model).flatMap((resource) => {
    const verb = verbOf(resource);
    return verb ? [{ resource, verb }] : [];
  });
  if (targets.length === 0) return notice(model, `nothing here to ${said}`);
  const text = `${said}: ${namesOf(targets.map((target) => target.resource))}`;
  return {
    model: { ...model, marked: new Set(), notice: { text, tone: 'info' } },
    effects: targets.map(({ resource, verb }) => ({ do: 'act', verb, resource: resource.name })),
  };
}

export function confirm(
  model: Model,
  question: string,
  detail: string,
  effects: readonly Effect[],
  said: string,
): Step {
  return still({ ...model, overlay: { is: 'confirm', question, detail, yes: { is: 'do', effects, notice: said } } });
}

export const resourceIs = (label: string, test: (resource: PublicResource) => boolean) => (model: Model) =>
  model.focus === 'table' && targetsOf(model).some(test) ? label : null;
export const onTable = (label: string) => (model: Model) => (model.focus === 'table' && !model.zoomed ? label : null);
export const onLogs = (label: string) => (model: Model) => (model.focus === 'logs' || model.zoomed ? label : null);
