// Volumes and ports written shortly.
import { isIP } from 'node:net';
import { posix } from 'node:path';
import { bool, bytes, type Form, mode, pairs, table, text, type Values, type Writing } from './forms.ts';
import { amountIn, bareAmountIn } from './numbers.ts';
import { pathFrom } from './quantities.ts';

const longVolume = table({
  type: text,
  source: text,
  target: text,
  read_only: bool,
  consistency: text,
  bind: table({ selinux: text, propagation: text, create_host_path: bool, recursive: text }),
  volume: table({ labels: pairs(''), nocopy: bool, subpath: text }),
  tmpfs: table({ size: bytes, mode: bareAmountIn(32) }),
  image: table({ subpath: text }),
});

export const volume: Form = (value, writing) => {
  if (typeof value === 'string') return shortVolume(value, writing);
  const is = longVolume(value, writing) as Values;
  if (is.type === 'bind' && typeof is.source === 'string') is.source = pathFrom(writing.dir, is.source);
  if (typeof is.target === 'string') is.target = cleaned(is.target);
  return is;
};

const propagations = ['rprivate', 'private', 'rshared', 'shared', 'rslave', 'slave'];

/** `[SOURCE:]TARGET[:OPTION,…]`; a source that begins as a path does is one of the host. */
function shortVolume(given: string, writing: Writing): Values {
  // Compose takes so short a path before it looks at any more of it; its hash of the service depends on that.
  if (given.length === 1 || given.length === 2) return { type: 'volume', target: cleaned(given) };
  const [first = '', second, ...rest] = fieldsOf(given);
  if ([first, second, ...rest].includes('') || rest.length > 1) {
    writing.fail(`"${given.slice(0, 80)}" is no volume`, 'write SOURCE:TARGET, or SOURCE:TARGET:ro');
    return { type: 'volume', target: given };
  }
  if (second === undefined) return { type: 'volume', target: cleaned(first), volume: {} };
  const options = (rest[0] ?? '').split(',');
  const isBind = /^(?:[./~]|\\\\|\p{L}:)/u.test(first);
  const selinux = options.findLast((option) => option === 'z' || option === 'Z');
  const propagation = options.findLast((option) => propagations.includes(option));
  const bind = { ...(selinux ? { selinux } : {}), ...(propagation ? { propagation } : {}) };
  return {
    type: isBind ? 'bind' : 'volume',
    source: isBind ? pathFrom(writing.dir, first) : first,
    target: cleaned(second),
    ...(options.includes('ro') ? { read_only: true } : {}),
    ...(isBind || selinux || propagation ? { bind } : {}),
    ...(isBind ? {} : { volume: options.includes('nocopy') ? { nocopy: true } : {} }),
  };
}

/** One letter alone before a colon is a drive to Compose, on each system: no volume has a name of one letter here. */
function fieldsOf(text: string): string[] {
  const fields: string[] = [];
  for (const part of text.split(':')) {
    const before = fields.at(-1);
    if (before !== undefined && /^\p{L}$/u.test(before)) fields[fields.length - 1] = `${before}:${part}`;
    else fields.push(part);
  }
  return fields;
}

/** As Go's path.Clean has it. */
const cleaned = (target: string): string => (target === '' ? '' : posix.normalize(target).replace(/(?<=.)\/$/, ''));

const address: Form = (value, writing) => {
  const given = String(value);
  if (isIP(given) === 0)
    writing.fail(`"${given.slice(0, 80)}" is no address`, 'write one of the machine, or none for all');
  return given;
};

const longPort = table({
  name: text,
  mode: text,
  host_ip: address,
  target: amountIn(32),
  // A text and a number are not the same port to Compose until all files are one.
  published: (value, writing) => (typeof value === 'number' ? value : text(value, writing)),
  protocol: text,
  app_protocol: text,
});

export const port: Form = (value, writing) =>
  typeof value === 'object' ? longPort(value, writing) : shortPort(String(value), writing);

/** `[[IP:]HOST:]CONTAINER[/PROTOCOL]`, each of them perhaps a range: one port for each of it. */
function shortPort(given: string, writing: Writing): Values[] {
  const [, ip = '', host, container, protocol = 'tcp'] =
    /^(?:(?:(.*):)?([^:]*):)?([^:/]+)(?:\/(tcp|udp|sctp)?)?$/i.exec(given) ?? [];
  const [to, from] = [rangeOf(container ?? ''), host ? rangeOf(host) : null];
  const isOne = to !== null && to[0] === to[1];
  if (!to?.[0] || (host && (from === null || (!isOne && from[1] - from[0] !== to[1] - to[0])))) {
    writing.fail(`"${given.slice(0, 80)}" is no port`, 'write HOST:CONTAINER, both from 1 to 65535');
    return [];
  }
  const host_ip = ip === '' ? '' : String(address(ip.replace(/^\[(.*)\]$/, '$1'), writing));
  return Array.from({ length: to[1] - to[0] + 1 }, (_, i) => ({
    mode: 'ingress',
    ...(host_ip ? { host_ip } : {}),
    target: to[0] + i,
    ...(from ? { published: isOne && from[0] !== from[1] ? `${from[0]}-${from[1]}` : String(from[0] + i) } : {}),
    protocol: protocol.toLowerCase(),
  }));
}

function rangeOf(given: string): [number, number] | null {
  const [, first, last] = /^(\d+)(?:-(\d+))?$/.exec(given) ?? [];
  const range: [number, number] = [Number(first), Number(last ?? first)];
  return first !== undefined && range[0] <= range[1] && range[1] <= 65_535 ? range : null;
}

const longMount = table({ source: text, target: text, uid: text, gid: text, mode });

/** Of a secret or config. */
export const fileMount: Form = (value, writing) =>
  longMount(typeof value === 'string' ? { source: value } : value, writing);

const longDevice = table({ source: text, target: text, permissions: text });

/** `/dev/x[:/dev/y[:rwm]]` */
export const device: Form = (value, writing) => {
  if (typeof value !== 'string') {
    const is = longDevice(value, writing) as Values;
    if (!is.target) writing.fail('this device has no target', 'target: is its path in the container');
    return is;
  }
  const [source, target, permissions = 'rwm', ...rest] = value.split(':');
  if (rest.length > 0) writing.fail(`"${value.slice(0, 80)}" is no device`, 'write SOURCE:TARGET:rwm');
  return { source, target: target || source, permissions };
};
