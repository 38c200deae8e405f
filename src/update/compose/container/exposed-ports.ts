// The ports of a service as an image exposes them: those it names, and those it publishes.
import type { ComposeService } from '../../../model/compose.ts';

/** As the Engine API takes them, each by itself: it knows no ranges (`3000-3002/udp`). */
export function exposedPorts({
  expose = [],
  ports = [],
}: Pick<ComposeService, 'expose' | 'ports'>): Readonly<Record<string, object>> | undefined {
  const keys = [...expose.flatMap(each), ...ports.map(({ target, protocol = 'tcp' }) => `${target}/${protocol}`)];
  return keys.length > 0 ? Object.fromEntries(keys.map((key) => [key, {}])) : undefined;
}

const most = 65_535;

function each(port: string): readonly string[] {
  const [range = '', protocol = 'tcp'] = port.split('/');
  const [first = '', last = first] = range.split('-');
  const from = Number(first);
  const length = Math.min(Number(last), most) - from + 1;
  // What is no range is for the daemon to refuse.
  if (!(length > 0)) return [`${range}/${protocol}`];
  return Array.from({ length }, (_, at) => `${from + at}/${protocol}`);
}
