// YAML as kubectl reads it: version 1.1, where `0644` is octal and `on` is true, but without times and sexagesimals, which
// kubectl leaves as text, and with binary text. Numbers are those of sigs.k8s.io/yaml: what it makes of each form, kubectl's
// own answers are the measure.
import {
  Document,
  type DocumentOptions,
  type ParseOptions,
  type ScalarTag,
  type Schema,
  type SchemaOptions,
  type Tags,
} from 'yaml';
import { double, integer } from '../../model/text/json.ts';

const intForm = /^[-+]?(?:0[xX][0-9a-fA-F]+|0[bB][01]+|0[oO][0-7]+|0[0-7]*|[1-9][0-9]*)$/;
const floatForm = /^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/;

/** Null for what is no number to kubectl: text that looks like one, such as `0x` or a double out of range (`1e400`). */
export function numberOf(text: string): number | bigint | null {
  // A leading point is read by another way there, which knows no underscores.
  const plain = text.startsWith('.') ? text : text.replaceAll('_', '');
  if (intForm.test(plain)) {
    const digits = plain.replace(/^[-+]/, '').replace(/^0(?=[0-7]+$)/, '0o');
    const value = plain.startsWith('-') ? -BigInt(digits) : BigInt(digits);
    if (value >= -(2n ** 63n) && value < 2n ** 64n) return integer(value);
  }
  const value = floatForm.test(plain) ? Number(plain) : Number.NaN;
  return Number.isFinite(value) ? double(value) : null;
}

/** JSON has no text without quotes: there a number out of range is none at all. */
const numbers = (isJson: boolean): readonly ScalarTag[] => {
  const resolve = (text: string, fail: (message: string) => void): unknown => {
    const value = numberOf(text);
    if (value === null && isJson) fail(`${text} is beyond what a number can hold`);
    return value ?? text;
  };
  const stringify: ScalarTag['stringify'] = ({ value }) => String(value);
  const int: ScalarTag = {
    tag: 'tag:yaml.org,2002:int',
    default: true,
    identify: (value) => typeof value === 'bigint' || Number.isInteger(value),
    test: /^[-+]?(?:0[xX][0-9a-fA-F_]+|0[bB][01_]+|0[oO][0-7_]+|[0-9][0-9_]*)$/,
    resolve,
    stringify,
  };
  const float: ScalarTag = {
    tag: 'tag:yaml.org,2002:float',
    default: true,
    identify: (value) => typeof value === 'number',
    test: /^[-+]?(?:\.[0-9]+|[0-9][0-9_]*(?:\.[0-9_]*)?)(?:[eE][-+]?[0-9_]+)?$/,
    resolve: (text, fail) => {
      const value = resolve(text, fail);
      return typeof value === 'bigint' ? double(Number(value)) : value;
    },
    stringify,
  };
  const infinite: ScalarTag = {
    tag: 'tag:yaml.org,2002:float',
    default: true,
    test: /^(?:[-+]?\.(?:inf|Inf|INF)|\.nan|\.NaN|\.NAN)$/,
    resolve: (text, fail) => fail(`${text} cannot be said to a cluster: JSON has no such number`),
  };
  return [int, float, infinite];
};

const binary: ScalarTag = {
  tag: 'tag:yaml.org,2002:binary',
  resolve: (text) => Buffer.from(text, 'base64').toString('utf8'),
};

const replaced = /:(timestamp|binary|int|float)$/;

/** Options of the yaml library, for reading and for writing what kubectl reads. */
export const asKubectl = (isJson = false): ParseOptions & DocumentOptions & SchemaOptions => ({
  version: '1.1',
  merge: true,
  prettyErrors: false,
  // Told by src/config/yaml/structure.ts, in less time.
  uniqueKeys: false,
  // Warnings of the library would go to stderr by themselves.
  logLevel: 'error',
  customTags: (tags: Tags) => [
    ...tags.filter((tag) => typeof tag === 'string' || !replaced.test(tag.tag)),
    ...numbers(isJson),
    binary,
  ],
});

const schemas = new Map<boolean, Schema>();

/** The same for reading `text`: the library makes a schema for each document, which takes longer than to read a small one. */
export function toRead(text: string): ReturnType<typeof asKubectl> {
  const isJson = /^\s*[{[]/.test(text);
  const options = asKubectl(isJson);
  // Such a document may say that it is of another version.
  if (/^%/m.test(text)) return options;
  const schema = schemas.get(isJson) ?? new Document(null, options).schema;
  schemas.set(isJson, schema);
  return { ...options, schema };
}
