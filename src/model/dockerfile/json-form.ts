// The words of an instruction in its JSON form: `COPY ["a b", "/c"]`.

/** Null for what is written otherwise. They are texts wherever a builder takes them. */
export function jsonWords(text: string): readonly unknown[] | null {
  if (!text.startsWith('[')) return null;
  try {
    const words: unknown = JSON.parse(text);
    return Array.isArray(words) ? words : null;
  } catch {
    return null;
  }
}
