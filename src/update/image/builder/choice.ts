// From what the configuration says of a builder to one that builds.
import { Duplex } from 'node:stream';
import type { BuilderSpec } from '../../../model/builds/builder.ts';
import { record } from '../../../model/manifests/workload.ts';
import type { BuilderPort, BuilderWay } from '../../../model/ports/builder.ts';
import type { ExecStream, Ports } from '../../../model/ports.ts';
import { ProblemError } from '../../../model/problems/problem.ts';
import { onAbort } from '../../../operators/promises/on-abort.ts';
import type { ImageBuilding } from '../build-scope.ts';
import { inClusterBuilder } from './cluster.ts';

/** `build` may be called again where a builder in the cluster was lost. */
export async function withBuilder<T>(
  spec: BuilderSpec,
  ref: string,
  building: ImageBuilding,
  build: (builder: BuilderPort) => Promise<T>,
): Promise<T> {
  if (spec.is === 'cluster') return inClusterBuilder(spec, ref, building, build);
  if (spec.is === 'docker') throw new Error('Docker builds by itself');
  return build((await building.ports.buildkit()).over(await wayOf(spec, building.ports)));
}

/** Rejects with a `yours` problem for an address that means nothing. */
export async function wayOf(
  { address, tls }: Extract<BuilderSpec, { is: 'buildkit' }>,
  ports: Pick<Ports, 'buildkit' | 'docker' | 'kube'>,
): Promise<BuilderWay> {
  const [, scheme, rest = ''] = /^([a-z-]+):\/\/(.*)$/.exec(address) ?? [];
  const called = `BuildKit at ${address}`;
  if (scheme === 'docker-container') return { called, connect: (stop) => inContainer(rest, ports, stop) };
  if (scheme === 'kube-pod') return { called, connect: (stop) => inPod(rest, ports, stop) };
  return (await ports.buildkit()).at(address, tls);
}

/** Part of BuildKit's own image: standard input and output are a connection to its daemon. */
const dial = ['buildctl', 'dial-stdio'];

const inContainer = (name: string, { docker }: Pick<Ports, 'docker'>, stop: AbortSignal): Promise<Duplex> =>
  lasting(async (signal) => (await docker()).exec(name, dial, { stdin: true }, signal), stop);

/**
 * A stop ends what has not begun. A connection that is there outlives it: the builder is told over it, and says when what was
 * stopped is dead; whoever asked for it closes it.
 */
async function lasting(open: (stop: AbortSignal) => Promise<ExecStream>, stop: AbortSignal): Promise<Duplex> {
  stop.throwIfAborted();
  const opening = new AbortController();
  const off = onAbort(stop, () => opening.abort(stop.reason));
  try {
    return duplexOf(await open(opening.signal));
  } finally {
    off();
  }
}

/** `POD`, or `POD?namespace=NAME&container=NAME`. */
async function inPod(text: string, ports: Pick<Ports, 'kube'>, stop: AbortSignal): Promise<Duplex> {
  const kube = await ports.kube();
  const [name = '', query = ''] = text.split('?');
  const given = new URLSearchParams(query);
  const namespace = given.get('namespace') ?? kube.info.namespace;
  const ref = { apiVersion: 'v1', kind: 'Pod', name, namespace };
  const pod = await kube.get(ref, stop);
  const first = (record(pod?.spec).containers as readonly { name?: unknown }[] | undefined)?.[0]?.name;
  if (typeof first !== 'string')
    throw new ProblemError({
      kind: 'unavailable',
      code: 'S208',
      what: `there is no pod ${name} in namespace ${namespace} to build in`,
      hint: 'builder: {buildkit: "kube-pod://POD?namespace=NAME"}',
    });
  const target = { namespace, name, container: given.get('container') ?? first };
  return lasting((signal) => kube.exec(target, dial, { stdin: true }, signal), stop);
}

/** What its program complains of is told with the end of the connection. Closing it ends the program. */
function duplexOf({ stdin, stdout, stderr, exit, drop }: ExecStream): Duplex {
  let said = '';
  stderr.on('data', (chunk: Buffer) => {
    said = (said + chunk.toString('utf8')).slice(-500);
  });
  // Not Duplex.from: destroyed before its end, that one rejects a promise that nobody holds.
  const duplex = new Duplex({
    read: () => void stdout.resume(),
    write: (chunk: Buffer, _encoding, done) => void stdin.write(chunk, done),
    final: (done) => void stdin.end(done),
    destroy: (error, done) => {
      drop();
      done(error);
    },
  });
  stdout.on('data', (chunk: Buffer) => {
    if (!duplex.push(chunk)) stdout.pause();
  });
  stdout.on('end', () => void duplex.push(null));
  for (const stream of [stdin, stdout, stderr]) stream.on('error', (error: Error) => duplex.destroy(error));
  exit.then(
    ({ code }) => duplex.destroy(code === 0 ? undefined : new Error(said.trim() || `buildctl ended with ${code}`)),
    (error: Error) => duplex.destroy(error),
  );
  return duplex;
}
