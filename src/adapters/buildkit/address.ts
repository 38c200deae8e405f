// Where a BuildKit listens, and a connection to it: a socket of this machine, or a port, with TLS where files are given.
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import net from 'node:net';
import type { Duplex } from 'node:stream';
import tls from 'node:tls';
import type { TlsFiles } from '../../model/builds/builder.ts';
import { limits } from '../../model/limits.ts';
import type { BuilderWay } from '../../model/ports/builder.ts';
import { ProblemError } from '../../model/problems/problem.ts';
import { timeoutSignal } from '../../operators/promises/timeout-signal.ts';

const defaultPort = 1234;

export function wayTo(address: string, files: TlsFiles | null): BuilderWay {
  const called = `BuildKit at ${address}`;
  const [, scheme, rest = ''] = /^(unix|tcp):\/\/(.+)$/.exec(address) ?? [];
  if (scheme === 'unix') return { called, connect: (stop) => opened(net.connect(rest), 'connect', stop) };
  const url = scheme === 'tcp' ? hostAndPort(rest) : null;
  if (!url) throw wrong(address);
  return { called, connect: (stop) => (files ? secured(url, files, stop) : opened(net.connect(url), 'connect', stop)) };
}

function hostAndPort(text: string): { readonly host: string; readonly port: number } | null {
  try {
    const { hostname, port } = new URL(`tcp://${text}`);
    return hostname ? { host: hostname.replace(/^\[|\]$/g, ''), port: Number(port) || defaultPort } : null;
  } catch {
    return null;
  }
}

async function secured(
  { host, port }: { readonly host: string; readonly port: number },
  { ca, cert, key, servername }: TlsFiles,
  stop: AbortSignal,
): Promise<Duplex> {
  const read = (file: string | null) => (file === null ? undefined : readFile(file));
  const files = await Promise.all([read(ca), read(cert), read(key)]).catch((error: Error) => {
    throw new ProblemError({
      kind: 'yours',
      code: 'S208',
      what: `a TLS file of the builder cannot be read: ${error.message}`,
      hint: 'builder: {buildkit: tcp://…, tls: {ca: FILE, cert: FILE, key: FILE}}',
    });
  });
  const name = servername ?? (net.isIP(host) ? undefined : host);
  const options = { host, port, ca: files[0], cert: files[1], key: files[2], ALPNProtocols: ['h2'] };
  return opened(tls.connect({ ...options, ...(name ? { servername: name } : {}) }), 'secureConnect', stop);
}

/** A machine that is gone answers nothing. */
async function opened(socket: net.Socket, event: string, stop: AbortSignal): Promise<Duplex> {
  const patience = timeoutSignal(limits.dockerConnectMs);
  try {
    await once(socket, event, { signal: AbortSignal.any([stop, patience]) });
    return socket;
  } catch (error) {
    socket.on('error', () => {});
    socket.destroy();
    throw patience.aborted ? new Error(`no answer in ${limits.dockerConnectMs / 1_000} s`) : error;
  }
}

const wrong = (address: string): ProblemError =>
  new ProblemError({
    kind: 'yours',
    code: 'S208',
    what: `${address} is no address of a BuildKit`,
    hint: 'use unix://PATH, tcp://HOST:PORT, docker-container://NAME or kube-pod://POD',
  });
