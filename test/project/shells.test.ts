// No text of a shell is made of a name, a path, a label or a reference: these are arguments. Only what the configuration says to
// be a command is given to a shell.
import { describe, expect, it } from 'vitest';
import { projectFiles, textOf } from '../support/sources.ts';

const files = projectFiles('src', '.ts').map((path) => [path, textOf(path)] as const);

/** Who runs a shell, and with what text. */
const shells: Readonly<Record<string, string>> = {
  'src/adapters/proc/run.ts': "['/bin/sh', '-c', spec.cmd]",
  'src/config/images/container-start.ts': "['/bin/sh', '-c', entrypoint.replaceAll",
  'src/update/image/loaders.ts': "['/bin/sh', '-c', script, 'sh', tagged, ",
  'src/update/live/dockerfile.ts': "exec('sh', '-c', cmd)",
  'src/update/live/supervisor.ts': "'-c', plain(script), 'sluice', stateFile(",
  'src/update/live/synclet/shell.ts': "['sh', '-c', script, 'sluice', mark]",
};

describe('a shell', () => {
  it('is run by few, with a text of our own or the command of a rule', () => {
    const found = files.flatMap(([path, text]) => (text.includes("'-c'") ? [path] : []));
    expect(found).toEqual(Object.keys(shells));
    for (const [path, text] of files) if (shells[path]) expect(text).toContain(shells[path]);
  });

  it('is started by nothing else', () => {
    const started = /shell: true|\bexecSync\(|child_process'\)|import \{[^}]*\bexec\b[^}]*\} from 'node:child_process'/;
    expect(files.flatMap(([path, text]) => (started.test(text) ? [path] : []))).toEqual([]);
  });

  it('gets no template of ours as the command of a process', () => {
    const templated = /\bcmd: `[^`]*\$\{/;
    expect(files.flatMap(([path, text]) => (templated.test(text) ? [path] : []))).toEqual([]);
  });
});
