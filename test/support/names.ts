// Names that a file system takes and that are easily lost on the way: each is a path below a directory, as bytes.
import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

const bytes = (text: string): Buffer => Buffer.from(text, 'latin1');

export const oddNames: readonly Buffer[] = [
  bytes('caf\xe9.txt'),
  bytes('\xff\xfe'),
  bytes('cut \xc3'),
  bytes('overlong \xc0\xaf'),
  bytes('surrogate \xed\xb3\xa9'),
  bytes('beyond \xf4\x90\x80\x80'),
  bytes('l\xe4den/inner/\xe4'),
  bytes('l\xe4den/plain'),
  Buffer.from('really \ufffd'),
  Buffer.from('\ufeffmarked'),
  Buffer.from('😀 ä'),
  Buffer.from('line\nend\r'),
  Buffer.from('tab\t\x01\x7f\x1b[31m'),
  Buffer.from('back\\slash \\0101 \\n'),
  Buffer.from('-rf'),
  Buffer.from('--'),
  Buffer.from('trailing '),
  Buffer.from(' $(id) `id` \'"*?[a]'),
  Buffer.from('#c'),
  Buffer.from('!n'),
  Buffer.from('é'.repeat(127)),
  bytes(`\xe9${'x'.repeat(254)}`),
  Buffer.from(`${'d'.repeat(200)}/${'e'.repeat(200)}`),
];

const placed = (dir: string, name: Buffer): Buffer => Buffer.concat([Buffer.from(`${dir}/`), name]);

/** Files of all these names below a directory, each holding its own name, and a link of such a name to such a name. */
export function writeOddNames(dir: string): void {
  for (const name of oddNames) {
    const path = placed(dir, name);
    mkdirSync(Buffer.from(dirname(path.toString('latin1')), 'latin1'), { recursive: true });
    writeFileSync(path, name);
  }
  symlinkSync(bytes('to \xe9'), placed(dir, bytes('link \xe9')));
}

/** All there is below a directory as the system tells it, in order: type, content's sum or target, and name. */
export function tellTree(dir: string): readonly string[] {
  const script = 'find . -mindepth 1 -printf "%y %l %s %P\\0"';
  return execFileSync('sh', ['-c', script], { cwd: dir, encoding: 'latin1' })
    .split('\0')
    .map((row) => row.replace(/^d {2}\d+/, 'd'))
    .sort();
}
