// What in a Dockerfile only an edit mends, told with its place: builders name the line at best, and never what was meant.
import { nearest } from '../text/nearest.ts';
import { type BuildSettings, valuesOfFrom } from './bases.ts';
import { type Dockerfile, type Instruction, parseDockerfile } from './instructions.ts';
import { expandWord, splitWords } from './word.ts';

export interface DockerfileMistake {
  /** From 1. */
  readonly line: number;
  readonly what: string;
  readonly hint: string;
}

/** Each instruction with the flags it takes, as in Dockerfile syntax 1.20. */
const flagsOf: Readonly<Record<string, readonly string[]>> = {
  ADD: ['checksum', 'chmod', 'chown', 'exclude', 'keep-git-dir', 'link', 'unpack'],
  ARG: [],
  CMD: [],
  COPY: ['chmod', 'chown', 'exclude', 'from', 'link', 'parents'],
  ENTRYPOINT: [],
  ENV: [],
  EXPOSE: [],
  FROM: ['platform'],
  HEALTHCHECK: ['interval', 'retries', 'start-interval', 'start-period', 'timeout'],
  LABEL: [],
  MAINTAINER: [],
  ONBUILD: [],
  RUN: ['device', 'mount', 'network', 'security'],
  SHELL: [],
  STOPSIGNAL: [],
  USER: [],
  VOLUME: [],
  WORKDIR: [],
};
const keywords = Object.keys(flagsOf);

/** From top to bottom. Meant for a Dockerfile that a builder has refused: a frontend of its own may know more. */
export function mistakesIn(source: string, settings: BuildSettings = {}): readonly DockerfileMistake[] {
  const unreadable = encodingOf(source);
  if (unreadable) return [{ line: 1, ...unreadable }];
  const file = parseDockerfile(source);
  if (file.instructions.length === 0)
    return [
      { line: 1, what: 'the Dockerfile is empty', hint: 'it begins with FROM and an image, such as FROM alpine' },
    ];
  const stages = file.instructions.filter(({ keyword }) => keyword === 'FROM');
  const found = file.instructions.flatMap((each, i) => mistakeOf(each, file.instructions[i - 1], file, settings));
  if (stages.length === 0 && found.length === 0)
    found.push({
      line: 1,
      what: 'the Dockerfile has no FROM',
      hint: 'it begins with FROM and an image, such as FROM alpine',
    });
  return [...found, ...targetMistake(stages, settings)].toSorted((a, b) => a.line - b.line);
}

function encodingOf(source: string): Pick<DockerfileMistake, 'what' | 'hint'> | null {
  if (!source.includes('\0')) return null;
  const isWide = /^(\uFFFD\uFFFD|\0.|.\0)/.test(source);
  return { what: isWide ? 'the Dockerfile is text in UTF-16' : 'the Dockerfile is no text', hint: 'save it as UTF-8' };
}

type Said = readonly [what: string, hint: string];

function mistakeOf(
  each: Instruction,
  before: Instruction | undefined,
  file: Dockerfile,
  settings: BuildSettings,
): DockerfileMistake[] {
  const said =
    unknownKeyword(each, before) ??
    early(each, file.instructions) ??
    unknownFlag(each) ??
    (each.keyword === 'FROM' ? fromMistake(each, file, settings) : null) ??
    argumentsMistake(each, file.escaper) ??
    (each.open === undefined
      ? null
      : ([
          `the here-document ${each.open} has no end`,
          `end it with a line that is ${each.open} and nothing else`,
        ] as const));
  return said ? [{ line: each.line, what: said[0], hint: said[1] }] : [];
}

function unknownKeyword({ keyword, text }: Instruction, before: Instruction | undefined): Said | null {
  if (keywords.includes(keyword)) return null;
  const near = nearest(keyword, keywords);
  const word = text.split(/\s/)[0]!.slice(0, 40);
  if (near) return [`unknown instruction ${word}`, `did you mean ${near}?`];
  const isCut = before && /^(RUN|CMD|ENV|LABEL|COPY|ADD|ENTRYPOINT)$/.test(before.keyword);
  const hint = isCut
    ? `to continue the ${before.keyword} above, end the line before with \\`
    : 'each line begins with an instruction, such as RUN or COPY';
  return [`unknown instruction ${word}`, hint];
}

/** Before the first FROM there is only ARG. */
function early(each: Instruction, all: readonly Instruction[]): Said | null {
  const first = all.findIndex(({ keyword }) => keyword === 'FROM');
  if (each.keyword === 'ARG' || (first >= 0 && all.indexOf(each) >= first)) return null;
  return [`${each.keyword} stands before any FROM`, 'begin with FROM and an image; only ARG may stand before it'];
}

function unknownFlag({ keyword, flags }: Instruction): Said | null {
  const known = flagsOf[keyword] ?? [];
  for (const flag of flags) {
    const name = /^--([^=]*)/.exec(flag)?.[1] ?? '';
    if (known.includes(name) || name === '') continue;
    const near = nearest(name, known);
    const takes = known.length > 0 ? `${keyword} takes --${known.join(', --')}` : `${keyword} takes no flags`;
    return [`${keyword} has no flag --${name.slice(0, 40)}`, near ? `did you mean --${near}?` : takes];
  }
  return null;
}

function fromMistake({ rest }: Instruction, file: Dockerfile, settings: BuildSettings): Said | null {
  const [image = '', as, name, ...more] = rest.split(/\s+/).filter((word) => word !== '');
  if (image === '') return ['FROM names no image', 'write FROM and an image, such as FROM alpine'];
  if (as !== undefined && (as.toUpperCase() !== 'AS' || name === undefined || more.length > 0))
    return ['FROM takes an image, and perhaps AS and a name', `write FROM ${image} AS NAME`];
  if (image.includes('$') && expandWord(image, valuesOfFrom(file, settings), file.escaper) === '')
    return [
      `FROM ${image} names no image: the variable is empty`,
      'give it under args: of the image, or a default in an ARG before FROM',
    ];
  return null;
}

const atLeast: Readonly<Record<string, readonly [count: number, needs: string, example: string]>> = {
  COPY: [2, 'what to copy and where to', 'COPY src/ /app/'],
  ADD: [2, 'what to add and where to', 'ADD src/ /app/'],
  RUN: [1, 'a command', 'RUN make'],
  ENV: [1, 'a name and a value', 'ENV NAME=value'],
  ARG: [1, 'a name', 'ARG VERSION=1'],
  LABEL: [1, 'a name and a value', 'LABEL name=value'],
  EXPOSE: [1, 'a port', 'EXPOSE 8080'],
  WORKDIR: [1, 'a directory', 'WORKDIR /app'],
  USER: [1, 'a user', 'USER app'],
  VOLUME: [1, 'a directory', 'VOLUME /data'],
};

function argumentsMistake({ keyword, rest, text }: Instruction, escaper: string): Said | null {
  const words = splitWords(rest, escaper);
  if (words === null && /^(ENV|LABEL|COPY|ADD|ARG)$/.test(keyword))
    return [`a quote in ${keyword} is never closed`, 'close it, or put \\ before it'];
  const [count, needs, example] = atLeast[keyword] ?? [0, '', ''];
  const isList = rest.startsWith('[');
  if (!isList && (words ?? [rest]).length < count && !(words ?? []).some((word) => word.startsWith('<<')))
    return [`${brief(text)} lacks an argument: ${keyword} needs ${needs}`, `such as ${example}`];
  return null;
}

const brief = (text: string): string => (text.length > 60 ? `${text.slice(0, 59)}…` : text);

function targetMistake(stages: readonly Instruction[], { target = null }: BuildSettings): DockerfileMistake[] {
  const names = stages.flatMap(({ rest }) => /^\S+\s+as\s+(\S+)\s*$/i.exec(rest)?.[1] ?? []);
  const isThere = (name: string) => names.some((each) => each.toLowerCase() === name.toLowerCase());
  if (target === null || isThere(target) || (/^\d+$/.test(target) && Number(target) < stages.length)) return [];
  const near = nearest(target, names);
  const known =
    names.length > 0 ? `its stages: ${names.join(', ')}` : 'none of its stages has a name: write FROM … AS NAME';
  return [
    {
      line: stages.at(-1)?.line ?? 1,
      what: `the Dockerfile has no stage "${target}"`,
      hint: near ? `did you mean target: ${near}?` : known,
    },
  ];
}
