// The Model Context Protocol over two streams: JSON-RPC 2.0, one message a line. Requests are answered as they are done,
// so a long `wait` holds nothing up.
import type { Readable, Writable } from 'node:stream';
import { lastValueFrom, mergeMap, tap } from 'rxjs';
import { limits } from '../../model/limits.ts';
import { isProblemError } from '../../model/problems/problem.ts';
import { isDeeper } from '../../model/text/json.ts';
import { requestLines } from '../../session/requests/lines.ts';
import { problemText, type Tool, tools } from './tools.ts';

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
  const write = (answer: Json | readonly Json[]): void => void server.output.write(`${JSON.stringify(answer)}\n`);
  const take = async (line: string | null): Promise<void> => {
    const message = parsed(line);
    const batch = Array.isArray(message) ? message : [message];
    const answers = await Promise.all(batch.map((each) => answerTo(each, server, open)));
    const given = answers.filter((answer) => answer !== null);
    if (given.length > 0) write(Array.isArray(message) ? given : (given[0] as Json));
  };
  const giveUp = (): void => {
    for (const stop of open.values()) stop.abort();
  };
  const lines$ = requestLines(server.input, server.output).pipe(
    tap({ complete: () => setTimeout(giveUp, limits.lastAnswersMs).unref() }),
  );
  await lastValueFrom(lines$.pipe(mergeMap(take)), { defaultValue: undefined });
}

function parsed(line: string | null): unknown {
  try {
    return isDeeper(line ?? '', limits.requestDepth) ? null : JSON.parse(line ?? '');
  } catch {
    return null;
  }
}

/** Null for what wants no answer: notifications, answers to us, and requests that were cancelled. */
async function answerTo(
  message: unknown,
  server: McpServer,
  open: Map<unknown, AbortController>,
): Promise<Json | null> {
  if (!isRecord(message)) return failure(null, errors.parse, 'not a JSON-RPC message');
  const { id, method } = message;
  if (typeof method !== 'string') return null;
  if (id === undefined) {
    if (method === 'notifications/cancelled') open.get(params(message).requestId)?.abort();
    return null;
  }
  if (typeof id !== 'string' && typeof id !== 'number')
    return failure(null, errors.invalid, 'an id is text or a number');
  if (open.has(id)) return failure(id, errors.invalid, 'this id is in use');
  if (open.size >= limits.openRequests) return failure(id, errors.internal, 'too many requests at once');
  const stop = new AbortController();
  open.set(id, stop);
  try {
    const result = await resultOf(method, params(message), server, stop.signal);
    return stop.signal.aborted ? null : { jsonrpc: '2.0', id, result };
  } catch (error) {
    const code = error instanceof RpcError ? error.code : errors.internal;
    return stop.signal.aborted ? null : failure(id, code, error instanceof Error ? error.message : String(error));
  } finally {
    open.delete(id);
  }
}

const params = ({ params }: Json): Json => (isRecord(params) ? params : {});
const isRecord = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const failure = (id: unknown, code: number, message: string): Json => ({
  jsonrpc: '2.0',
  id,
  error: { code, message },
});

async function resultOf(method: string, given: Json, server: McpServer, stop: AbortSignal): Promise<Json> {
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
