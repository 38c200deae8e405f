// On the way from a command to the real daemon: its calls are counted, and answers to some of them may be held back.
import http from 'node:http';
import { buffer } from 'node:stream/consumers';
import { onTestFinished } from 'vitest';
import { dockerHost } from '../../support/capability.ts';

export interface Call {
  readonly method: string;
  readonly path: string;
  readonly query: string;
}

/**
 * Passes calls on to the daemon, and tells those of each `doing`. `heldBack`: until when an answer to one is; `answered` is when the
 * daemon has given it.
 */
export async function counted(
  path: string,
  heldBack: (call: Call, answered: Promise<void>) => Promise<unknown> = async () => {},
) {
  let calls: Call[] = [];
  const server = http.createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://docker');
    const call = { method: request.method ?? '', path: pathname, query: [...searchParams.keys()].join() };
    calls.push(call);
    let given = () => {};
    const answered = new Promise<void>((resolve) => {
      given = resolve;
    });
    const answering = heldBack(call, answered);
    const { method, url, headers } = request;
    const on = http.request({ socketPath: new URL(dockerHost).pathname, path: url, method, headers, agent: false });
    on.on('response', async (answer) => {
      given();
      await answering;
      response.writeHead(answer.statusCode ?? 500, answer.headers);
      answer.pipe(response);
      answer.on('error', () => response.destroy());
    });
    on.on('error', () => response.destroy());
    response.on('close', () => on.destroy());
    // In one piece: a daemon that has read all that it wants may answer and be gone before the rest is written.
    buffer(request).then(
      (body) => on.end(body),
      () => on.destroy(),
    );
  });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return async (doing: () => Promise<unknown>): Promise<readonly Call[]> => {
    calls = [];
    await doing();
    return calls;
  };
}
