// Running text in a given width, broken between words.
import { columnsOf, widthOf } from '../paint/columns.ts';

/** Rows of at most `width` columns; a word longer than a row is broken, line ends are kept. */
export function wrapped(text: string, width: number): readonly string[] {
  if (text === '' || width < 2) return [];
  return text.split('\n').flatMap((line) => wrappedLine(line, width));
}

function wrappedLine(line: string, width: number): readonly string[] {
  const rows: string[] = [];
  let row = '';
  for (const word of line.split(' ')) {
    const joined = row === '' ? word : `${row} ${word}`;
    if (widthOf(joined) <= width) {
      row = joined;
      continue;
    }
    if (row !== '') rows.push(row);
    const columns = columnsOf(word);
    let from = 0;
    for (; columns.length - from > width; from += width) rows.push(columns.slice(from, from + width).join(''));
    row = columns.slice(from).join('');
  }
  if (row !== '' || rows.length === 0) rows.push(row);
  return rows;
}
