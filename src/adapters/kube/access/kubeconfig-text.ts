// One kubeconfig file as plain values, or why it is none.
import { readFileSync, statSync } from 'node:fs';
import { LineCounter, parseDocument } from 'yaml';
import { limits } from '../../../model/limits.ts';
import { isProblemError, ProblemError } from '../../../model/problems/problem.ts';
import { masked, yamlWords } from '../../../model/text/yaml-words.ts';
import { failure } from '../failure.ts';

/** Null where there is no such file. */
export function textOf(file: string): string | null {
  try {
    // A pipe may have no end.
    if (statSync(file).isDirectory())
      throw failure('yours', 'S301', `the kubeconfig ${file} is a directory`, 'name a file in KUBECONFIG');
    if (statSync(file).size > limits.configBytes)
      throw failure(
        'yours',
        'S301',
        `the kubeconfig ${file} is larger than ${limits.configBytes >> 20} MB`,
        'is it the right file?',
      );
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (isProblemError(error)) throw error;
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return null;
    const why = code === 'EACCES' ? 'you have no right to it' : `the system says ${code}`;
    throw failure(
      'yours',
      'S301',
      `the kubeconfig ${file} cannot be read: ${why}`,
      'see its permissions, or name another in KUBECONFIG',
    );
  }
}

/** A line of it may hold a token: none is shown. */
export function contentOf(text: string, file: string): unknown {
  if (text.includes('\0'))
    throw failure(
      'yours',
      'S301',
      `${file} is no kubeconfig: it is no text in UTF-8`,
      'save it as UTF-8, or name another in KUBECONFIG',
    );
  const counter = new LineCounter();
  const document = parseDocument(text, { prettyErrors: false, logLevel: 'error', lineCounter: counter });
  const [fault] = yamlWords(masked(text), document.errors);
  if (fault) {
    const { line, col } = counter.linePos(fault.offset);
    const problem = {
      kind: 'yours',
      code: 'S301',
      what: `the kubeconfig ${file} cannot be read: ${fault.what}`,
      hint: fault.hint,
    } as const;
    throw new ProblemError({ ...problem, at: { file, line, column: col } });
  }
  try {
    return document.toJS({ maxAliasCount: 100 });
  } catch {
    throw failure(
      'yours',
      'S301',
      `${file} is no kubeconfig: its aliases cannot be followed`,
      'mend or remove this file',
    );
  }
}
