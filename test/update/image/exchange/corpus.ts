// Dockerfiles and what is saved, for the comparison of an exchange with a build from scratch.
export interface Case {
  readonly name: string;
  readonly dockerfile: string;
  /** Of the context, by path; a number before a bar is a mode: `755|text`. A link: `-> TARGET`; a directory: `dir 755`. */
  readonly files: Readonly<Record<string, string>>;
  /** The same, after the save; null: deleted. */
  readonly save: Readonly<Record<string, string | null>>;
  readonly args?: Readonly<Record<string, string>>;
  readonly target?: string;
  /** What it is declined with; left out where it is not. */
  readonly because?: RegExp;
  /** By how its builder writes layers: declined, or made as a build would make it. */
  readonly mayBeMade?: true;
  /** The BuildKit of Docker 20.10 does not know it. */
  readonly flag?: string;
}

const from = 'FROM sluice-test/busybox:1\n';
const long = `${'n'.repeat(120)}/${'m'.repeat(120)}.txt`;
const tree = { 'src/a.txt': 'a', 'src/b/c.txt': 'c', 'src/b/d/e.txt': 'e', 'other.txt': 'o' };

export const cases: readonly Case[] = [
  {
    name: 'one file by its name',
    dockerfile: 'COPY a.txt /a.txt',
    files: { 'a.txt': 'a' },
    save: { 'a.txt': 'another' },
  },
  {
    name: 'a file in nested directories',
    dockerfile: 'COPY src /app',
    files: tree,
    save: { 'src/b/d/e.txt': 'changed' },
  },
  { name: 'all of the context', dockerfile: 'COPY . .', files: tree, save: { 'src/a.txt': 'A', 'other.txt': 'O' } },
  {
    name: 'a file that is renamed on copying',
    dockerfile: 'COPY src/a.txt /etc/app.conf',
    files: tree,
    save: { 'src/a.txt': 'A' },
  },
  {
    name: 'a file into a directory that is there',
    dockerfile: 'COPY src/a.txt /bin',
    files: tree,
    save: { 'src/a.txt': 'A' },
  },
  {
    name: 'relative to WORKDIR',
    dockerfile: 'WORKDIR /srv/app\nCOPY src ./lib',
    files: tree,
    save: { 'src/b/c.txt': 'C' },
  },
  {
    name: 'the same file by two COPYs',
    dockerfile: 'COPY src /one\nCOPY src/a.txt /two/',
    files: tree,
    save: { 'src/a.txt': 'A' },
  },
  {
    name: 'the executable bit',
    dockerfile: 'COPY run.sh /run.sh',
    files: { 'run.sh': '644|#!/bin/sh' },
    save: { 'run.sh': '755|#!/bin/sh' },
  },
  {
    name: 'mode and content',
    dockerfile: 'COPY src /app',
    files: { 'src/x': '640|x', 'src/y': '755|y' },
    save: { 'src/x': '755|xx' },
  },
  {
    name: '--chown by numbers',
    dockerfile: 'COPY --chown=1000:1001 src /app',
    files: tree,
    save: { 'src/a.txt': 'A', 'src/new.txt': 'new' },
  },
  {
    name: '--chmod',
    dockerfile: 'COPY --chmod=755 src /app',
    files: tree,
    save: { 'src/a.txt': '600|A', 'src/new.txt': '600|new' },
  },
  {
    name: '--link',
    flag: 'link',
    dockerfile: 'COPY --link src /app/lib',
    files: tree,
    save: { 'src/a.txt': 'A', 'src/b/c.txt': null },
  },
  {
    name: 'an empty file that is filled',
    dockerfile: 'COPY src /app',
    files: { 'src/a': '', 'src/b': 'b' },
    save: { 'src/a': 'full' },
  },
  {
    name: 'a file that is emptied',
    dockerfile: 'COPY src /app',
    files: { 'src/a': 'full', 'src/b': 'b' },
    save: { 'src/a': '' },
  },
  {
    name: 'a big file',
    dockerfile: 'COPY src /app',
    files: { 'src/a': 'x'.repeat(3_000_000) },
    save: { 'src/a': `${'y'.repeat(2_999_999)}z` },
  },
  {
    name: 'names in other scripts',
    dockerfile: 'COPY src /app',
    files: { 'src/ä ö/日本.txt': '1', "src/it's": '2' },
    save: { 'src/ä ö/日本.txt': '11', "src/it's": '22' },
  },
  {
    name: 'long names',
    dockerfile: 'COPY src /app',
    files: { [`src/${long}`]: '1' },
    save: { [`src/${long}`]: '2', [`src/${long}2`]: 'new' },
  },
  { name: 'an added file', dockerfile: 'COPY src /app', files: tree, save: { 'src/b/new.txt': '755|new' } },
  {
    name: 'an added file with an odd name',
    dockerfile: 'COPY src /app',
    files: tree,
    save: { 'src/b/ü %~.txt': 'new' },
  },
  { name: 'a deleted file', dockerfile: 'COPY src /app', files: tree, save: { 'src/b/c.txt': null } },
  {
    name: 'a deleted file that a COPY below has as well',
    dockerfile: 'COPY one /app\nCOPY two /app',
    files: { 'one/x': '1', 'two/x': '2', 'two/y': '3' },
    save: { 'two/x': null },
  },
  {
    name: 'a file that a later COPY covers',
    dockerfile: 'COPY one /app/\nCOPY two/x /app/',
    files: { 'one/x': '1', 'one/y': 'y', 'two/x': '2' },
    save: { 'one/x': '11', 'one/y': 'yy' },
    because: /more than one instruction/,
  },
  {
    name: 'all at once',
    dockerfile: 'COPY . /app',
    files: tree,
    save: { 'src/a.txt': 'A', 'src/b/c.txt': null, 'src/b/n.txt': 'n', 'other.txt': '755|o' },
  },
  {
    name: 'a link beside it',
    dockerfile: 'COPY src /app',
    files: { 'src/a': 'a', 'src/l': '-> a' },
    save: { 'src/a': 'b' },
  },
  {
    name: 'a pattern',
    dockerfile: 'COPY *.js package?.json /app/',
    files: { 'a.js': '1', 'b.js': '2', 'package1.json': '3', 'c.ts': '4' },
    save: { 'a.js': '11', 'package1.json': '33', 'n.js': 'new', 'b.js': null },
  },
  {
    name: 'classes of characters, and a bracket that is one',
    dockerfile: 'COPY v[0-9a].txt [xy]?[a-c]*.js a[[]1].txt /app/',
    files: {
      'v1.txt': '1',
      'va.txt': 'a',
      'vb.txt': 'b',
      'xyb.js': 'x',
      'xyd.js': 'd',
      'a[1].txt': 'one',
      'a1.txt': 'no',
    },
    save: { 'v1.txt': '11', 'xyb.js': 'xx', 'a[1].txt': '1 1', 'v2.txt': 'new' },
  },
  {
    name: 'classes of characters, and others than they take in',
    dockerfile: 'COPY [xy][0-9].js /app/\nCOPY z.txt vb.txt /app/',
    files: { 'x1.js': '1', 'xa.js': 'a', 'vb.txt': 'b', 'z.txt': 'z' },
    save: { 'vb.txt': 'bb' },
  },
  {
    name: 'a class that leaves some out',
    dockerfile: 'COPY v[^a].txt /app/',
    files: { 'v1.txt': '1', 'va.txt': 'a' },
    save: { 'v1.txt': '11' },
    because: /copies v\[\^a\]\.txt/,
  },
  {
    name: 'a range that goes down',
    dockerfile: 'COPY v[9-0].txt v1.txt /app/',
    files: { 'v1.txt': '1' },
    save: { 'v1.txt': '11' },
    because: /copies v\[9-0\]\.txt/,
  },
  {
    name: 'what .dockerignore leaves out, and what it does not',
    dockerfile: 'COPY . /app',
    files: { '.dockerignore': 'skip\n', skip: '1', a: '1' },
    save: { skip: '2', a: '2' },
  },
  {
    name: 'metadata after it',
    dockerfile:
      'COPY src /app\nENV X=1\nLABEL a=b\nUSER 1000\nEXPOSE 80\nVOLUME /data\nHEALTHCHECK --interval=30s CMD true\nSTOPSIGNAL SIGINT\nWORKDIR /app\nENTRYPOINT ["/bin/busybox"]\nCMD ["true"]',
    files: tree,
    save: { 'src/a.txt': 'A' },
  },
  {
    name: 'an argument in the path',
    dockerfile: 'ARG FROM_DIR=nowhere\nARG TO\nENV BASE=/srv\nCOPY ${FROM_DIR} $BASE/${TO}',
    files: tree,
    save: { 'src/a.txt': 'A' },
    args: { FROM_DIR: 'src', TO: 'here' },
  },
  {
    name: 'several stages',
    dockerfile:
      'AS build\nCOPY other.txt /in\nRUN ["/bin/busybox", "cp", "/in", "/out"]\nFROM sluice-test/busybox:1\nCOPY --from=build /out /out\nCOPY src /app',
    files: tree,
    save: { 'src/a.txt': 'A' },
  },
  {
    name: 'a stage that is the target',
    dockerfile: 'AS one\nCOPY src /app\nFROM one AS two\nCOPY other.txt /',
    files: tree,
    save: { 'src/a.txt': 'A' },
    target: 'one',
  },
  {
    name: 'words in JSON',
    dockerfile: 'COPY ["a b.txt", "/app dir/"]',
    files: { 'a b.txt': '1' },
    save: { 'a b.txt': '2' },
  },
  {
    name: 'a file that nothing copies',
    dockerfile: 'COPY src /app',
    files: tree,
    save: { 'src/a.txt': 'A', 'other.txt': 'O' },
  },
  {
    name: 'RUN after COPY',
    dockerfile: 'COPY src /app\nRUN ["/bin/busybox", "cp", "-r", "/app", "/copy"]',
    files: tree,
    save: { 'src/a.txt': 'A' },
    because: /src\/a.txt is read by COPY at line 2/,
  },
  {
    name: 'what a RUN mounts',
    dockerfile: 'RUN --mount=type=bind,source=src,target=/m ["/bin/busybox", "cp", "/m/a.txt", "/b"]\nCOPY src /app',
    files: tree,
    save: { 'src/a.txt': 'A' },
    because: /read by RUN at line 2/,
  },
  {
    name: 'ADD',
    dockerfile: 'ADD src /app',
    files: tree,
    save: { 'src/a.txt': 'A' },
    because: /read by ADD at line 2/,
  },
  {
    name: 'a file of another stage',
    dockerfile: 'AS build\nCOPY src /app\nFROM sluice-test/busybox:1\nCOPY --from=build /app /app\nCOPY src/b /b',
    files: tree,
    save: { 'src/b/c.txt': 'C' },
    because: /read by COPY at line 2/,
  },
  {
    name: '--exclude',
    flag: 'exclude',
    dockerfile: 'COPY --exclude=*.md src /app',
    files: tree,
    save: { 'src/a.txt': 'A' },
    because: /read by COPY at line 2/,
  },
  {
    name: 'a link that changes',
    dockerfile: 'COPY src /app',
    files: { 'src/a': 'a', 'src/l': '-> a' },
    save: { 'src/l': '-> b' },
    because: /src\/l is no plain file/,
  },
  {
    name: 'a link that is copied by its name',
    dockerfile: 'COPY l /app',
    files: { a: 'a', l: '-> a' },
    save: { a: 'b' },
    because: /l is a link/,
  },
  {
    name: 'two files of one name by one COPY',
    dockerfile: 'COPY one two /app/',
    files: { 'one/x': '1', 'two/x': '2' },
    save: { 'one/x': '11' },
    because: /copies more than one file to \/app\/x/,
  },
  {
    name: 'a directory that is new',
    dockerfile: 'COPY src /app',
    files: tree,
    save: { 'src/n/a.txt': 'A' },
  },
  {
    name: 'a directory that is new and empty',
    dockerfile: 'COPY src /app',
    files: tree,
    save: { 'src/n': 'dir 755' },
  },
  {
    name: 'directories in each other that are new, with modes of their own',
    dockerfile: 'COPY --chown=7:8 src /app',
    files: tree,
    save: { 'src/n': 'dir 700', 'src/n/m': 'dir 751', 'src/n/m/a.txt': '600|A', 'src/n/b.txt': 'B' },
  },
  {
    name: 'a directory that is new, with a mode that is given',
    dockerfile: 'COPY --chmod=754 src /app',
    files: tree,
    save: { 'src/n/a.txt': 'A' },
  },
  {
    name: 'a directory that is new in a layer of its own',
    dockerfile: 'COPY --link src /app',
    files: tree,
    save: { 'src/n/a.txt': 'A', 'src/b/c.txt': 'C' },
    flag: 'link',
  },
  {
    name: 'a directory that is new and is one of the base image, too',
    dockerfile: 'COPY src /',
    files: tree,
    save: { 'src/bin': 'dir 711', 'src/bin/a.txt': 'A' },
  },
  {
    name: 'a directory that is gone and is one of the base image, too',
    dockerfile: 'COPY src /',
    files: { ...tree, 'src/bin/a.txt': 'A', 'src/bin/b.txt': 'B' },
    save: { 'src/bin': null },
  },
  {
    name: 'a directory that is new before WORKDIR',
    dockerfile: 'COPY src /app\nWORKDIR /app',
    files: tree,
    save: { 'src/n/a.txt': 'A' },
  },
  {
    name: 'a directory that is new and the one of WORKDIR',
    dockerfile: 'COPY src /app\nWORKDIR /app/n',
    files: tree,
    save: { 'src/n': 'dir 700', 'src/n/a.txt': 'A' },
    because: /more than one instruction .* at \/app\/n$/,
  },
  {
    name: 'a directory that is new and that a later COPY fills',
    dockerfile: 'COPY src /app\nCOPY other.txt /app/n/',
    files: tree,
    save: { 'src/n': 'dir 700', 'src/n/a.txt': 'A' },
    because: /more than one instruction .* at \/app\/n$/,
  },
  {
    name: 'a directory that is new in what two COPYs bring in',
    dockerfile: 'COPY . /app\nCOPY src /app/src',
    files: tree,
    save: { 'src/n': 'dir 700', 'src/n/a.txt': 'A' },
    // The second layer may be empty, as all of it was there before.
    because: /nothing beside src\/n/,
    mayBeMade: true,
  },
  {
    name: 'a directory that is new and named by a pattern',
    dockerfile: 'COPY src/* /app/',
    files: tree,
    save: { 'src/n/a.txt': 'A' },
    because: /src\/n is what it copies/,
  },
  {
    name: 'a directory that is a file by now',
    dockerfile: 'COPY src /app',
    files: tree,
    save: { 'src/b/d': 'a file' },
    because: /no plain file/,
  },
  {
    name: 'a directory that is gone',
    dockerfile: 'COPY src /app',
    files: tree,
    save: { 'src/b/d': null, 'src/a.txt': 'A' },
  },
  {
    name: 'a directory with another mode',
    dockerfile: 'COPY src /app',
    files: tree,
    save: { 'src/b/d/.keep': null, 'src/b': 'dir 700' },
  },
  {
    name: 'a directory that is copied, with another mode',
    dockerfile: 'COPY src /app',
    files: tree,
    save: { src: 'dir 700' },
    because: /src is what it copies/,
  },
  {
    name: 'the Dockerfile',
    dockerfile: 'COPY src /app',
    files: tree,
    save: { 'src/a.txt': 'A', Dockerfile: `${from}COPY src /elsewhere\n` },
    because: /more than files/,
  },
  {
    name: 'a file that two instructions put at one place',
    mayBeMade: true,
    dockerfile: 'COPY . /app\nCOPY src /app/src',
    files: tree,
    save: { 'src/a.txt': 'A' },
    because: /is not what was copied there|more than one instruction/,
  },
];

export const dockerfileOf = ({ dockerfile }: Case): string =>
  dockerfile.startsWith('AS ') ? `${from.trim()} ${dockerfile}\n` : `${from}${dockerfile}\n`;
