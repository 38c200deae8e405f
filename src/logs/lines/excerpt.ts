// The part of a log that explains an end: the line that matters first, not the last lines of a stack.
import type { LogLevel } from '../../model/log.ts';
import { levelOf } from './level.ts';

interface Line {
  readonly text: string;
  readonly level?: LogLevel;
}

/** Lines that go on with the one above: frames, causes, what is indented. */
const continues =
  /^(?:\s|$|at |\.\.\. \d+|Caused by|Require stack|goroutine \d|created by |[\w./()*-]+\(.*\)$|note: |\[signal |exit status|Node\.js v|[{}\]^~])/;
/** Heads that only announce: what happened is said at the end of the block (Python), or in the next line (Node). */
const announces =
  /^(?:Traceback \(most recent call last\)|During handling of|The above exception|node:internal\/|\S+:\d+$)/;
const names = /^\S{0,120}(?:Error|Exception|Exit|Interrupt)(?: \[[^\]]{1,40}\])?(?::|$)/;

/**
 * At most `most` lines, in their order but for the first: that is the head of the last block of errors. Where all cannot be shown, its
 * beginning and the end of the log are, with a line between that counts what was left out. Without an error: the last lines.
 */
export function excerpt(lines: readonly Line[], most: number): readonly string[] {
  if (most <= 0) return [];
  const texts = lines.map(({ text }) => text);
  const isError = (i: number): boolean => (lines[i]?.level ?? levelOf(texts[i] ?? '')) === 'error';
  const lastError = lines.findLastIndex((_, i) => isError(i));
  if (lastError === -1) return texts.slice(-most);
  let start = lastError;
  for (let i = lastError - 1; i >= 0 && (isError(i) || continues.test(texts[i] ?? '')); i--) if (isError(i)) start = i;
  const block = texts.slice(placed(texts, start));
  const head = headOf(block);
  const ordered = [block[head] as string, ...block.slice(0, head), ...block.slice(head + 1)];
  if (ordered.length <= most) return ordered;
  if (most < 3) return ordered.slice(0, most);
  // One line goes to the mark.
  const first = Math.ceil((most - 1) / 2);
  const rest = most - 1 - first;
  const left = ordered.length - first - rest;
  return [...ordered.slice(0, first), `… ${left} more lines …`, ...ordered.slice(ordered.length - rest)];
}

/** Where the block begins with the place that Node prints above an error: `FILE:LINE`, the line itself, a caret, an empty line. */
function placed(texts: readonly string[], start: number): number {
  const isDrawn = /^\s*\^+\s*$/.test(texts[start - 2] ?? '') && texts[start - 1]?.trim() === '';
  return isDrawn && /^(?!node:)\S+:\d+$/.test(texts[start - 4] ?? '') ? start - 4 : start;
}

function headOf(block: readonly string[]): number {
  if (!announces.test(block[0] ?? '')) return 0;
  return Math.max(
    0,
    block.findLastIndex((text) => names.test(text)),
  );
}
