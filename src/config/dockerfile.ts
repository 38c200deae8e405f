// Which images a Dockerfile is made from: FROM, COPY --from and RUN --mount=from, with ARGs filled in and stages left out.
import { lookup } from '../model/lookup.ts';

/** References as written after substitution, each once. What depends on an ARG without a value is left out. */
export function basesOf(dockerfile: string, args: Readonly<Record<string, string>>): readonly string[] {
  const found = new Set<string>();
  const stages = new Set<string>();
  const global: Record<string, string | undefined> = {};
  let isGlobal = true;
  const add = (ref: string | undefined): void => {
    const image = ref === undefined ? '' : substitute(unquoted(ref), global);
    if (image !== '' && image !== 'scratch' && !stages.has(image.toLowerCase()) && !/^\d+$/.test(image))
      found.add(image);
  };
  for (const line of instructions(dockerfile)) {
    const [keyword = '', ...words] = line.split(/\s+/);
    const rest = words.filter((word) => !word.startsWith('--'));
    const flags = words.filter((word) => word.startsWith('--'));
    switch (keyword.toUpperCase()) {
      case 'ARG':
        if (isGlobal) for (const word of rest) declare(word, args, global);
        break;
      case 'FROM':
        isGlobal = false;
        add(rest[0]);
        if (rest[1]?.toUpperCase() === 'AS' && rest[2]) stages.add(rest[2].toLowerCase());
        break;
      case 'COPY':
      case 'RUN':
        for (const flag of flags) add(/^--(?:from=|mount=(?:\S*,)?from=)([^,]+)/.exec(flag)?.[1]);
    }
  }
  return [...found];
}

function declare(
  word: string,
  args: Readonly<Record<string, string>>,
  global: Record<string, string | undefined>,
): void {
  const equals = word.indexOf('=');
  const name = equals < 0 ? word : word.slice(0, equals);
  const fallback = equals < 0 ? undefined : substitute(unquoted(word.slice(equals + 1)), global);
  if (/^\w+$/.test(name) && name !== '__proto__') global[name] = lookup(args, name) ?? fallback;
}

const unquoted = (text: string): string => text.replace(/^(["'])(.*)\1$/, '$2');

/** `$X`, `${X}`, `${X:-default}`, `${X-default}`, `${X:+other}`; empty when a variable has no value. */
function substitute(text: string, values: Readonly<Record<string, string | undefined>>): string {
  let isOpen = false;
  const done = text.replace(/\$(?:(\w+)|\{(\w+)(?:(:?[-+])([^}]*))?\})/g, (_, plain, braced, sign, word = '') => {
    const value = Object.hasOwn(values, plain ?? braced) ? values[plain ?? braced] : undefined;
    const isSet = sign?.startsWith(':') ? !!value : value !== undefined;
    if (sign?.endsWith('+')) return isSet ? word : '';
    if (!isSet && sign === undefined) isOpen = true;
    return (isSet ? value : word) ?? '';
  });
  return isOpen ? '' : done;
}

/** Logical lines: continued ones joined, comments and here-documents left out. */
function instructions(dockerfile: string): string[] {
  const continued = /^\s*#\s*escape\s*=\s*`/im.test(dockerfile.split('\n').slice(0, 3).join('\n')) ? '`' : '\\';
  const lines: string[] = [];
  let open = '';
  let ends: string[] = [];
  for (const raw of dockerfile.split(/\r?\n/)) {
    if (ends.length > 0) {
      if (raw.replace(/^\t+/, '') === ends[0]) ends = ends.slice(1);
      continue;
    }
    const line = raw.trim();
    if (line === '' || line.startsWith('#')) continue;
    if (line.endsWith(continued)) {
      open += `${line.slice(0, -1)} `;
      continue;
    }
    lines.push(open + line);
    if (/^(RUN|COPY|ADD)\s/i.test(open + line))
      ends = [...(open + line).matchAll(/<<-?(["']?)(\w+)\1/g)].map(([, , end]) => end!);
    open = '';
  }
  return open === '' ? lines : [...lines, open];
}
