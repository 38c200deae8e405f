// Local resources: commands and servers on this machine.
import { resolve } from 'node:path';
import type { FileSet, LocalSpec, Probe } from '../model/config.ts';
import { matcher } from '../model/fileset.ts';
import { limits } from '../model/limits.ts';
import { shortened } from '../model/text/cut.ts';
import type { Loading } from './load-context.ts';
import type { Report } from './report.ts';
import type { RawLocal, RawProbe } from './schema/schema.ts';
import { duration } from './values/duration.ts';
import { filesAt, type Ignoring } from './values/fileset.ts';
import { type Place, placesOf } from './values/place.ts';
import { isPort } from './values/port.ts';
import { escapeHint, expressionFault } from './values/regular-expression.ts';
import { dotted, type Path } from './yaml/document.ts';

export type LocalPart = Pick<LocalSpec, 'kind' | 'cmd' | 'serve' | 'dir' | 'env' | 'files' | 'ready' | 'restart'>;

export async function local(name: string, raw: RawLocal, loading: Loading): Promise<LocalPart> {
  const { dir, env, ignore, configuration, report } = loading;
  const path: Path = ['local', name];
  const { cmd = null, serve = null } = raw;
  if (cmd === null && serve === null && !report.has(path))
    report.add('S103', path, `${name} has neither cmd nor serve`, 'cmd runs and ends, serve is kept running', 'key');
  for (const key of ['ready', 'restart'] as const)
    if (raw[key] !== undefined && serve === null)
      report.add(
        'S103',
        [...path, key],
        `${key} of ${name} has no meaning without serve`,
        'a command is done when it has ended',
        'key',
      );
  const own = Object.fromEntries(Object.entries(raw.env ?? {}).map(([key, value]) => [key, String(value)]));
  return {
    kind: 'local',
    cmd,
    serve,
    dir: resolve(dir, raw.dir ?? '.'),
    env: { ...env, ...own },
    files: await withLinks(
      await placesOf(dir, raw.deps ?? [], loading),
      { dir, rules: [raw.ignore ?? [], ignore], configuration },
      loading,
    ),
    ready: raw.ready ? probe(raw.ready, [...path, 'ready'], report) : null,
    restart: raw.restart ?? 'no',
  };
}

/** Beyond it a link is only a file. */
const linksBehindLinks = 5;

/** With what links within them lead to: a command that reads its files follows them, unlike a build. */
async function withLinks(places: readonly Place[], ignoring: Ignoring, { disk, reads }: Loading): Promise<FileSet> {
  let all = places;
  for (let depth = 0; depth < linksBehindLinks; depth++) {
    const files = filesAt(all, ignoring);
    const links = await disk.links(files);
    const found = await Promise.all(links.map(async (given) => ({ given, glob: null, ...(await disk.follow(given)) })));
    const { has, mayDescend } = matcher({ ...files, filters: [] });
    // What lies below a root belongs to it or was left out; what is above one would lead round in a circle.
    const beyond = found.filter(({ real }) => !has(real) && !mayDescend(real));
    if (beyond.length === 0) break;
    for (const link of beyond.flatMap((place) => place.links)) reads.add(link);
    all = [...all, ...beyond];
  }
  return filesAt(all, ignoring);
}

const forms = ['http', 'tcp', 'exec', 'log'] as const;

function probe(raw: RawProbe, path: Path, report: Report): Probe | null {
  const given = forms.filter((form) => raw[form] !== undefined);
  if (given.length !== 1) {
    if (!report.has(path))
      report.add(
        'S103',
        path,
        given.length === 0 ? 'ready says nothing to look at' : `ready has ${given.join(' and ')}`,
        'give one of http, tcp, exec, log',
      );
    return null;
  }
  const every = duration(raw.every ?? limits.probeEveryMs);
  const times = {
    // Without a pause a probe would run all the time.
    everyMs: Math.max(every ?? 0, 10),
    timeoutMs: Math.max(duration(raw.timeout ?? limits.probeTimeoutMs) ?? 0, 10),
    failures: raw.failures ?? limits.probeFailures,
  };
  if (raw.http !== undefined)
    return httpUrl(raw.http, [...path, 'http'], report) ? { ...times, is: 'http', url: raw.http } : null;
  if (raw.exec !== undefined) return { ...times, is: 'exec', cmd: raw.exec };
  if (raw.log !== undefined)
    return isExpression(raw.log, [...path, 'log'], report) ? { ...times, is: 'log', pattern: raw.log } : null;
  const [, host = '127.0.0.1', port] = /^(?:(.+):)?(\d{1,5})$/.exec(String(raw.tcp)) ?? [];
  if (isPort(Number(port))) return { ...times, is: 'tcp', host: host.replace(/^\[|\]$/g, ''), port: Number(port) };
  report.add(
    'S103',
    [...path, 'tcp'],
    `${dotted(path)}.tcp: ${raw.tcp} is no port`,
    'write tcp: 3000 or tcp: "localhost:3000"',
  );
  return null;
}

/** Reports what is no http or https URL. */
export function httpUrl(url: string, path: Path, report: Report): boolean {
  const parsed = URL.canParse(url) ? new URL(url) : null;
  if (parsed && /^https?:$/.test(parsed.protocol)) return true;
  const whole = `http://${url}`;
  const isHost = /^[\w.[\]-]+(:\d+)?(\/|$)/.test(url) && !url.includes('://') && URL.canParse(whole);
  const hint = isHost ? `did you mean ${whole}?` : 'write it whole, such as http://127.0.0.1:3000/';
  report.add('S103', path, `${dotted(path)}: ${url || 'an empty text'} is no URL of http or https`, hint);
  return false;
}

function isExpression(pattern: string, path: Path, report: Report): boolean {
  const fault = expressionFault(pattern);
  if (fault !== null)
    report.add('S103', path, `ready.log: ${shortened(pattern, 60)} is no regular expression: ${fault}`, escapeHint);
  return fault === null;
}
