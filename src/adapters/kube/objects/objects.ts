// Reading and writing objects, their JSON untouched except for managedFields, which nobody here reads.
import type { KubeObject, ObjectRef } from '../../../model/config.ts';
import { limits } from '../../../model/limits.ts';
import type { KubePort, WriteOptions } from '../../../model/ports.ts';
import { problemCodes } from '../../../model/problems/code-names.ts';
import { hasCode, isProblemError } from '../../../model/problems/problem.ts';
import type { KubeHttp, KubeRequest } from '../http.ts';
import { type Discovery, findKind, pathOf, type ResourceKind } from './discovery.ts';
import { listableKinds } from './every-kind.ts';
import { fieldManager, managersOf, takenOver } from './managed-fields.ts';
import { type Sightings, sightings } from './sightings.ts';

export type ObjectCalls = Pick<
  KubePort,
  'get' | 'sighted' | 'apply' | 'takeFields' | 'create' | 'replace' | 'delete' | 'list' | 'kinds' | 'isNamespaced'
>;

/** Takes the bookkeeping of field owners away: a fifth of a pod's bytes, and the API refuses it in an apply. */
export function withoutManagedFields<T>(object: T): T {
  const metadata = (object as { metadata?: { managedFields?: unknown } } | null)?.metadata;
  if (!metadata || metadata.managedFields === undefined) return object;
  const { managedFields: _, ...rest } = metadata;
  return { ...object, metadata: rest };
}

/** Objects whose children must go first; others are deleted the quick way. */
const ownsPods = (apiVersion: string): boolean => /^(apps|batch)\//.test(apiVersion);

interface Page {
  readonly items?: KubeObject[];
  readonly metadata?: { readonly continue?: string; readonly resourceVersion?: string };
}

export interface Listed {
  readonly items: readonly KubeObject[];
  readonly resourceVersion: string;
}

/** All pages of a list. The token of a page ends after some minutes; then the list is read again from its start. */
export async function listAll(
  http: KubeHttp,
  request: KubeRequest,
  of: ResourceKind,
  stop: AbortSignal,
  mayRestart = true,
): Promise<Listed> {
  const items: KubeObject[] = [];
  let next: string | undefined;
  let resourceVersion = '';
  do {
    try {
      const query = { limit: String(limits.kubePage), ...request.query, continue: next };
      const page = ((await http.json({ ...request, query }, stop)) ?? {}) as Page;
      for (const item of page.items ?? []) {
        items.push(withoutManagedFields({ ...item, apiVersion: of.apiVersion, kind: of.kind }));
      }
      resourceVersion = page.metadata?.resourceVersion ?? '';
      next = page.metadata?.continue || undefined;
    } catch (error) {
      const isExpired = next !== undefined && hasCode(error, problemCodes.stateNotKept);
      if (!isExpired || !mayRestart) throw error;
      return listAll(http, request, of, stop, false);
    }
  } while (next !== undefined);
  return { items, resourceVersion };
}

interface Located {
  readonly space: string | null;
  readonly path: string;
  readonly subject: NonNullable<KubeRequest['subject']>;
}

type Locate = (
  resource: ResourceKind,
  object: { readonly name: string; readonly namespace?: string | null },
  verb: string,
) => Located;

/** Where an object is read and written; one that names no namespace is in the default one. */
const locating =
  (defaultNamespace: string): Locate =>
  (resource, { name, namespace }, verb) => {
    const space = resource.namespaced ? (namespace ?? defaultNamespace) : null;
    return {
      space,
      path: pathOf(resource, space, name),
      subject: { verb, kind: resource.kind, name, namespace: space },
    };
  };

/** `instead` of what fails with this code. */
async function unless<T>(code: string, instead: T, call: Promise<T>): Promise<T> {
  try {
    return await call;
  } catch (error) {
    if (isProblemError(error) && error.problem.code === code) return instead;
    throw error;
  }
}

export function objectCalls(http: KubeHttp, kinds: Discovery, defaultNamespace: string): ObjectCalls {
  const locate = locating(defaultNamespace);
  const read = reads(http, kinds, locate);
  const { sighted, written } = sightings(listing(http, kinds, limits.sightedPage));
  return { ...read, sighted, ...noted(written, { ...writes(http, kinds, locate), ...others(http, kinds, locate) }) };
}

type Changes = Writes & Pick<ObjectCalls, 'takeFields' | 'delete'>;

/** Each tells what it has written, once it is over. */
function noted(written: Sightings['written'], calls: Changes): Changes {
  const write = (verb: keyof Writes): ObjectCalls['apply'] => {
    return (object, stop, options) =>
      calls[verb](object, stop, options).finally(() => written(object.kind, object.metadata.name));
  };
  return {
    apply: write('apply'),
    create: write('create'),
    replace: write('replace'),
    takeFields: (ref, choose, stop) => calls.takeFields(ref, choose, stop).finally(() => written(ref.kind, ref.name)),
    delete: (ref, stop) => calls.delete(ref, stop).finally(() => written(ref.kind, ref.name)),
  };
}

const others = (http: KubeHttp, kinds: Discovery, locate: Locate): Pick<ObjectCalls, 'takeFields' | 'delete'> => ({
  takeFields: takingFields(http, kinds, locate),
  async delete(ref, stop) {
    const resource = await findKind(kinds, ref, stop);
    if (!resource) return false;
    const { path, subject } = locate(resource, ref, 'delete');
    const propagationPolicy = ownsPods(ref.apiVersion) ? 'Foreground' : 'Background';
    const call = http.json({ method: 'DELETE', path, query: { propagationPolicy }, subject }, stop);
    const deleted = call.then(() => true);
    // A namespace that is going already answers a second delete with a conflict.
    return unless('S318', false, unless('S317', true, deleted));
  },
});

type Reads = Pick<ObjectCalls, 'get' | 'list' | 'kinds' | 'isNamespaced'>;

function reads(http: KubeHttp, kinds: Discovery, locate: Locate): Reads {
  return {
    kinds: (stop) => listableKinds(http, stop),
    isNamespaced: async (apiVersion, kind, stop) => (await kinds.find(apiVersion, kind, stop)).namespaced,
    async get(ref: ObjectRef, stop) {
      const resource = await findKind(kinds, ref, stop);
      if (!resource) return null;
      const { path, subject } = locate(resource, ref, 'get');
      const call = http.json({ path, subject }, stop) as Promise<KubeObject | null>;
      return withoutManagedFields(await unless('S318', null, call));
    },
    list: listing(http, kinds, limits.kubePage),
  };
}

const listing =
  (http: KubeHttp, kinds: Discovery, page: number): ObjectCalls['list'] =>
  async (apiVersion, kind, namespace, labelSelector, stop) => {
    const resource = await kinds.find(apiVersion, kind, stop);
    const subject = { verb: 'list', kind, namespace: resource.namespaced ? namespace : null };
    const query = { labelSelector: labelSelector ?? undefined, limit: String(page) };
    return (await listAll(http, { path: pathOf(resource, namespace), query, subject }, resource, stop)).items;
  };

type Writes = Pick<ObjectCalls, 'apply' | 'create' | 'replace'>;

/**
 * In a version that no object has. An API server heeds the version where it finds an object, which is a conflict then, and not
 * where it makes one: a create, whose fields are those of an apply all the same.
 */
const neverWritten = (object: KubeObject): KubeObject => ({
  ...object,
  metadata: { ...object.metadata, resourceVersion: '1' },
});

function writes(http: KubeHttp, kinds: Discovery, locate: Locate): Writes {
  const write = async (object: KubeObject, verb: keyof Writes, stop: AbortSignal, options: WriteOptions = {}) => {
    const { dryRun = false, onlyNew = false, warn } = options;
    const resource = await kinds.find(object.apiVersion, object.kind, stop);
    const { space, path, subject } = locate(resource, object.metadata, verb);
    const query = { fieldManager, fieldValidation: 'Strict', dryRun: dryRun ? 'All' : undefined };
    const body = withoutManagedFields(onlyNew ? neverWritten(object) : object);
    const requests: Record<keyof Writes, KubeRequest> = {
      create: { method: 'POST', path: pathOf(resource, space), query, body, subject, warn },
      replace: { method: 'PUT', path, query, body, subject, warn },
      apply: {
        method: 'PATCH',
        path,
        query: { ...query, force: 'true' },
        body,
        contentType: 'application/apply-patch+yaml',
        subject,
        warn,
      },
    };
    return withoutManagedFields((await http.json(requests[verb], stop)) as KubeObject);
  };
  return {
    apply: (object, stop, options) => write(object, 'apply', stop, options),
    create: (object, stop, options) => write(object, 'create', stop, options),
    replace: (object, stop, options) => write(object, 'replace', stop, options),
  };
}

function takingFields(http: KubeHttp, kinds: Discovery, locate: Locate): ObjectCalls['takeFields'] {
  return async (ref, choose, stop) => {
    const { path, subject } = locate(await kinds.find(ref.apiVersion, ref.kind, stop), ref, 'patch');
    for (let attempt = 1; ; attempt++) {
      const object = (await unless('S318', null, http.json({ path, subject }, stop))) as KubeObject | null;
      const all = managersOf(object?.metadata.managedFields);
      const chosen = choose(all.map(({ manager }) => manager));
      if (!object || chosen.length === 0) return [];
      const put = (field: string, value: unknown) => ({ op: 'replace', path: `/metadata/${field}`, value });
      const body = [
        put('managedFields', takenOver(all, chosen)),
        put('resourceVersion', object.metadata.resourceVersion),
      ];
      try {
        await http.json({ method: 'PATCH', path, body, contentType: 'application/json-patch+json', subject }, stop);
        return chosen;
      } catch (error) {
        // Somebody wrote in between: read again.
        const isStale = hasCode(error, problemCodes.conflict);
        if (!isStale || attempt === limits.conflictsInRow) throw error;
      }
    }
  };
}
