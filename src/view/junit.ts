// JUnit XML, as CI systems read it: one test case per resource, and one for what belongs to none.
import type { Problem } from '../model/problems/problem.ts';
import type { PublicResource, PublicState } from '../model/public-state.ts';
import { withSpelledFormat } from '../model/text/invisible.ts';
import { lookup } from '../model/text/lookup.ts';
import type { Ending } from './ci-report.ts';
import { durationOf } from './critical-path.ts';
import { hasProblem, placeOf, problemOf } from './wording.ts';

/** A whole document. */
export function junit(state: PublicState, verdict: Ending): string {
  const resources = state.order.flatMap((name) => lookup(state.resources, name) ?? []);
  const others = verdict.problems.filter((problem) => !resources.some((resource) => hasProblem(resource, problem)));
  const cases = [
    ...resources.map((resource) => caseOf(state, resource, verdict)),
    ...others.map((problem) => testCase('session', 0, failureOf(problem))),
  ];
  const failures = cases.filter((each) => each.includes('<failure ')).length;
  const skipped = cases.filter((each) => each.includes('<skipped')).length;
  const seconds = inSeconds(resources.reduce((sum, { name }) => sum + durationOf(state, name), 0));
  const counts = `tests="${cases.length}" failures="${failures}" errors="0" skipped="${skipped}" time="${seconds}"`;
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites ${counts}>\n  <testsuite name="sluice" ${counts}>\n${cases.join('')}  </testsuite>\n</testsuites>\n`;
}

function caseOf(state: PublicState, resource: PublicResource, verdict: Ending): string {
  // That of the verdict carries what it was waiting for, also where the resource had not failed yet.
  const problem = verdict.problems.find((each) => hasProblem(resource, each)) ?? problemOf(resource);
  const { status } = resource.update;
  const { runtime } = resource;
  const isComing = runtime.status === 'pending' || runtime.status === 'failed';
  const why = !resource.enabled
    ? 'disabled'
    : status === 'ok'
      ? `not ready: ${runtime.text}`
      : `not updated: ${status}`;
  const body = problem
    ? failureOf(problem)
    : status === 'ok' && !isComing
      ? ''
      : `      <skipped message="${escaped(why)}"/>\n`;
  return testCase(resource.name, durationOf(state, resource.name), body);
}

const inSeconds = (ms: number): string => (ms / 1000).toFixed(3);

function testCase(name: string, ms: number, body: string): string {
  const open = `    <testcase classname="sluice" name="${escaped(name)}" time="${inSeconds(ms)}"`;
  return body === '' ? `${open}/>\n` : `${open}>\n${body}    </testcase>\n`;
}

function failureOf(problem: Problem): string {
  const place = placeOf(problem);
  const lines = [
    ...(place ? [place] : []),
    ...(problem.hint ? [`hint: ${problem.hint}`] : []),
    ...(problem.logTail ?? []),
  ];
  return `      <failure type="${escaped(problem.code)}" message="${escaped(problem.what)}">${escaped(lines.join('\n'))}</failure>\n`;
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
  '\n': '&#10;',
  '\t': '&#9;',
};

/** XML 1.0 has no way at all to write other control characters, lone surrogates, U+FFFE and U+FFFF. */
const escaped = (text: string): string =>
  withSpelledFormat(text)
    .replace(/[\p{Cs}\x00-\x08\x0b-\x1f\x7f-\x9f\ufffe\uffff]/gu, '\ufffd')
    .replace(/[&<>"'\n\t]/g, (char) => entities[char] as string);
