// The recipe for ko with ko itself: a save of a Go program is live in the cluster. `go install github.com/google/ko@latest` brings
// it; where it is not there, test/config/manifests/listed-files.test.ts holds the recipe with a program that bears its name.
import { execFile, execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { expect, onTestFinished } from 'vitest';
import { namespace } from '../../support/cluster/cluster.ts';
import { removeImagesOf } from '../../support/docker/images.ts';
import { drive } from '../../support/drive.ts';
import { freePort, serves } from '../../support/facts.ts';
import { tempProject, writeFiles } from '../../support/temp.ts';
import { workload } from '../cluster/project.ts';

const run = promisify(execFile);

export const hasKo: boolean = ['ko', 'go'].every((program) => {
  try {
    execFileSync(program, ['version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
});

const base = 'localhost:5000/sluice-test/ko-base:1';

/** A directory of its own, and nothing more: Go programs bring all that they need. */
async function pushBase(): Promise<void> {
  const dir = tempProject({ Dockerfile: 'FROM scratch\nCOPY etc /etc\n', 'etc/motd': 'by ko\n' });
  await run('docker', ['build', '-q', '-t', base, dir]);
  await run('docker', ['push', '-q', base]);
}

/** Of few packages: the first build compiles all of them. */
const program = (text: string): string => `package main

import (
	"net"
	"strconv"

	"example.org/shop/lib"
)

func main() {
	listener, err := net.Listen("tcp", ":8080")
	if err != nil {
		panic(err)
	}
	page := lib.Marked("${text}")
	for {
		socket, err := listener.Accept()
		if err != nil {
			panic(err)
		}
		go func() {
			socket.Read(make([]byte, 4096))
			length := strconv.Itoa(len(page))
			socket.Write([]byte("HTTP/1.1 200 OK\\r\\nConnection: close\\r\\nContent-Length: " + length + "\\r\\n\\r\\n" + page))
			socket.Close()
		}()
	}
}
`;

const library = (mark: string): string =>
  `package lib\n\nfunc Marked(text string) string { return text + " ${mark}" }\n`;

export async function koSaves(): Promise<void> {
  await pushBase();
  const [, recipe = ''] = /```yaml\n([\s\S]*?)```/.exec(readFileSync('docs/recipes/ko.md', 'utf8')) ?? [];
  const image = `sluicetest/ko-${process.pid}`;
  onTestFinished(() => removeImagesOf(image));
  const [name, port] = [await namespace('ko'), await freePort()];
  const dir = tempProject();
  writeFiles(dir, {
    'sluice.yaml': `${recipe.replaceAll('shop/api', image)}
kubernetes: {manifests: [api.yaml], allow: [sluice-test]}
resources: {api: {ports: ["${port}:8080"]}}
`,
    'api.yaml': workload('api', image),
    'go.mod': 'module example.org/shop\n\ngo 1.21\n',
    'cmd/api/main.go': program('first'),
    'lib/lib.go': library('one'),
    'other/other.go': 'package other\n',
  });
  const session = drive(dir, ['-n', name], { env: { KO_DEFAULTBASEIMAGE: base } });
  const url = `http://127.0.0.1:${port}/`;
  await session.until(({ resources }) => resources.api?.runtime.status === 'ready', 'the program runs', 180_000);
  await serves(url, 'first one');
  writeFiles(dir, { 'cmd/api/main.go': program('second') });
  await serves(url, 'second one', 120_000);
  // A package of the program, and one that it does not import.
  writeFiles(dir, { 'lib/lib.go': library('two'), 'other/other.go': 'package other // changed\n' });
  await serves(url, 'second two', 120_000);
  const { changes } = await session.idle();
  expect(changes).toEqual({ seen: 2, live: 2 });
  writeFiles(dir, { 'cmd/api/main.go': program('broken"') });
  await session.until(({ resources }) => resources.api?.update.status === 'failed', 'the failure is told', 120_000);
  expect(session.resource('api').update.problem).toMatchObject({ code: 'S260' });
  await serves(url, 'second two');
  await session.stop();
}
