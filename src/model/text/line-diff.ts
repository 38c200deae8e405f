// Two texts as a unified diff. Pure; bounded in what it compares, so that no text takes it long.
import { limits } from '../limits.ts';

type Line = { readonly is: ' ' | '-' | '+'; readonly text: string };

/** Hunks with three lines around them, '' where both are the same. */
export function lineDiff(before: string, after: string): string {
  const lines = compared(linesOf(before), linesOf(after));
  const changed = lines.flatMap(({ is }, i) => (is === ' ' ? [] : [i]));
  const hunks: [number, number][] = [];
  for (const at of changed) {
    const [from, to] = [Math.max(0, at - around), Math.min(lines.length, at + around + 1)];
    const last = hunks.at(-1);
    if (last && from <= last[1]) last[1] = to;
    else hunks.push([from, to]);
  }
  return hunks.map(([from, to]) => hunk(lines, from, to)).join('');
}

const around = 3;
const linesOf = (text: string): readonly string[] => (text === '' ? [] : text.replace(/\n$/, '').split('\n'));

function hunk(lines: readonly Line[], from: number, to: number): string {
  const start = (side: '-' | '+'): number => lines.slice(0, from).filter(({ is }) => is === ' ' || is === side).length;
  const own = lines.slice(from, to);
  const range = (side: '-' | '+'): string => {
    const count = own.filter(({ is }) => is === ' ' || is === side).length;
    return `${side}${start(side) + (count > 0 ? 1 : 0)},${count}`;
  };
  return `@@ ${range('-')} ${range('+')} @@\n${own.map(({ is, text }) => `${is}${text}\n`).join('')}`;
}

/** What is equal at both ends is left aside: most of it is. */
function compared(before: readonly string[], after: readonly string[]): readonly Line[] {
  let head = 0;
  while (head < before.length && head < after.length && before[head] === after[head]) head++;
  let tail = 0;
  const least = Math.min(before.length, after.length) - head;
  while (tail < least && before[before.length - 1 - tail] === after[after.length - 1 - tail]) tail++;
  const same = (text: string): Line => ({ is: ' ', text });
  return [
    ...before.slice(0, head).map(same),
    ...middle(before.slice(head, before.length - tail), after.slice(head, after.length - tail)),
    ...before.slice(before.length - tail).map(same),
  ];
}

/** By the longest common subsequence; what is too large for that is all gone and all new. */
function middle(before: readonly string[], after: readonly string[]): readonly Line[] {
  const all = (is: '-' | '+', texts: readonly string[]): Line[] => texts.map((text) => ({ is, text }));
  if (before.length * after.length > limits.diffCells) return [...all('-', before), ...all('+', after)];
  const width = after.length + 1;
  const common = new Uint32Array((before.length + 1) * width);
  for (let i = before.length - 1; i >= 0; i--)
    for (let j = after.length - 1; j >= 0; j--)
      common[i * width + j] =
        before[i] === after[j]
          ? common[(i + 1) * width + j + 1]! + 1
          : Math.max(common[(i + 1) * width + j]!, common[i * width + j + 1]!);
  const lines: Line[] = [];
  for (let [i, j] = [0, 0]; i < before.length || j < after.length; ) {
    if (i < before.length && j < after.length && before[i] === after[j]) {
      lines.push({ is: ' ', text: before[i]! });
      i++;
      j++;
    } else if (i < before.length && (j >= after.length || common[(i + 1) * width + j]! >= common[i * width + j + 1]!))
      lines.push({ is: '-', text: before[i++]! });
    else lines.push({ is: '+', text: after[j++]! });
  }
  return lines;
}
