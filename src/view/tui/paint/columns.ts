// Text as terminal columns: one entry a column, '' behind a wide character. Terminals disagree about clusters of code
// points (joined emoji, flags, combining marks), so a cluster is cut to its base and padded to its width: no terminal
// can then move what stands to the right of it.
import stringWidth from 'string-width';
import { invisible } from '../../../model/text/invisible.ts';

const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' });
const ascii = /^[\x20-\x7e]*$/;
/** Code points that join others: marks, joiners, variation selectors, regional indicators, skin tones, jamo, keycaps. */
const clusters =
  /\p{M}|\u200c|\u200d|\ufe0e|\ufe0f|[\u{1f1e6}-\u{1f1ff}]|[\u{1f3fb}-\u{1f3ff}]|[\u1100-\u11ff\ua960-\ua97c\ud7b0-\ud7fb]/u;

const startsUnseen = new RegExp(`^(?:${invisible.source})`);

/** Clusters seen so far; a log speaks few scripts, and a hostile one must not fill memory. */
const cacheSize = 8_192;
const cache = new Map<string, readonly string[]>();

function measure(cluster: string): readonly string[] {
  if (startsUnseen.test(cluster)) return [];
  const width = stringWidth(cluster);
  if (width === 0) return [];
  const base = String.fromCodePoint(cluster.codePointAt(0)!);
  // A lone regional indicator is one column here and two there.
  if (base >= '\u{1f1e6}' && base <= '\u{1f1ff}' && base.length === 2)
    return ['□', ...Array<string>(width - 1).fill(' ')];
  const own = cluster === base ? width : stringWidth(base);
  if (own === 0) return [];
  const cells = own === 2 ? [base, ''] : [base];
  while (cells.length < width) cells.push(' ');
  return cells;
}

/** The columns of one grapheme; none for what cannot be seen (controls, direction marks, joiners). */
function cellsOf(cluster: string): readonly string[] {
  const known = cache.get(cluster);
  if (known) return known;
  if (cache.size >= cacheSize) cache.clear();
  const cells = measure(cluster);
  cache.set(cluster, cells);
  return cells;
}

export const isWide = (cell: string): boolean => cell > '\u10ff' && cellsOf(cell).length === 2;

/** Graphemes of a text, only segmented where a cluster is possible (segmenting costs a microsecond a character). */
function graphemes(text: string): Iterable<string> {
  if (!clusters.test(text)) return text;
  return Array.from(segmenter.segment(text.normalize('NFC')), (part) => part.segment);
}

/** Appends the columns of `text` to `into`; a tab goes to the next multiple of eight. */
export function pushColumns(into: string[], text: string): void {
  if (ascii.test(text)) {
    for (let i = 0; i < text.length; i++) into.push(text[i]!);
    return;
  }
  for (const cluster of graphemes(text)) {
    if (cluster === '\t') into.push(...Array<string>(8 - (into.length % 8)).fill(' '));
    else if (cluster.length === 1 && cluster >= ' ' && cluster <= '~') into.push(cluster);
    else into.push(...cellsOf(cluster));
  }
}

export function columnsOf(text: string): string[] {
  const columns: string[] = [];
  pushColumns(columns, text);
  return columns;
}

export const widthOf = (text: string): number => (ascii.test(text) ? text.length : columnsOf(text).length);

/** `text` cut to `width` columns, its end replaced by an ellipsis where it is longer. */
export function fit(text: string, width: number): string {
  if (width <= 0) return '';
  if (text.length <= width && ascii.test(text)) return text;
  const columns = columnsOf(text);
  if (columns.length <= width) return columns.join('');
  const end = columns[width - 1] === '' ? width - 2 : width - 1;
  return `${columns.slice(0, end).join('')}…`;
}
