// What is wrong with a value by the schema, in the words of sluice.yaml, and how it is written instead.
import type { z } from 'zod';
import { shortened } from '../../model/text/cut.ts';
import { nearest } from '../../model/text/nearest.ts';
import { dotted, type Path } from '../yaml/document.ts';
import { keysAt } from './known-keys.ts';

export type Issue = z.core.$ZodIssue;

export interface Words {
  readonly what: string;
  readonly hint?: string;
}

/** `issue.path` is that of the value; unknown keys are told by src/config/schema/known-keys.ts. */
export function wordsOf(issue: Issue): Words {
  const path = issue.path as Path;
  const { what, hint } = said(issue, path);
  return { what: path.length > 0 ? `${dotted(path)}: ${what}` : what, ...(hint ? { hint } : {}) };
}

function said(issue: Issue, path: Path): Words {
  if (issue.code !== 'unrecognized_keys' && issue.input === null) return nothing(path);
  switch (issue.code) {
    case 'invalid_type':
      return issue.input === undefined ? missing(path) : typeWords([issue.expected], issue.input, path);
    case 'invalid_union':
      return typeWords(expectedBy(issue), issue.input, path);
    case 'invalid_value':
      return choice(issue.values.map(String), issue.input);
    case 'too_small':
      return issue.origin === 'string'
        ? { what: 'must not be empty', hint: 'give it a value, or take the key out' }
        : { what: `must be at least ${issue.minimum}, not ${shown(issue.input)}` };
    case 'too_big':
      if (issue.origin === 'string') return { what: `must be at most ${issue.maximum} characters` };
      return { what: `must be at most ${issue.maximum}, not ${shown(issue.input)}` };
    case 'invalid_key':
      return keyWords(issue, String(path.at(-1) ?? ''));
    default: {
      const hint = (issue as { params?: { hint?: string } }).params?.hint;
      const isAsked = issue.message.startsWith('expected') && typeof issue.input !== 'object';
      const value = isAsked ? `, not ${shown(issue.input)}` : '';
      return { what: `${issue.message}${value}`, ...(hint ? { hint } : {}) };
    }
  }
}

function keyWords(issue: Extract<Issue, { code: 'invalid_key' }>, key: string): Words {
  if (key === '') return { what: 'a name is empty', hint: 'write one before the colon' };
  const meant = key.replace(/[^A-Za-z0-9._-]+/g, '-').replace(/^[^A-Za-z0-9]+|[^A-Za-z0-9]+$/g, '');
  const hint = path(issue).includes('env')
    ? 'letters, digits and _, no digit first'
    : meant && meant !== key
      ? `did you mean ${meant}?`
      : undefined;
  return { what: issue.issues[0]?.message ?? 'this cannot be a name', ...(hint ? { hint } : {}) };
}

const path = (issue: Issue): Path => issue.path as Path;

const nothing = (path: Path): Words => ({
  what: 'has no value',
  hint: `write one${isKey(path) ? ', or take the key out' : ''}`,
});

const isKey = (path: Path): boolean => typeof path.at(-1) === 'string';

const missing = (path: Path): Words => ({ what: 'is missing', hint: `write ${path.at(-1)}: …` });

function choice(values: readonly string[], input: unknown): Words {
  const near = typeof input === 'string' ? nearest(input, values) : null;
  return {
    what: `expected ${either(values)}, not ${shown(input)}`,
    ...(near === null ? {} : { hint: `did you mean ${near}?` }),
  };
}

/** Of a union that nothing fits, every kind of value it takes. */
const expectedBy = (issue: Extract<Issue, { code: 'invalid_union' }>): readonly string[] => [
  ...new Set(
    issue.errors.flatMap((errors) =>
      errors.flatMap((error) =>
        error.code === 'invalid_type' ? [error.expected] : error.code === 'invalid_union' ? expectedBy(error) : [],
      ),
    ),
  ),
];

function typeWords(expected: readonly string[], input: unknown, path: Path): Words {
  if (expected.length === 0) return { what: `cannot be ${shown(input)}` };
  const hint = hintFor(new Set(expected), input, path);
  const isText = typeof input === 'string' && input !== '' && !expected.includes('string');
  const what = `expected ${either([...new Set(expected.map((each) => names[each] ?? each))])}, not ${isText ? 'the text ' : ''}${shown(input)}`;
  return { what, ...(hint === null ? {} : { hint }) };
}

function hintFor(expected: ReadonlySet<string>, input: unknown, path: Path): string | null {
  const key = isKey(path) ? `${path.at(-1)}: ` : '';
  const isPlain = typeof input !== 'object';
  const text = isPlain ? shortened(String(input), 40) : '';
  if (expected.has('array')) return isPlain ? `a list: ${key}[${text}]` : 'a list has a dash before each of its values';
  if (expected.has('object') || expected.has('record')) {
    const known = keysAt(path);
    const glued = typeof input === 'string' ? spaceMissing(input, known) : null;
    if (glued !== null) return glued;
    if (Array.isArray(input) && input.some((each) => typeof each === 'string' && /^\w+=/.test(each)))
      return 'write NAME: "value" for each NAME=value';
    return known.length > 0 ? `its keys: ${known.join(', ')}` : 'write names, each with a colon and what belongs to it';
  }
  if (expected.has('string') && expected.size === 1 && isPlain) return `quote it: ${key}"${text}"`;
  if (expected.has('string') && Array.isArray(input) && input.every((each) => typeof each === 'string'))
    return `one text: ${key}${shortened(input.join(' '), 60)}`;
  if (expected.has('boolean') && typeof input === 'string') return booleanHint(input);
  if ((expected.has('number') || expected.has('int')) && typeof input === 'string' && /^\s*\d+\s*$/.test(input))
    return `write it without quotes: ${key}${input.trim()}`;
  return expected.has('string') && !isPlain ? `write one value${key ? `: ${key}"…"` : ''}` : null;
}

/** `cmd:x` is a text to YAML. */
function spaceMissing(text: string, known: readonly string[]): string | null {
  const [, key = '', value = ''] = /^([\w.-]+):(\S.*)$/.exec(text) ?? [];
  return known.includes(key) ? `a space is missing after the colon: ${key}: ${shortened(value, 40)}` : null;
}

function booleanHint(input: string): string {
  const value = /^(true|yes|on|y)$/i.test(input) ? 'true' : /^(false|no|off|n)$/i.test(input) ? 'false' : null;
  return value === null ? 'write true or false' : `write ${value}, without quotes`;
}

const names: Readonly<Record<string, string>> = {
  array: 'a list',
  object: 'a map of keys',
  record: 'a map of keys',
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
};

export const either = (words: readonly string[]): string =>
  words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;

export function shown(input: unknown): string {
  if (Array.isArray(input)) return 'a list';
  if (input === null) return 'nothing';
  if (typeof input === 'object') return 'a map of keys';
  if (input === '') return 'an empty text';
  return shortened(String(input), 60);
}
