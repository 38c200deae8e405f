// One request and its answers.
import type { Writable } from 'node:stream';
import { limits } from '../../../model/limits.ts';
import type { DiskPort, PlaceEntry, TreeEntry } from '../../../model/ports.ts';
import type { Answers } from './answers.ts';
import { sendFiles } from './chunks.ts';
import type { Marked } from './error-channel.ts';
import type { KnownPlaces } from './known-places.ts';
import { goLine, lookLines, type Packing, requestLines, type SyncRequest, whoLine } from './message.ts';
import { numbersOf, owned, ownersIn, placeEntryOf, placesOf, type Writer } from './owners.ts';

export type SyncAnswer =
  | { readonly is: 'ok'; readonly restarted: { readonly from: number; readonly to: number } | null }
  /** Files could not be put there: no permission, no space, read-only. `text` is what the far side said. */
  | { readonly is: 'files-failed'; readonly code: number; readonly text: string }
  | { readonly is: 'run-failed'; readonly run: number; readonly code: number }
  /** `unsupervised`: the container was not started under the supervisor. */
  | { readonly is: 'restart-failed'; readonly unsupervised: boolean }
  /** The connection was lost. `ran`: a run step may have begun, and asking again would run it twice. */
  | { readonly is: 'lost'; readonly ran: boolean; readonly because: string };

interface Exchange {
  readonly answers: Answers;
  readonly errors: Marked;
  readonly stdin: Writable;
  readonly packing: Packing;
  readonly writer: Writer;
  readonly known: KnownPlaces;
  ran: boolean;
}

/** Sends a request and its files, and gives what became of it. Output of run steps goes to `output`. */
export async function ask(
  exchange: Exchange,
  request: SyncRequest,
  disk: Pick<DiskPort, 'tar'>,
  output: (chunk: Uint8Array) => void,
): Promise<SyncAnswer> {
  let text = '';
  exchange.errors.to((chunk) => {
    text = (text + Buffer.from(chunk).toString('utf8')).slice(-limits.syncErrorBytes);
    output(chunk);
  });
  const places = await placeEntriesAt(placesOf(request), exchange);
  if (places === null) return { is: 'files-failed', code: 1, text: 'it does not tell whose its files are (stat, ls)' };
  const entryAt = (place: string) => places.get(place)!;
  const owners = await ownersOf(ownersIn(request, entryAt), exchange);
  const carried = owned(request, entryAt, exchange.writer, (owner) => owners.get(owner) ?? null);
  if (carried.is === 'foreign') return { is: 'files-failed', code: 1, text: carried.because };
  const marked = exchange.errors.mark();
  const files = await sendAll(exchange, request, carried.entries, disk);
  if (files !== 'files 0' && exchange.packing === 'cat') return { is: 'files-failed', code: 1, text: text.trim() };
  const answer = await afterFiles(exchange.answers, request);
  await marked;
  if (files === 'files 0') {
    exchange.known.carriedOut(request, carried.entries);
    return answer;
  }
  return { is: 'files-failed', code: Number(files.slice('files '.length)), text: text.trim() };
}

/** What stands at these places: as known from before, else asked for, some at a time. Null as `look` does. */
async function placeEntriesAt(
  places: readonly string[],
  exchange: Exchange,
): Promise<ReadonlyMap<string, PlaceEntry> | null> {
  const found = new Map<string, PlaceEntry>();
  const unknown: string[] = [];
  for (const place of places) {
    const known = exchange.known.get(place);
    if (known) found.set(place, known);
    else unknown.push(place);
  }
  for (let at = 0; at < unknown.length; at += limits.syncLooks) {
    const some = unknown.slice(at, at + limits.syncLooks);
    const entries = await look(some, exchange);
    if (entries === null) return null;
    for (const [i, place] of some.entries()) found.set(place, entries[i]!);
  }
  for (const place of unknown) exchange.known.set(place, found.get(place)!);
  return found;
}

/** Null where the container cannot tell, or its files changed meanwhile. */
async function look(places: readonly string[], exchange: Exchange): Promise<readonly PlaceEntry[] | null> {
  const { answers, stdin } = exchange;
  stdin.write(`${await sendLines(lookLines(places), exchange)}look\n`);
  const [what, kinds = ''] = (await answers.next(limits.syncAnswerMs)).split(' ');
  if (what !== 'look') throw new Error(`unexpected answer ${JSON.stringify(what)}`);
  const entries: (PlaceEntry | null)[] = [];
  for (let line = ''; entries.length <= places.length; ) {
    line = await answers.next(limits.syncAnswerMs);
    if (line === 'looked') break;
    entries.push(placeEntryOf(kinds[entries.length] ?? '', line));
  }
  const isWhole = entries.length === places.length && entries.every((each) => each !== null);
  return isWhole ? (entries as PlaceEntry[]) : null;
}

/** The numbers of these owners, without those that nobody in the container has. */
async function ownersOf(named: readonly string[], { answers, stdin }: Exchange): Promise<ReadonlyMap<string, Writer>> {
  const found = new Map<string, Writer>();
  for (const owner of named) {
    stdin.write(whoLine(owner));
    const numbers = numbersOf((await answers.next(limits.syncAnswerMs)).replace(/^who /, ''));
    if (numbers) found.set(owner, numbers);
  }
  return found;
}

/** Resolves with the answer that follows the files. */
async function sendAll(
  exchange: Exchange,
  request: SyncRequest,
  entries: readonly TreeEntry[],
  disk: Pick<DiskPort, 'tar'>,
): Promise<string> {
  const { answers, stdin, packing } = exchange;
  let head = `${await sendLines(requestLines(request), exchange)}${goLine(entries, packing)}`;
  let early: string | null = null;
  const send = async (chunk: Uint8Array) => {
    if (early !== null) return;
    // The head goes out together with the first chunk: one packet, one round trip.
    stdin.write(head === '' ? chunk : Buffer.concat([Buffer.from(head), chunk]));
    head = '';
    const answer = await answers.next(limits.syncAnswerMs);
    if (answer !== '.') early = answer;
  };
  const hasFiles = entries.length > 0;
  exchange.ran = request.runs.length > 0 && !hasFiles;
  await sendFiles(entries, packing, disk, send);
  if (!hasFiles) stdin.write(head);
  else if (packing === 'cat' && early === null) stdin.write('end\n');
  // The new process may end at once, and the container with it: another way would only do the same again.
  exchange.ran = request.runs.length > 0 || (request.restart !== null && hasFiles);
  const answer = early ?? (await answers.next(limits.syncAnswerMs));
  if (!answer.startsWith('files ')) throw new Error(`unexpected answer ${JSON.stringify(answer)}`);
  return answer;
}

/** Many lines go ahead in blocks; few are given back, to go out with the first chunk. */
async function sendLines(lines: readonly string[], { answers, stdin }: Exchange): Promise<string> {
  let block = '';
  for (const line of lines) {
    block += `${line}\n`;
    if (block.length < limits.syncChunkBytes) continue;
    await sendBlock(block);
    block = '';
  }
  if (block.length <= limits.syncHeadBytes) return block;
  await sendBlock(block);
  return '';

  async function sendBlock(text: string): Promise<void> {
    const bytes = Buffer.from(text);
    stdin.write(Buffer.concat([Buffer.from(`b ${bytes.length}\n`), bytes]));
    const answer = await answers.next(limits.syncAnswerMs);
    if (answer !== '.') throw new Error(`unexpected answer ${JSON.stringify(answer)}`);
  }
}

async function afterFiles(answers: Answers, request: SyncRequest): Promise<SyncAnswer> {
  let answer: SyncAnswer = { is: 'ok', restarted: null };
  for (;;) {
    // A run step takes as long as it takes; a lost connection ends the wait.
    const ms = request.runs.length > 0 ? null : limits.syncAnswerMs;
    const [what, a, b, c] = (await answers.next(ms)).split(' ');
    if (what === 'done') return answer;
    if (what === 'run' && b !== '0') answer = { is: 'run-failed', run: Number(a), code: Number(b) };
    if (what === 'restart' && a !== '0') answer = { is: 'restart-failed', unsupervised: a === '1' };
    if (what === 'restart' && a === '0') answer = { is: 'ok', restarted: { from: Number(b), to: Number(c) } };
  }
}
