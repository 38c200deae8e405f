// One call of the Engine API with a JSON answer, for what dockerode gives no AbortSignal to.
import type { Client } from './client.ts';

export interface Call {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly path: string;
  readonly query?: Readonly<Record<string, unknown>>;
  readonly body?: Readonly<Record<string, unknown>>;
}

/** Rejects with dockerode's error, its status in it. */
export const call = <T>(client: Client, { method, path, query, body }: Call, stop: AbortSignal): Promise<T> =>
  new Promise((resolve, reject) => {
    client.docker.modem.dial(
      {
        // A `?` at its end has the query appended.
        path: query ? `${path}?` : path,
        method,
        options: { _query: query ?? {}, _body: body ?? {} },
        abortSignal: stop,
        statusCodes: { 200: true, 201: true, 204: true },
      } as Parameters<typeof client.docker.modem.dial>[0],
      (error, result) => (error ? reject(error) : resolve(result as T)),
    );
  });
