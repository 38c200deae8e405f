// The Model Context Protocol over two streams: JSON-RPC 2.0, one message a line. Requests are answered as they are done,
// so a long `wait` holds nothing up.
import type { Readable, Writable } from 'node:stream';
import { lastValueFrom, mergeMap, tap } from 'rxjs';
import { limits } from '../model/limits.ts';
import { isProblemError } from '../model/problem.ts';
import { problemText, type Tool, tools } from './mcp-tools.ts';
import { requestLines } from './request-lines.ts';

export interface McpServer {
  readonly input: Readable;
  readonly output: Writable;
  readonly version: string;
  /** One request to the session; rejects with a ProblemError. */
  readonly ask: (what: Readonly<Record<string, unknown>>, stop: AbortSignal) => Promise<unknown>;
}

type Json = Readonly<Record<string, unknown>>;

/** Newest first: a client that asks for another one is offered the newest, as the protocol says. */
const versions = ['2025-11-25', '2025-06-18', '2025-03-26', '2024-11-05'] as const;

const errors = { parse: -32_700, invalid: -32_600, noMethod: -32_601, params: -32_602, internal: -32_603 } as const;

class RpcError extends Error {
  readonly code: number;
  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

/** Resolves when the input has ended and what was asked has been answered, or took too long after that end. */
export async function serveMcp(server: McpServer): Promise<void> {
  const open = new Map<unknown, AbortController>();
  const write = (message: Json): void =>
    void server.output.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
  const handle = async (line: string | null): Promise<void> => {
    const message = parsed(line);
    if (message === null) return write(failure(null, errors.parse, 'not a JSON-RPC message'));
    const { id, method } = message;
    // Answers to us: nothing is ever asked.
    if (typeof method !== 'string') return;
    if (id === undefined) return notified(method, message, open);
    if (typeof id !== 'string' && typeof id !== 'number')
      return write(failure(null, errors.invalid, 'an id is text or a number'));
    if (open.has(id)) return write(failure(id, errors.invalid, 'this id is in use'));
    if (open.size >= limits.openRequests) return write(failure(id, errors.internal, 'too many requests at once'));
    const stop = new AbortController();
    open.set(id, stop);
    try {
      const result = await answerTo(method, params(message), server, stop.signal);
      // Who cancelled a request wants no answer to it.
      if (!stop.signal.aborted) write({ id, result });
    } catch (error) {
      const code = error instanceof RpcError ? error.code : errors.internal;
      if (!stop.signal.aborted) write(failure(id, code, error instanceof Error ? error.message : String(error)));
    } finally {
      open.delete(id);
    }
  };
  const giveUp = (): void => {
    for (const stop of open.values()) stop.abort();
  };
  const lines$ = requestLines(server.input, server.output).pipe(
    tap({ complete: () => setTimeout(giveUp, limits.lastAnswersMs).unref() }),
  );
  await lastValueFrom(lines$.pipe(mergeMap(handle)), { defaultValue: undefined });
}

function parsed(line: string | null): Json | null {
  try {
    const value: unknown = JSON.parse(line ?? '');
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : null;
  } catch {
    return null;
  }
}

const params = ({ params }: Json): Json => (typeof params === 'object' && params !== null ? (params as Json) : {});

const failure = (id: unknown, code: number, message: string): Json => ({ id, error: { code, message } });

function notified(method: string, message: Json, open: ReadonlyMap<unknown, AbortController>): void {
  if (method === 'notifications/cancelled') open.get(params(message).requestId)?.abort();
}

async function answerTo(method: string, given: Json, server: McpServer, stop: AbortSignal): Promise<Json> {
  switch (method) {
    case 'initialize':
      return {
        protocolVersion: versions.find((version) => version === given.protocolVersion) ?? versions[0],
        capabilities: { tools: {} },
        serverInfo: { name: 'sluice', version: server.version },
        instructions:
          'A session (`sluice up`) keeps what runs in step with the files. After an edit call wait; it says when the change is live, or why it is not.',
      };
    case 'ping':
      return {};
    case 'tools/list':
      return { tools: tools.map(listed) };
    case 'tools/call':
      return call(given, server, stop);
    default:
      throw new RpcError(errors.noMethod, `no method ${method.slice(0, 100)}`);
  }
}

const listed = ({ name, description, inputSchema, isReading }: Tool): Json => ({
  name,
  description,
  inputSchema,
  annotations: { readOnlyHint: isReading, openWorldHint: false },
});

/** What the session says no to is a result the model can read, not an error of the protocol. */
async function call({ name, arguments: given }: Json, { ask }: McpServer, stop: AbortSignal): Promise<Json> {
  const tool = tools.find((each) => each.name === name);
  if (!tool) throw new RpcError(errors.params, `no tool ${String(name).slice(0, 100)}`);
  const request = tool.request(params({ params: given }));
  if (typeof request === 'string') return said(request, true);
  try {
    const result = await ask(request, stop);
    const isFailed = (result as { readonly ok?: boolean } | null)?.ok === false;
    return said(JSON.stringify(result), isFailed);
  } catch (error) {
    if (!isProblemError(error)) throw error;
    return said(problemText(error.problem), true);
  }
}

const said = (text: string, isError: boolean): Json => ({ content: [{ type: 'text', text }], isError });
