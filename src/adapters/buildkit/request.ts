// What a build is told, in the words of the Dockerfile frontend and of the image exporter.
import type { RemoteBuild } from '../../model/ports/builder.ts';
import type { Attributes, Solve } from './control.ts';

export function solveOf(build: RemoteBuild, filename: string, ids: Pick<Solve, 'ref' | 'session'>): Solve {
  const { name, insecure } = build.push;
  const exporter = {
    type: 'image',
    attributes: { name, push: 'true', ...(insecure ? { 'registry.insecure': 'true' } : {}) },
  };
  return { ...ids, frontend: frontendOf(build, filename), exporter, cacheTo: [], cacheFrom: [], entitlements: [] };
}

export function frontendOf(build: RemoteBuild, filename: string): Attributes {
  const { target, args, platform, labels, noCache } = build;
  return {
    filename,
    ...(target ? { target } : {}),
    ...(platform ? { platform } : {}),
    ...(noCache ? { 'no-cache': '' } : {}),
    ...named('build-arg', args),
    ...named('label', labels),
    ...named('context', build.contexts ?? {}),
  };
}

const named = (kind: string, values: Attributes): Attributes =>
  Object.fromEntries(Object.entries(values).map(([name, value]) => [`${kind}:${name}`, value]));
