// Faults of the machine, tried in a namespace of their own: other file systems mounted over what is watched, limits of
// watches, full and read-only disks.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { environment, program, runtimeDir } from '../support/sluice.ts';
import { tempProject } from '../support/temp.ts';
import { row } from './row.ts';

const run = promisify(execFile);

/** Lines that the script prints, by the word they begin with. A user namespace of its own, with its own mounts and limits. */
async function within(dir: string, script: string): Promise<(word: string) => string[]> {
  const begin = `set -u; sluice() { "$NODE" "$PROGRAM" "$@"; }
up() { "$NODE" "$PROGRAM" up "$@" > "$DIR/up.log" 2> "$DIR/up.err" & pid=$!; until sluice status > /dev/null 2>&1; do :; done; sluice wait > /dev/null 2>&1; }
fresh() { sluice wait --fresh --timeout 60s > "$DIR/wait.log" 2>&1; echo "fresh $?"; }
ended() { kill -INT $pid; wait $pid; echo "code $?"; }
trap 'kill -INT $pid 2> /dev/null; wait' EXIT
cd "$DIR"\n`;
  const env = environment({ XDG_RUNTIME_DIR: runtimeDir(), NODE: process.execPath, PROGRAM: program, DIR: dir });
  const { stdout } = await run('unshare', ['-U', '-r', '-m', 'bash', '-c', begin + script], { env, timeout: 120_000 });
  const lines = stdout.split('\n');
  return (word) => lines.filter((line) => line.startsWith(`${word} `)).map((line) => line.slice(word.length + 1));
}

it('another file system over the project, or over a directory of it, is seen as what it holds, and so is its end', async () => {
  const config = 'local: {a: {cmd: "cp src/f out.txt", deps: [src/]}}\n';
  const dir = tempProject({ 'p/sluice.yaml': config, 'p/src/f': '0\n', 'q/sluice.yaml': config, 'q/src/f': 'other\n' });
  const said = await within(
    dir,
    `cd p; up --plain
     out() { fresh; echo "out $(cat out.txt)"; }
     cd ..; mount --bind q p; cd p; out; echo 1 > src/f; out
     cd ..; umount p; cd p; out; echo 2 > src/f; out
     mount -t tmpfs none src; echo 3 > src/f; out; echo 4 > src/f; out
     umount src; out; echo 5 > src/f; out
     ended`,
  );
  expect(said('fresh')).toEqual(Array(8).fill('0'));
  expect(said('out')).toEqual(['other', '1', '0', '2', '3', '4', '2', '5']);
  expect(said('code')).toEqual(['130']);
  row('mounts over the project and off again', 'live after each');
});

it.each(['watches', 'instances'])(
  'the limit of %s is told with the way to raise it, the rest is polled, and watched once it may be',
  async (limit) => {
    const many = Object.fromEntries(Array.from({ length: 30 }, (_, i) => [`src/d${i}/f`, '0']));
    const dir = tempProject({
      'sluice.yaml': 'local: {a: {cmd: "cat src/*/f src/new/deep/f > out.txt 2> /dev/null || true", deps: [src/]}}\n',
      ...many,
    });
    const said = await within(
      dir,
      `echo ${limit === 'watches' ? 10 : 0} > /proc/sys/user/max_inotify_${limit}; up --plain
     out() { fresh; echo "out $(fold -w1 out.txt | sort -u | paste -sd '' - | tr -cd 0-9)"; }
     problem() { sluice status | grep -q "limit of file watches" && echo "problem yes" || echo "problem no"; }
     problem; printf 1 > src/d29/f; out
     mkdir -p src/new/deep; printf 2 > src/new/deep/f; out; printf 3 > src/new/deep/f; out
     echo 100000 > /proc/sys/user/max_inotify_${limit}
     i=0; while [ $i -lt 60 ] && sluice status | grep -q "limit of file watches"; do i=$((i+1)); done; problem
     printf 4 > src/new/deep/f; out
     echo "hint $(grep -c 'sudo sysctl user.max_inotify_${limit}=' up.log)"; ended`,
    );
    expect(said('fresh')).toEqual(['0', '0', '0', '0']);
    expect(said('out')).toEqual(['01', '012', '013', '014']);
    expect(said('problem')).toEqual(['yes', 'no']);
    expect([said('hint'), said('code')]).toEqual([['1'], ['130']]);
    row(`limit of inotify ${limit}`, 'told, polled, watched again once it was raised');
  },
);

it('on a disk that is full, from the start or later, or read-only, a session goes on and says without what', async () => {
  const mark = `${1_000_000 + Math.floor(Math.random() * 1_000_000_000)}`;
  const dir = tempProject({
    'sluice.yaml': `local:
  chatty: {serve: "i=0; while [ $i -lt 30000 ]; do echo line $i with some more text to fill the memory; i=$((i+1)); done; exec sleep ${mark}"}
  a: {cmd: "cat src/f", deps: [src/]}
`,
  });
  const said = await within(
    dir,
    `mkdir p; mount -t tmpfs -o size=400k none p; cd p; mkdir src; echo 0 > src/f
     cp ../sluice.yaml .
     degraded() { for i in $(seq 30); do got=$(sluice status | grep -oE "^($1):" | sort | tr -d '\\n')
         [ "$got" = "$2" ] && break; touch src/f 2> /dev/null; done; echo "degraded $got"; }
     left() { echo "left $(pgrep -cf 'sleep ${mark}$')"; echo "trace $(cat ../up.log ../up.err | grep -c '^ *at .*js:')"; }
     up --json --record rec.ndjson; degraded 'logs|recording' logs:recording:; echo 1 > src/f; fresh; ended; left
     rm -rf .sluice rec.ndjson; dd if=/dev/zero of=fill bs=1k 2> /dev/null
     up --plain --record rec.ndjson; degraded 'logs|notes|recording' logs:notes:recording:; touch src/f; fresh; ended; left
     rm -rf .sluice rec.ndjson fill; mount -o remount,ro none "$DIR/p"
     up --plain; degraded 'logs|notes|recording' logs:notes:; fresh; ended; left
     up --plain --record /dev/full; fresh; sluice status | grep -o '^recording:' | sed 's/^/full /'; ended; left
     mkdir ../rt; mount -t tmpfs -o size=64k none ../rt; dd if=/dev/zero of=../rt/fill bs=1k 2> /dev/null
     export XDG_RUNTIME_DIR="$DIR/rt"; up --plain; fresh; ended; left`,
  );
  expect(said('degraded')).toEqual(['logs:recording:', 'logs:notes:recording:', 'logs:notes:']);
  expect(said('full')).toEqual(['recording:']);
  expect(said('fresh')).toEqual(['0', '0', '0', '0', '0']);
  expect(said('code')).toEqual(['130', '130', '130', '130', '130']);
  expect(said('left')).toEqual(['0', '0', '0', '0', '0']);
  expect(said('trace')).toEqual(['0', '0', '0', '0', '0']);
  row('full and read-only disks', 'gone on without older lines and the recording, told in status, nothing left');
});
