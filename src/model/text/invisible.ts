// Characters that nobody sees and that change what is read: directions, joiners, separators, tags, and controls of terminals. Names and
// messages that hold them look like others, or hide what stands beside them.

/** Of one code unit, as the inside of a class: C0 but tab and line feed, C1, then what Unicode has of format characters and separators. */
const controlUnits = '\\x00-\\x08\\x0b-\\x1f\\x7f-\\x9f';
const formatUnits = '\\u061c\\u180e\\u200b-\\u200f\\u2028-\\u202e\\u2060-\\u206f\\ufeff\\ufff9-\\ufffb';
/** Tags and the variation selectors beyond the first sixteen, U+E0000 to U+E01FF: text that is not shown at all. */
const tags = '\\udb40[\\udc00-\\uddff]';

/** All of it. Without `g`: `test` keeps no place. */
export const invisible = new RegExp(`[${controlUnits}${formatUnits}]|${tags}`);
const each = new RegExp(invisible.source, 'g');
const format = new RegExp(`[${formatUnits}]|${tags}`, 'g');

/** Spelled out, so that two names never look the same: `\x1b`, `\u202e`, `\u{e0041}`. */
export const spelled = (text: string): string => replaced(text, each, spelling);

/** Format characters spelled out, controls as they are. */
export const withSpelledFormat = (text: string): string => replaced(text, format, spelling);

/** Format characters taken out, as controls are from output. */
export const withoutFormat = (text: string): string => replaced(text, format, () => '');

/** All but the joiners of emoji (a family is several people), which people do write. */
const replaced = (text: string, what: RegExp, by: (char: string) => string): string =>
  text.replace(what, (char, at: number) => (char === '\u200d' && joinsEmoji(text, at) ? char : by(char)));

const joinsEmoji = (text: string, at: number): boolean =>
  /(?:\p{Extended_Pictographic}|\p{Emoji_Modifier}|\ufe0f)$/u.test(text.slice(Math.max(0, at - 2), at)) &&
  /^\p{Extended_Pictographic}/u.test(text.slice(at + 1, at + 3));

function spelling(char: string): string {
  const code = char.codePointAt(0) as number;
  if (code < 256) return `\\x${code.toString(16).padStart(2, '0')}`;
  return code > 0xffff ? `\\u{${code.toString(16)}}` : `\\u${code.toString(16).padStart(4, '0')}`;
}
