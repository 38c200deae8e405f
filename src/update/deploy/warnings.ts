// What the API server warns of (deprecated versions, Pod Security, fields without effect) is told in the log of the resource.
import { limits } from '../../model/limits.ts';
import type { LogStore } from '../../model/log.ts';
import type { KubePort, Ports } from '../../model/ports.ts';

/** Told in this session, which has one store of logs. */
const told = new WeakMap<LogStore, Set<string>>();

/** The cluster, each of whose warnings about what is written becomes one line, whatever often it comes. */
export function warnedOf(kube: KubePort, resource: string, run: string, { logs, now }: Ports): KubePort {
  const known = told.get(logs) ?? new Set<string>();
  told.set(logs, known);
  const warn = (text: string): void => {
    const key = `${resource}\n${text}`;
    if (known.has(key) || known.size >= limits.warningsTold) return;
    known.add(key);
    logs.line({ resource, source: 'build', run }, 'warn', text, now());
  };
  return {
    ...kube,
    apply: (object, stop, options) => kube.apply(object, stop, { ...options, warn }),
    create: (object, stop) => kube.create(object, stop, { warn }),
    replace: (object, stop) => kube.replace(object, stop, { warn }),
  };
}
