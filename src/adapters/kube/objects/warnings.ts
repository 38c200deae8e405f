// The header `Warning` of answers (RFC 7234, section 5.5): what the API server has to say beside the answer itself.
import { plainText } from '../failure.ts';
import type { Answer } from '../streams.ts';

/** `299 - "text"`, several in one header or in several; a date may follow. Quotes and backslashes in the text are escaped. */
const warning = /(\d{3}) [^\s,"]+ "((?:[^"\\]|\\.)*)"(?: "[^"]*")?/gs;

/** Texts with code 299, the only one that the API server uses and that kubectl shows. */
export function warningsOf({ headers }: Pick<Answer, 'headers'>): readonly string[] {
  // Node reads headers byte by byte; their text is UTF-8.
  const text = Buffer.from(String(headers.warning ?? ''), 'latin1').toString('utf8');
  return [...text.matchAll(warning)]
    .filter(([, code]) => code === '299')
    .map(([, , quoted = '']) => plainText(quoted.replace(/\\(.)/gs, '$1')))
    .filter((said) => said !== '');
}
