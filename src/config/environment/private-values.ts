// Values that are the user's own business: what sluice itself says and writes is kept free of them, as a recording is what a report of
// a bug asks for. What a program prints is its own.
import type { Secret } from '../../model/log.ts';
import { isRecord } from '../../model/manifests/workload.ts';
import type { Variables } from './expand.ts';

export interface Given {
  /** The configuration with its variables filled in, of whatever shape. */
  readonly value: unknown;
  /** As it was written, where it still says which variables. */
  readonly written: unknown;
  /** What env files say, each by the name of its file. */
  readonly files: readonly (readonly [file: string, values: Readonly<Record<string, string>>])[];
  readonly own: Variables;
}

/** Of env files all, of `args`, `env` and `set` all, passwords in URLs, and variables that are called like a secret. */
export function privateValues({ value, written, files, own }: Given): readonly Secret[] {
  const found: Secret[] = [];
  const add = (name: string, key: string, text: unknown): void => {
    if (typeof text !== 'object' && text !== undefined) found.push({ name, key, value: String(text), isOurs: true });
  };
  const addAll = (name: string, values: unknown): void => {
    for (const [key, text] of Object.entries(isRecord(values) ? values : {})) add(name, key, text);
  };
  for (const [file, values] of files) addAll(file, values);
  const { images, local, kubernetes } = isRecord(value) ? value : {};
  for (const [ref, image] of entries(images)) addAll(ref, image.args);
  for (const [name, resource] of entries(local)) addAll(name, resource.env);
  const manifests = isRecord(kubernetes) && Array.isArray(kubernetes.manifests) ? kubernetes.manifests : [];
  for (const each of manifests) if (isRecord(each)) addAll('set', each.set);
  for (const text of [...textsIn(value), ...Object.values(own)])
    for (const [, user = '', password] of (text ?? '').matchAll(userinfo)) add('url', 'password', password ?? user);
  for (const text of textsIn(written))
    for (const [, name = ''] of text.matchAll(/\$\{([A-Za-z_]\w*)/g))
      if (isSecretName.test(name) && Object.hasOwn(own, name)) add('env', name, own[name]);
  return found;
}

/** `//user:password@` and, where that is all there is, `//token@`. */
const userinfo = /:\/\/([^/\s:@?#]*)(?::([^/\s@]*))?@/g;
const isSecretName = /PASS|SECRET|TOKEN|KEY|CRED|AUTH|PRIVATE/i;

const entries = (value: unknown): readonly (readonly [string, Readonly<Record<string, unknown>>])[] =>
  Object.entries(isRecord(value) ? value : {}).flatMap(([key, each]) => (isRecord(each) ? [[key, each] as const] : []));

function textsIn(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap(textsIn);
}
