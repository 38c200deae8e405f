// A failed build as a problem: which step, on which line, its last output, and what to do about it.

import { basesOf, type Instruction, mistakesIn, parseDockerfile } from '../../model/dockerfile.ts';
import type { DockerBuild } from '../../model/ports.ts';
import { problemCodes } from '../../model/problems/code-names.ts';
import type { Problem } from '../../model/problems/problem.ts';
import type { Credentials } from '../registry/credentials.ts';
import { plain } from '../registry/daemon-text.ts';
import { diskFullHint, diskFullProblem, isDiskFull } from '../registry/disk-full.ts';
import { registryOf } from '../registry/reference.ts';
import { isDenied, isNetwork } from '../registry/registry-failure.ts';
import type { FailedStep } from './progress.ts';

export interface BuildFault {
  /** The daemon's error line. */
  readonly message: string;
  readonly code: number | null;
  readonly step: FailedStep | null;
}

/** `at.file` is the Dockerfile's path seen from the context: only the caller knows where that lies on disk. */
export function buildProblem(build: DockerBuild, fault: BuildFault, credentials: Credentials): Problem {
  const { instructions } = parseDockerfile(build.dockerfileText);
  const message = plain(fault.message);
  const told = fault.step?.error || message;
  if (isDiskFull(message) || isDiskFull(told)) return diskFullProblem(message);
  const at = (line: number | null): Pick<Problem, 'at'> =>
    line === null ? {} : { at: { file: build.dockerfile, line, column: 1 } };
  const base = baseOf(message, fault.step, build, instructions);
  if (base) return { ...baseProblem(base.image, told, message, credentials), ...at(base.line) };
  const written = mistake(message, build);
  const line = lineIn(message) ?? lineOf(fault.step, instructions);
  if (
    written?.code === problemCodes.unusableDockerfile &&
    !/^#\s*syntax\s*=(?!\s*docker\/dockerfile)/im.test(build.dockerfileText)
  ) {
    // The builder names the line at best, and never what was meant.
    const [seen] = mistakesIn(build.dockerfileText, build);
    const line = /parse error/i.test(message) ? `dockerfile parse error on line ${seen?.line}: ` : '';
    const what = /has no stage "/.test(written.what) ? written.what : `${build.dockerfile}: ${line}${seen?.what}`;
    if (seen) return { kind: 'yours', code: 'S211', what, hint: seen.hint, ...at(seen.line) };
  }
  if (written) return { kind: 'yours', ...written, ...at(line) };
  const exit = fault.code ?? Number(/(?:exit code: |non-zero code: )(\d+)/.exec(told)?.[1] ?? Number.NaN);
  const name = brief(fault.step?.instruction || fault.step?.name || '');
  const where = line === null ? '' : ` (${build.dockerfile}:${line})`;
  if (!name) return { kind: 'step', code: 'S213', what: `the build failed: ${shorten(message)}` };
  const why = Number.isNaN(exit) ? `failed: ${shorten(told)}` : `failed with exit code ${exit}${exitMeaning(exit)}`;
  const logTail = fault.step?.tail ?? [];
  return {
    kind: 'step',
    code: 'S210',
    what: `${name}${where} ${why}`,
    ...at(line),
    ...hintOf(logTail),
    ...(logTail.length > 0 ? { logTail } : {}),
  };
}

/** The step's own words say what to do, save for a full disk: that is not the step's fault. */
const hintOf = (tail: readonly string[]): Pick<Problem, 'hint'> =>
  tail.some(isDiskFull) ? { hint: diskFullHint } : {};

/** A RUN of twenty lines is named by its beginning. */
const brief = (instruction: string): string =>
  instruction.length > 120 ? `${instruction.slice(0, 119)}…` : instruction;

const exitMeaning = (code: number): string =>
  code === 127
    ? ': command not found'
    : code === 126
      ? ': not executable'
      : code === 137
        ? ': killed, out of memory perhaps'
        : '';

/** BuildKit wraps a cause in the names of the layers it came through. */
const shorten = (message: string): string =>
  message.replace(
    /^(?:(?:failed to solve(?: with frontend [\w.]+)?|rpc error: code = \w+ desc =|failed to create LLB definition|executor failed running|failed to solve with frontend dockerfile\.v0):? )+/,
    '',
  );

function lineIn(message: string): number | null {
  const found = /parse error (?:on )?line (\d+)/i.exec(message);
  return found ? Number(found[1]) : null;
}

const collapse = (text: string): string => text.replace(/\s+/g, ' ').trim();

function lineOf(step: FailedStep | null, instructions: readonly Instruction[]): number | null {
  if (!step) return null;
  const wanted = collapse(step.instruction);
  const same = instructions.filter(({ text }) => patternOf(collapse(text)).test(wanted));
  if (same.length === 1) return same[0]!.line;
  return (step.index === null ? same[0]?.line : instructions[step.index]?.line) ?? null;
}

/** BuildKit shows a step with its variables filled in: each stands for any text. */
const patternOf = (instruction: string): RegExp => {
  const parts = instruction.split(/\$(?:\{[^}]*\}|\w+)/).map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  // Few variables: a pattern with many gaps can take for ever on a hostile text.
  return new RegExp(`^${parts.length > 5 ? `${parts[0]}[^]*` : parts.join('[^]*')}$`);
};

/** What only an edit mends. */
function mistake(message: string, build: DockerBuild): Pick<Problem, 'code' | 'what' | 'hint'> | null {
  const what = `${build.dockerfile}: ${shorten(message)}`;
  if (
    /parse error|unknown instruction|unknown flag|no build stage in current context|requires (?:at least|exactly|either)|should not be blank|unterminated heredoc|file with no instructions|cannot be empty|failed to parse stage name|no stages to build|unexpected end of statement while looking for matching/i.test(
      message,
    )
  )
    return { code: 'S211', what };
  if (build.target && /target stage|failed to reach build target/i.test(message))
    return {
      code: 'S211',
      what: `${build.dockerfile} has no stage "${build.target}"`,
      hint: 'name a stage (FROM … AS NAME) in target:',
    };
  if (/secret \S+ not found|secret \S+: not found/i.test(message))
    return { code: 'S214', what, hint: 'give it under secrets: of this image: id=NAME,src=FILE' };
  if (
    /failed to (?:compute cache key|calculate checksum).*not found|COPY failed: |ADD failed: |no source files were specified/i.test(
      message,
    )
  )
    return {
      code: 'S211',
      what,
      hint: 'is the file in the context, and not left out by .dockerignore, ignore: or only:?',
    };
  return null;
}

function baseOf(
  message: string,
  step: FailedStep | null,
  build: DockerBuild,
  instructions: readonly Instruction[],
): { image: string; line: number | null } | null {
  const bases = basesOf(build.dockerfileText, { ...build, everyStage: true });
  const loading = /^\[internal\] load metadata for (\S+)$/.exec(step?.name ?? '')?.[1];
  const short = loading?.replace(/^docker\.io\/(?:library\/)?/, '');
  const named =
    short &&
    (bases.find(({ image }) => withTag(image) === short || withTag(image) === loading) ?? {
      image: short.replace(/:latest$/, ''),
      line: null,
    });
  if (named) return named;
  // The classic builder says it in the FROM step.
  const from = /^FROM /i.test(step?.instruction ?? '') ? lineOf(step, instructions) : null;
  const pulled = bases.find(({ line }) => line === from);
  if (pulled) return pulled;
  return bases.find(({ image }) => message.includes(image) && (isDenied(message) || isNetwork(message))) ?? null;
}

const withTag = (image: string): string => (/[:@][^/]*$/.test(image) ? image : `${image}:latest`);

function baseProblem(image: string, told: string, message: string, credentials: Credentials): Problem {
  const host = registryOf(image);
  const what = `the base image ${image} cannot be pulled: ${shorten(told)}`;
  const helper = credentials.problem(host);
  const own = `if ${image} is built by sluice, add it under images: with this very name`;
  const why = `${told} ${message}`;
  if (isNetwork(why))
    return {
      kind: 'unavailable',
      code: 'S212',
      what,
      hint: `is the registry ${host} up and reachable from Docker? ${own}`,
    };
  if (isDenied(why))
    return {
      kind: 'denied',
      code: 'S212',
      what,
      hint: helper ? `${helper.what}; ${helper.hint}` : `docker login ${host}; or is the name wrong? ${own}`,
    };
  return { kind: 'step', code: 'S212', what, hint: own };
}
