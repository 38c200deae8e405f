// From what the configuration says of a builder to one that builds.
import { Duplex } from 'node:stream';
import type { BuilderSpec } from '../../../model/builder.ts';
import { record } from '../../../model/manifests/workload.ts';
import type { BuilderPort, BuilderWay } from '../../../model/ports/builder.ts';
import type { ExecStream, Ports } from '../../../model/ports.ts';
import { ProblemError } from '../../../model/problem.ts';
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

async function inContainer(name: string, { docker }: Pick<Ports, 'docker'>, stop: AbortSignal): Promise<Duplex> {
  return duplexOf(await (await docker()).exec(name, dial, { stdin: true }, stop));
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
  return duplexOf(
    await kube.exec({ namespace, name, container: given.get('container') ?? first }, dial, { stdin: true }, stop),
  );
}

/** What its program complains of is told with the end of the connection. */
function duplexOf(exec: ExecStream): Duplex {
  let said = '';
  exec.stderr.on('data', (chunk: Buffer) => {
    said = (said + chunk.toString('utf8')).slice(-500);
  });
  const duplex = Duplex.from({ readable: exec.stdout, writable: exec.stdin });
  exec.exit.then(
    ({ code }) => duplex.destroy(code === 0 ? undefined : new Error(said.trim() || `buildctl ended with ${code}`)),
    (error: Error) => duplex.destroy(error),
  );
  duplex.on('close', () => exec.drop());
  return duplex;
}
