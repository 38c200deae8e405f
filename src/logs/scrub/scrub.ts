// Replaces secrets by `[redacted NAME:KEY]`. One pass however many secrets there are (Wu–Manber: the window jumps ahead
// wherever its last two characters end no secret), as every line of every log goes through here.
import type { Secret } from '../../model/log.ts';
import { withoutColours } from '../lines/ansi.ts';

export type Scrub = (text: string) => string;

/** Where there is nothing to hide: by this one it is known. */
export const nothingHidden: Scrub = (text) => text;

/** Shorter values occur by chance; what peers use. */
const shortest = 5;
/** Lines of a value of many lines: shorter ones (`debug: true`, a closing brace) are no secrets. */
const shortestLine = 16;

interface Found {
  readonly value: string;
  readonly shown: string;
}

/** Secrets → a function from text to the same text without them: raw, as a JSON string has them, and in base64. */
export function scrubber(secrets: Iterable<Secret>): Scrub {
  const found = new Map<string, Found>();
  for (const secret of secrets) {
    const shown = `[redacted ${plain(secret.name)}:${plain(secret.key)}]`;
    if (secret.isOurs && isPlainSetting(secret.value)) continue;
    for (const value of formsOf(secret.value)) if (!found.has(value)) found.set(value, { value, shown });
  }
  if (found.size === 0) return nothingHidden;
  return throughColours(finder([...found.values()].sort((a, b) => b.value.length - a.value.length)));
}

/** Colours may stand within a secret, and be taken away after this. A line that has one so loses its colours. */
const throughColours =
  (scrub: Scrub): Scrub =>
  (text) => {
    const shown = scrub(text);
    if (!shown.includes('\x1b')) return shown;
    const bare = withoutColours(shown);
    const hidden = scrub(bare);
    return hidden === bare ? shown : hidden;
  };

const plain = (name: string): string => name.replace(/[^\w.-]/g, '_').slice(0, 253);

/**
 * A word of fewer than eight lowercase letters (`admin`, `redis`) is left alone: it stands in half of all lines, and
 * replacing it hides the log without hiding a value anybody could not guess.
 */
const isCommonWord = (value: string): boolean => /^[a-z]{0,7}$/.test(value);

/** What env files and arguments say besides secrets: short words, small numbers, versions, `host:port`, addresses of this machine, images. */
const isPlainSetting = (value: string): boolean => plainSetting.test(value.trim()) || image.test(value.trim());
const plainSetting =
  /^(?:[a-z]{0,11}|[A-Z]{0,11}|\d{1,5}|\d+(?:\.\d+)+|[A-Za-z][\w.-]*:\d{1,5}|(?:https?:\/\/)?(?:localhost|127\.0\.0\.1)(?::\d+)?\/?)$/;
/** With their registry alone: without it `user:word` looks the same. */
const image =
  /^(?:localhost|[a-z\d-]{1,63}(?:\.[a-z\d-]{1,63})+|[a-z\d.-]{1,63}:\d{1,5})(?:\/[a-z\d][a-z\d._-]{0,39}){1,5}(?::[\w.-]{1,32})?$/;

function formsOf(value: string): readonly string[] {
  const trimmed = value.trim();
  if (Buffer.byteLength(trimmed) < shortest || isCommonWord(trimmed)) return [];
  const lines = trimmed.split(/\r?\n/);
  const parts =
    lines.length > 1
      ? lines.map((line) => line.trim()).filter((line) => line.length >= shortestLine && !line.startsWith('-----'))
      : [trimmed];
  const raw = lines.length > 1 ? [trimmed, ...parts] : parts;
  const escaped = raw.map((part) => JSON.stringify(part).slice(1, -1));
  return [...raw, ...escaped, ...encodedForms(value), ...encodedForms(trimmed)].filter((form) => form.length >= 2);
}

/** Fewer characters of base64 than these occur by chance. */
const shortestEncoded = 8;

/**
 * In base64 alone, and within something longer (`user:password` of an HTTP header): what stands before shifts it by a byte or two,
 * and of the characters at its edges what stands around it decides as well.
 */
function encodedForms(value: string): readonly string[] {
  const bytes = Buffer.from(value);
  const alone = bytes.toString('base64');
  const within = [0, 1, 2].map((before) => {
    const encoded = Buffer.concat([Buffer.alloc(before), bytes]).toString('base64');
    return encoded.slice(before === 0 ? 0 : before + 1, Math.floor(((before + bytes.length) * 8) / 6));
  });
  // Without padding, so that both ways of writing it are found.
  const forms = [alone.replace(/=+$/, ''), ...within.filter((form) => form.length >= shortestEncoded)];
  return forms.flatMap((form) => [form, form.replace(/\+/g, '-').replace(/\//g, '_')]);
}

function finder(found: readonly Found[]): Scrub {
  const window = Math.min(shortest, ...found.map(({ value }) => value.length));
  const shift = new Uint8Array(1 << 16).fill(window - 1);
  const ending = new Map<number, Found[]>();
  for (const each of found) {
    for (let end = 1; end < window; end++) {
      const pair = pairAt(each.value, end);
      shift[pair] = Math.min(shift[pair] as number, window - 1 - end);
      if (end < window - 1) continue;
      const same = ending.get(pair);
      if (same) same.push(each);
      else ending.set(pair, [each]);
    }
  }
  const at = (text: string, end: number): Found | undefined =>
    ending.get(pairAt(text, end))?.find(({ value }) => text.startsWith(value, end - window + 1));
  return (text) => replaced(text, window, shift, at);
}

const pairAt = (text: string, end: number): number =>
  ((text.charCodeAt(end - 1) * 257) ^ text.charCodeAt(end)) & 0xffff;

function replaced(
  text: string,
  window: number,
  shift: Uint8Array,
  at: (text: string, end: number) => Found | undefined,
): string {
  let out = '';
  let copied = 0;
  let end = window - 1;
  while (end < text.length) {
    const jump = shift[pairAt(text, end)] as number;
    if (jump > 0) {
      end += jump;
      continue;
    }
    const hit = at(text, end);
    if (!hit) {
      end++;
      continue;
    }
    const start = end - window + 1;
    out += text.slice(copied, start) + hit.shown;
    copied = start + hit.value.length;
    end = copied + window - 1;
  }
  return copied === 0 ? text : out + text.slice(copied);
}
