// Actions on resources: the marked ones, else those of the selected row.
import { asking, moveBy, still } from '../keys/moves.ts';
import { choose } from '../lists/choices.ts';
import { troublesOf } from '../lists/problems.ts';
import { type Effect, type Model, resourceIn, type Step, targetsOf } from '../model.ts';
import { act, type Command, confirm, namesOf, notice, resourceIs } from './command.ts';

function toggleEnabled(model: Model): Step {
  const targets = targetsOf(model);
  if (targets.some((resource) => !resource.enabled))
    return act(model, 'enable', (resource) => (resource.enabled ? null : 'enable'));
  if (targets.length === 0) return notice(model, 'nothing here to disable');
  const effects = targets.map((resource): Effect => ({ do: 'act', verb: 'disable', resource: resource.name }));
  return confirm(
    model,
    `Disable ${namesOf(targets)}?`,
    'What it runs is stopped, and what was deployed for it is deleted.',
    effects,
    `disable: ${namesOf(targets)}`,
  );
}

function clearLogs(model: Model): Step {
  const targets = targetsOf(model);
  if (targets.length === 0) return notice(model, 'no resource here');
  const effects = targets.map((resource): Effect => ({ do: 'clear logs', resource: resource.name }));
  return confirm(
    model,
    `Clear the logs of ${namesOf(targets)}?`,
    'They are deleted, the history on disk included.',
    effects,
    `logs cleared: ${namesOf(targets)}`,
  );
}

function openEndpoint(model: Model): Step {
  const urls = targetsOf(model).flatMap((resource) => resource.endpoints.map((url) => ({ url, name: resource.name })));
  if (urls.length === 0) return notice(model, 'no endpoint here yet');
  if (urls.length === 1)
    return asking(
      { ...model, notice: { text: `open ${urls[0]!.url}`, tone: 'info' } },
      { do: 'open', url: urls[0]!.url },
    );
  const choices = urls.map(({ url, name }) => ({
    label: url,
    detail: name,
    msg: { is: 'do', effects: [{ do: 'open', url }], notice: `open ${url}` } as const,
  }));
  return choose(model, 'open an endpoint', choices);
}

/** The file of what is wrong with the selected resource, else of the first problem, else where the resource is defined. */
function editFile(model: Model): Step {
  const resource = resourceIn(model);
  const troubles = troublesOf(model.state).filter((trouble) => trouble.problem.at);
  const at =
    (
      troubles.find((trouble) => trouble.resource === resource?.name) ??
      troubles.find((trouble) => trouble.resource === null)
    )?.problem.at ?? resource?.at;
  return at ? asking(model, { do: 'edit', ...at }) : notice(model, 'no file to open here');
}

function mark(model: Model): Step {
  const names = targetsOf({ ...model, marked: new Set() }).map((resource) => resource.name);
  const marked = new Set(model.marked);
  const all = names.every((name) => marked.has(name));
  for (const name of names) all ? marked.delete(name) : marked.add(name);
  return model.detail ? still({ ...model, marked }) : moveBy({ ...model, marked, focus: 'table' }, 1);
}

export const resourceCommands: readonly Command[] = [
  {
    id: 'trigger',
    keys: ['t'],
    group: 'resource',
    title: 'update now',
    footer: resourceIs('update', (resource) => resource.enabled),
    run: (model) => act(model, 'update', (resource) => (resource.enabled ? 'trigger' : null)),
  },
  {
    id: 'force',
    keys: ['T'],
    group: 'resource',
    title: 'build from scratch now',
    run: (model) => act(model, 'build from scratch', (resource) => (resource.enabled ? 'force' : null)),
  },
  {
    id: 'cancel',
    keys: ['x'],
    group: 'resource',
    title: 'cancel the running update',
    footer: resourceIs('cancel', (resource) => resource.update.status === 'running'),
    run: (model) => act(model, 'cancel', (resource) => (resource.update.status === 'running' ? 'cancel' : null)),
  },
  {
    id: 'restart',
    keys: ['r'],
    group: 'resource',
    title: 'restart what runs, without a build',
    footer: resourceIs('restart', (resource) => resource.runtime.status !== 'none'),
    run: (model) => act(model, 'restart', (resource) => (resource.enabled ? 'restart' : null)),
  },
  {
    id: 'enable',
    keys: ['d'],
    group: 'resource',
    title: 'disable or enable',
    footer: (model) =>
      (targetsOf(model).some((resource) => !resource.enabled)
        ? resourceIs('enable', () => true)
        : resourceIs('disable', () => true))(model),
    run: toggleEnabled,
  },
  {
    id: 'mode',
    keys: ['m'],
    group: 'resource',
    title: 'update by itself or on request',
    footer: (model) =>
      resourceIs(
        targetsOf(model).some(({ trigger }) => trigger === 'auto') ? 'go manual' : 'go auto',
        () => true,
      )(model),
    run: (model) => act(model, 'change mode', (resource) => (resource.trigger === 'auto' ? 'manual' : 'auto')),
  },
  {
    id: 'endpoint',
    keys: ['o'],
    group: 'resource',
    title: 'open an endpoint in the browser',
    footer: resourceIs('open', (resource) => resource.endpoints.length > 0),
    run: openEndpoint,
  },
  { id: 'edit', keys: ['e'], group: 'resource', title: 'open the file of the problem in $EDITOR', run: editFile },
  { id: 'clear', keys: ['c'], group: 'resource', title: 'clear the logs', run: clearLogs },
  { id: 'mark', keys: ['space'], group: 'resource', title: 'mark for the next action', run: mark },
  {
    id: 'mark-all',
    keys: ['*'],
    group: 'resource',
    title: 'mark all or none',
    run: (model) =>
      still({
        ...model,
        marked: model.marked.size > 0 ? new Set() : new Set(Object.keys(model.state?.resources ?? {})),
      }),
  },
];
