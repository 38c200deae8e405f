// The session as lines of text, for pipes and terminals without full screen: log lines under names, news in between.
import { concat, defer, ignoreElements, merge, Observable, of, takeWhile, tap } from 'rxjs';
import { withoutColours } from '../logs/lines/ansi.ts';
import { limits } from '../model/limits.ts';
import type { LogLine, LogReader } from '../model/log.ts';
import type { PublicState } from '../model/public-state.ts';
import { cutAt } from '../model/text/cut.ts';
import { lookup } from '../model/text/lookup.ts';
import { boundedQueue } from './bounded-queue.ts';
import { type News, newsOf, type Told, type Tone } from './news.ts';
import { outlet } from './outlet.ts';
import { visible } from './wording.ts';

export interface PlainDeps {
  readonly logs: Pick<LogReader, 'lines$'>;
  readonly state$: Observable<PublicState>;
  readonly out: NodeJS.WritableStream;
  readonly color: boolean;
  /** Log lines of these alone; news comes from all. */
  readonly resources?: readonly string[];
  /** A report follows that tells each failure: here only that there is one. */
  readonly isBrief?: boolean;
}

/** Ends with its inputs, or when the reader goes away; errors when writing fails otherwise. */
export function plainView(deps: PlainDeps): Observable<never> {
  return new Observable((subscriber) => {
    const out = outlet(deps.out);
    const queue = boundedQueue<string>((line) => line.length);
    const paint = painter(deps.color);
    let state: PublicState | null = null;
    const told: Told = new Map();
    const shown = deps.resources && new Set(deps.resources);
    const all = (): void => {
      while (out.isReady && (queue.hasDropped || queue.length > 0)) {
        const lost = queue.takeDropped();
        out.write(
          `${lost > 0 ? paint.news({ resource: null, tone: 'quiet', text: `${lost} lines left out: the output is too slow` }) : queue.shift()}\n`,
        );
      }
    };
    const pump = (): void => out.together(all);
    const logs$ = deps.logs.lines$.pipe(
      tap((lines) => {
        for (const line of lines) if (!shown || shown.has(line.resource)) queue.push(paint.log(line, state));
      }),
    );
    const news$ = deps.state$.pipe(
      tap((next) => {
        if (next.order !== state?.order) paint.fit(next.order);
        for (const news of newsOf(state, next, told)) {
          const text = deps.isBrief && news.brief !== undefined ? news.brief : news.text;
          if (text !== null) queue.push(paint.news({ ...news, text }));
        }
        state = next;
      }),
    );
    subscriber.add(out.gone$.subscribe((error) => (error ? subscriber.error(error) : subscriber.complete())));
    // The inputs end before a slow pipe has taken everything: what is queued still goes out.
    const input$ = merge(news$, logs$).pipe(tap(pump), ignoreElements());
    const rest$ = defer(() => merge(of(0), out.ready$)).pipe(
      tap(pump),
      takeWhile(() => queue.length > 0),
      ignoreElements(),
    );
    subscriber.add(out.ready$.subscribe(pump));
    subscriber.add(concat(input$, rest$).subscribe(subscriber));
  });
}

const reset = '\x1b[0m';
const hues = [36, 35, 34, 33, 32, 96, 95, 94, 93, 92];
const tones: Readonly<Record<Tone, string>> = {
  plain: '\x1b[1m',
  good: '\x1b[1;32m',
  bad: '\x1b[1;31m',
  quiet: '\x1b[2m',
};

function painter(color: boolean) {
  let width = 0;
  let labels: ReadonlyMap<string, string> = new Map();
  const columns = new Map<string, string>();
  const column = (name: string): string => {
    const known = columns.get(name);
    if (known !== undefined) return known;
    const label = (labels.get(name) ?? cut(visible(name === '' ? 'sluice' : name))).padEnd(width);
    const made = color ? `\x1b[${hues[columns.size % hues.length]}m${label} │${reset}` : `${label} │`;
    columns.set(name, made);
    return made;
  };
  return {
    fit: (names: readonly string[]): void => {
      labels = labelsOf(names);
      width = Math.max(width, ...[...labels.values()].map((label) => label.length));
      columns.clear();
      // Colours in the order of the resources, not of their first lines: the same in every session.
      for (const name of names) column(name);
    },
    log: (line: LogLine, state: PublicState | null): string => {
      const text = color ? (line.text.includes('\x1b') ? line.text + reset : line.text) : withoutColours(line.text);
      return `${column(line.resource)} ${containerOf(line, state)}${text}`;
    },
    news: ({ resource, tone, text }: News): string => {
      const line = resource === null ? `sluice: ${text}` : `${visible(resource)}: ${text}`;
      return color ? `${tones[tone]}${line}${reset}` : line;
    },
  };
}

/** Names cut to fit the column; those that would look alike are written out. */
function labelsOf(names: readonly string[]): ReadonlyMap<string, string> {
  const shown = names.map((name) => cut(visible(name)));
  const isAlone = (label: string): boolean => shown.indexOf(label) === shown.lastIndexOf(label);
  return new Map(names.map((name, i) => [name, isAlone(shown[i] as string) ? (shown[i] as string) : visible(name)]));
}

const cut = (name: string): string =>
  name.length > limits.plainNameColumns ? `${name.slice(0, cutAt(name, limits.plainNameColumns - 1))}…` : name;

/** Named where a pod has several, as only then it says something. */
function containerOf(line: LogLine, state: PublicState | null): string {
  if (!line.container) return '';
  const pod = lookup(state?.resources, line.resource)?.runtime.pods.find(({ name }) => name === line.pod);
  return pod && pod.containers.length > 1 ? `[${visible(line.container)}] ` : '';
}
