// One TCP connection to a port of a pod, as a Duplex over one WebSocket.
import { Duplex } from 'node:stream';
import { limits } from '../../model/limits.ts';
import { problemCodes } from '../../model/problems/code-names.ts';
import { failure, plainText } from './failure.ts';
import type { KubeHttp } from './http.ts';
import { lostConnection, openSocket, type PodSocket } from './socket.ts';

interface DialPlace {
  readonly namespace: string;
  readonly name: string;
}

const data = 0;
const fault = 1;

/** Each channel begins with the port number, twice bytes: not part of the data. */
function withoutPort(): (channel: number, bytes: Buffer) => Buffer {
  const left = [2, 2];
  return (channel, bytes) => {
    const skip = Math.min(left[channel] ?? 0, bytes.length);
    if (channel < left.length) left[channel]! -= skip;
    return bytes.subarray(skip);
  };
}

/** One frame after the other: a large one would hold up what else is on the connection. */
function sendFrames(socket: PodSocket, chunk: Buffer, done: (error?: Error | null) => void): void {
  const part = chunk.subarray(0, limits.podFrameBytes);
  const rest = chunk.subarray(part.length);
  socket.send(data, part, (error) => (error || rest.length === 0 ? done(error) : sendFrames(socket, rest, done)));
}

/** Runtimes tell of sandboxes and network namespaces before it. */
const unreachable = (what: string, said: string) =>
  failure(
    'unavailable',
    problemCodes.portUnreachable,
    `${what} cannot be reached: ${/connection refused/.exec(said)?.[0] ?? said}`,
    'does the program in the pod listen on this port?',
  );

function podStream(socket: PodSocket, what: string): Duplex {
  const strip = withoutPort();
  let isRemoteDone = false;
  const stream = new Duplex({
    readableHighWaterMark: limits.podBufferBytes,
    writableHighWaterMark: limits.podBufferBytes,
    read: () => socket.resume(),
    // What is written after the other side has closed is lost, as with TCP.
    write: (chunk: Buffer, _encoding, done) =>
      isRemoteDone ? done() : sendFrames(socket, chunk, (error) => done(isRemoteDone ? null : error)),
    // The protocol has no half close, and closing would lose the reply: the end of our side stays here.
    final: (done) => done(),
    destroy(error, done) {
      isRemoteDone = true;
      socket.drop();
      done(error);
    },
  });
  socket.onFrame = (channel, bytes) => {
    const payload = strip(channel, bytes);
    if (payload.length === 0 || isRemoteDone) return;
    if (channel === data && !stream.push(payload)) socket.pause();
    if (channel !== fault) return;
    stream.destroy(unreachable(what, plainText(payload.toString())));
  };
  socket.onClose = (clean) => {
    if (isRemoteDone) return;
    isRemoteDone = true;
    if (clean) stream.push(null);
    else stream.destroy(lostConnection(what));
  };
  stream.on('end', () => stream.destroy());
  return stream;
}

/** The stream is destroyed with S322 when nobody listens, S321 when the connection is lost. Aborting before it is open rejects. */
export async function dialPod(http: KubeHttp, place: DialPlace, port: number, stop: AbortSignal): Promise<Duplex> {
  const { namespace, name } = place;
  const request = {
    path: `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods/${encodeURIComponent(name)}/portforward`,
    query: { ports: String(port) },
    protocols: ['v4.channel.k8s.io'],
    subject: { verb: 'create', kind: 'pods/portforward', name, namespace },
  };
  return podStream(await openSocket(http, request, stop), `port ${port} of pod ${name}`);
}
