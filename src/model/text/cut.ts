// Texts cut to a bound: between characters as people see them, with a mark that counts what is missing.

/** Around the cut, in code units: longer than any character that means something (a family of emoji has 11). */
const around = 64;
/** Made when it is first needed: it loads tables for 20 ms. */
let segmenter: Intl.Segmenter | null = null;

/** Where to cut so that at most `most` code units are before it: never inside of a character, also one made of several code points. */
export function cutAt(text: string, most: number): number {
  if (text.length <= most) return text.length;
  const from = Math.max(0, most - around);
  let cut = 0;
  segmenter ??= new Intl.Segmenter();
  for (const { index } of segmenter.segment(text.slice(from, most + around))) {
    if (from + index > most) break;
    cut = from + index;
  }
  if (cut > from || from === 0) return cut;
  // One character without end (marks piled up): at least no code point is split.
  return isLow(text.charCodeAt(most)) && isHigh(text.charCodeAt(most - 1)) ? most - 1 : most;
}

const isHigh = (unit: number): boolean => unit >= 0xd800 && unit <= 0xdbff;
const isLow = (unit: number): boolean => unit >= 0xdc00 && unit <= 0xdfff;

/** Characters of a text: code points, as the count is compared with what other tools count. */
export function charactersOf(text: string): number {
  let count = text.length;
  for (let i = 1; i < text.length; i++) if (isLow(text.charCodeAt(i)) && isHigh(text.charCodeAt(i - 1))) count--;
  return count;
}

/** The same with both ends kept, where the end may say why: three quarters of it are the beginning. */
export function shortenedInside(text: string, most: number): string {
  if (text.length <= most) return text;
  const at = cutAt(text, Math.floor((most * 3) / 4));
  const end = cutAt(text, text.length - Math.floor(most / 4));
  return `${text.slice(0, at)} … [${charactersOf(text.slice(at, end))} more] … ${text.slice(end)}`;
}

/** At most `most` code units of it, and how many characters are missing: here and, `before`, where it comes from. */
export function shortened(text: string, most: number, before = 0): string {
  const at = cutAt(text, most);
  const missing = before + charactersOf(text.slice(at));
  if (missing === 0) return text;
  return `${text.slice(0, at)} … [${missing} more ${missing === 1 ? 'character' : 'characters'}]`;
}
