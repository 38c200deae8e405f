// What a test run left behind: processes, containers, cluster namespaces, temp files. Given a moment to go by themselves.
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';

const GRACE_MS = 10_000;
/** Terminating namespaces are the cluster's business, but they must be on their way out. */
const kubeconfig = process.env.SLUICE_TEST_KUBECONFIG ?? '/var/lib/sluice-test/kubeconfig';
/** Node keeps its compile cache in the temp dir. */
const notOurs = new Set(['node-compile-cache']);

const linesOf = (command, args) => {
  try {
    return execFileSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'], timeout: 20_000 })
      .split('\n')
      .filter((line) => line !== '');
  } catch {
    return [];
  }
};

/** Processes whose environment carries the run's mark. */
function processes(mark) {
  const found = [];
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      if (!readFileSync(`/proc/${pid}/environ`, 'latin1').includes(`SLUICE_TEST_RUN=${mark}`)) continue;
      const command = readFileSync(`/proc/${pid}/cmdline`, 'latin1').replaceAll('\0', ' ').trim();
      if (command !== '') found.push(`process ${pid}: ${command.slice(0, 200)}`);
    } catch {
      // gone meanwhile
    }
  }
  return found;
}

const containers = (started) =>
  linesOf('docker', ['ps', '-a', '--filter', 'label=sluice-test', '--format', '{{.ID}} {{.Names}} {{.CreatedAt}}'])
    .filter((line) => Date.parse(line.split(' ').slice(2, 5).join(' ')) >= started - 1_000)
    .map((line) => `container ${line}`);

/** Those that carry the mark of another run are that one's. */
const namespaces = (started, mark) =>
  linesOf('kubectl', [
    '--kubeconfig',
    kubeconfig,
    'get',
    'namespaces',
    '-o',
    'jsonpath={range .items[*]}{.metadata.name} {.metadata.creationTimestamp} {.status.phase} {.metadata.labels.sluice-test-run}{"\\n"}{end}',
  ])
    .map((line) => line.split(' '))
    .filter(
      ([name, at, phase, run]) =>
        name.startsWith('sluice-test-') &&
        phase === 'Active' &&
        Date.parse(at) >= started - 1_000 &&
        (!run || run === mark),
    )
    .map(([name]) => `namespace ${name}`);

const tempFiles = (temp) =>
  readdirSync(temp)
    .filter((name) => !notOurs.has(name))
    .map((name) => `temp file ${name}`);

/** One line each; empty when nothing is left. `started` in ms since the epoch. */
export async function leftovers({ temp, mark, started }) {
  const look = () => [
    ...(process.platform === 'linux' ? processes(mark) : []),
    ...containers(started),
    ...namespaces(started, mark),
    ...tempFiles(temp),
  ];
  const deadline = Date.now() + GRACE_MS;
  let found = look();
  while (found.length > 0 && Date.now() < deadline) {
    await pause(250);
    found = look();
  }
  return found;
}
