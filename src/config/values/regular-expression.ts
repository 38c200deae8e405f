// Regular expressions of the user's, and why one is none: the words of the engine are its own business.

/** Null where it can be used. */
export function expressionFault(source: string): string | null {
  try {
    new RegExp(source);
    return null;
  } catch (error) {
    const said = (error as Error).message.split(': ').at(-1) ?? '';
    return words.find(([form]) => form.test(said))?.[1] ?? 'it cannot be read';
  }
}

const words: readonly (readonly [RegExp, string])[] = [
  [/unterminated group/i, 'a ( is never closed'],
  [/unmatched '\)'/i, 'a ) closes nothing'],
  [/unterminated character class/i, 'a [ is never closed'],
  [/nothing to repeat/i, 'a *, + or ? stands where there is nothing to repeat'],
  [/lone quantifier brackets|incomplete quantifier/i, 'a { stands where there is nothing to repeat'],
  [/numbers out of order/i, 'the numbers in {} are in the wrong order'],
  [/range out of order/i, 'a range in [] is in the wrong order'],
  [/\\ at end of pattern/i, 'it ends with a backslash that escapes nothing'],
  [/invalid group/i, 'what follows a (? is unknown'],
  [/invalid capture group name|invalid named/i, 'the name of a group cannot be read'],
  [/duplicate capture group/i, 'two groups have one name'],
];

/** To match a text that is meant as it stands. */
export const escapeHint = 'a regular expression as in JavaScript; \\ before a character takes it as it is';
