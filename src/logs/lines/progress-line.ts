// What a terminal would show of one line that is drawn over and over: progress goes back to the start of its line, erases it,
// or steps back over what it wrote.

const isMoved = /[\r\b]|\x1b\[[0-2]?[KG]/;

/** Is this piece of a line drawn over, or about to be? */
export const isDrawn = (line: string): boolean => isMoved.test(line);

/** The last state: what stands after the last return to the start that has something behind it. */
export function folded(line: string): string {
  if (!isMoved.test(line)) return line;
  const drawn = returning(line);
  const end = drawn.replace(/\r+$/, '').length;
  return steppedBack(drawn.slice(drawn.lastIndexOf('\r', end - 1) + 1, end));
}

/** Does something stand behind a return to the start? It takes the place of what was there. */
export const isRedrawn = (line: string): boolean => isMoved.test(line) && /\r[^\r]/.test(returning(line));

/** Erased as a whole, or up to here, or gone back to column 1: drawn anew. The rest of a line erased: nothing was there. */
const returning = (line: string): string => line.replace(/\x1b\[(?:[12]K|[01]?G)/g, '\r').replace(/\x1b\[0?K/g, '');

function steppedBack(text: string): string {
  if (!text.includes('\b')) return text;
  const shown: string[] = [];
  for (const char of text) {
    if (char === '\b') shown.pop();
    else shown.push(char);
  }
  return shown.join('');
}
