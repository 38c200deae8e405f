// Every mistake with its place, its code and its words: what a user reads.
import { describe, expect, it } from 'vitest';
import { deployment, project } from './project.ts';

const web = { 'k8s/web.yaml': deployment('web', 'shop/web') };
const withWeb = 'kubernetes: {manifests: [k8s/web.yaml]}\n';
const local = (rest: string): string => `local:\n  a: {cmd: "true"}\n${rest}`;

const table: readonly [
  name: string,
  yaml: string,
  faults: readonly string[],
  files?: Readonly<Record<string, string>>,
][] = [
  ['an empty file', '', ['1:1 S103 sluice.yaml is empty']],
  ['a list', '- a\n', ['1:1 S103 sluice.yaml is a list, not a map of keys']],
  ['an unclosed brace', 'local:\n  a: {cmd: x\nresources: {}\n', ['2:6 S101 this { is never closed']],
  ['a key twice', 'local: {}\nlocal: {}\n', ['2:1 S101 the key local stands twice in one map']],
  ['two documents', 'local: {}\n---\nlocal: {}\n', ['2:1 S101 a second document begins here: this file is one']],
  [
    'unknown keys at every depth',
    'imagez: {}\nlocal:\n  a: {cmdd: x, cmd: y}\n',
    ['1:1 S102 unknown key imagez', '3:7 S102 unknown key cmdd in local.a'],
  ],
  [
    'wrong types',
    'local:\n  a: {cmd: 7, deps: src}\n',
    ['2:12 S103 local.a.cmd: expected text, not 7', '2:21 S103 local.a.deps: expected a list, not the text src'],
  ],
  [
    'a word outside of the choice',
    local('resources:\n  a: {trigger: never}\n'),
    ['4:16 S103 resources.a.trigger: expected auto or manual, not never'],
  ],
  [
    'the one name that cannot be kept, wherever it stands',
    'local:\n  __proto__: {cmd: x}\n  a: {cmd: x, env: {__proto__: "1"}}\nresources:\n  a: {needs: [__proto__]}\n',
    [
      '2:3 S103 __proto__ cannot be a name',
      '3:21 S103 __proto__ cannot be a name',
      '5:15 S103 __proto__ cannot be a name',
    ],
  ],
  [
    'names that every object has, where nobody wrote them',
    local('resources:\n  a: {needs: [toString]}\n  valueOf: {labels: [x]}\n'),
    ['4:15 S107 a needs toString, which is no resource', '5:3 S128 no resource is called valueOf'],
  ],
  ['a value inside itself', 'local: &a\n  x: *a\n', ['2:6 S104 an alias inside of what it stands for']],
  ['neither cmd nor serve', 'local:\n  a: {deps: [x]}\n', ['2:3 S103 a has neither cmd nor serve']],
  [
    'bad durations',
    local('resources:\n  a: {debounce: {quiet: soon, max: 3 s}}\n'),
    [
      '4:25 S103 resources.a.debounce.quiet: expected a duration such as 50ms, 2s or 5m, not soon',
      '4:36 S103 resources.a.debounce.max: expected a duration such as 50ms, 2s or 5m, not 3 s',
    ],
  ],
  [
    'bad probes',
    'local:\n  a: {serve: x, ready: {http: "localhost:3000"}}\n  b: {serve: x, ready: {tcp: 99999}}\n  c: {serve: x, ready: {tcp: 1, http: "http://a"}}\n  d: {serve: x, ready: {log: "("}}\n  e: {serve: x, ready: {every: 1s}}\n',
    [
      '2:31 S103 local.a.ready.http: localhost:3000 is no URL of http or https',
      '3:30 S103 local.b.ready.tcp: 99999 is no port',
      '4:24 S103 ready has http and tcp',
      '5:30 S103 ready.log: ( is no regular expression: a ( is never closed',
      '6:24 S103 ready says nothing to look at',
    ],
  ],
  [
    'an unknown need',
    local('resources:\n  a: {needs: [b, {name: aa, update: rerun}]}\n'),
    ['4:15 S107 a needs b, which is no resource', '4:18 S107 a needs aa, which is no resource'],
  ],
  [
    'a circle of needs',
    'local: {a: {cmd: x}, b: {cmd: x}, c: {cmd: x}}\nresources:\n  a: {needs: [b]}\n  b: {needs: [c]}\n  c: {needs: [a]}\n',
    ['3:15 S108 resources need each other: a → b → c → a'],
  ],
  ['settings of nothing', local('resources:\n  aa: {start: false}\n'), ['4:3 S128 no resource is called aa']],
  [
    'settings that do not fit a local resource',
    local('resources:\n  a: {ports: [80], ready: pods}\n'),
    ['4:7 S103 ports has no meaning for a, a local resource', '4:20 S103 ready has no meaning for a, a local resource'],
  ],
  [
    'a broken resource that others need, once',
    'local: {a: 5, b: {cmd: x}}\nresources: {b: {needs: [a]}, a: {start: true}}\n',
    ['1:12 S103 local.a: expected a map of keys, not 5'],
  ],
  ['compose', 'compose: [nope.yaml]\n', ['1:10 S117 the Compose file nope.yaml does not exist']],
  [
    'a variable that is not set',
    'local:\n  a: {cmd: "true", dir: "./${NO_SUCH}"}\n',
    ['2:25 S105 the variable NO_SUCH is not set'],
  ],
  ['an unreadable variable', 'local:\n  a: {cmd: "true", dir: "${1+2}"}\n', ['2:25 S105 ${1+2} is no variable']],
  ['a missing env file', local('settings: {env: [.env]}\n'), ['3:18 S106 the env file .env does not exist']],
  [
    'an image in no manifest',
    `${withWeb}images:\n  shop/wep: {context: .}\n`,
    ['3:3 S111 the image shop/wep is in no manifest'],
    { ...web, Dockerfile: 'FROM scratch\n' },
  ],
  [
    'no image reference',
    `${withWeb}images:\n  Shop/Web: {context: .}\n`,
    ['3:3 S110 Shop/Web is no image reference: capital letters are allowed in its tag alone'],
    { ...web, Dockerfile: '' },
  ],
  [
    'a missing Dockerfile',
    `${withWeb}images:\n  shop/web: {context: ./web}\n`,
    ['3:23 S114 the Dockerfile web/Dockerfile does not exist'],
    { ...web, 'web/x': '' },
  ],
  [
    'an image without any word on it',
    `${withWeb}images:\n  shop/web:\n`,
    ['3:3 S103 shop/web says neither how it is built nor how it is updated'],
    web,
  ],
  [
    'a command without deps',
    `${withWeb}images:\n  shop/web: {command: make}\n`,
    ['3:14 S103 command without deps: nothing would ever start it again'],
    web,
  ],
  [
    'live rules out of order',
    `${withWeb}images:\n  shop/web:\n    context: .\n    live:\n      - restart: process\n      - sync: {from: src, to: app}\n      - run: {cmd: a}\n        sync: {from: src, to: /app}\n`,
    [
      '7:9 S112 sync stands after restart',
      '7:31 S103 sync.to: app is no absolute path',
      '8:9 S112 one live rule has both sync and run',
    ],
    { ...web, Dockerfile: '', 'src/a.js': '' },
  ],
  [
    'live rules that nothing would ever carry out',
    `${withWeb}images:\n  shop/web:\n    context: .\n    live:\n      - fallback: [src]\n      - run: {cmd: a}\n      - restart: process\n  a:\n    context: .\n    live:\n      - sync: {from: src, to: /a}\n      - sync: {from: src/x, to: /b}\n  b: {live: [{restart: process}]}\n`,
    [
      '6:7 S112 fallback and run and restart rules without any sync',
      '13:22 S112 this sync rule is never reached: one before it covers all its files',
      '14:13 S112 restart rules without any sync',
    ],
    { ...web, Dockerfile: '', 'src/x/a.js': '' },
  ],
  [
    'sync from outside',
    `${withWeb}images:\n  shop/web:\n    context: ./web\n    ignore: [tmp]\n    live:\n      - fallback: [other.json]\n      - sync: {from: ./lib, to: /lib}\n      - sync: {from: ./web/tmp, to: /tmp}\n`,
    [
      '7:20 S113 fallback other.json is not among the watched files of this image',
      '8:22 S113 sync.from ./lib is not among the watched files of this image',
      '9:22 S113 sync.from ./web/tmp is not among the watched files of this image',
    ],
    { ...web, 'web/Dockerfile': '' },
  ],
  [
    'steps that wait for what is never watched',
    `${withWeb}images:\n  shop/web:\n    context: ./web\n    live:\n      - sync: {from: ./web/src, to: /src}\n      - run: {cmd: a, when: ["web/src/**/*.{md,txt}", web/src/kept.md, "web/src/*.js", other, "*.json"]}\n`,
    [
      '7:30 S113 run.when web/src/**/*.{md,txt} is not among the watched files of this image',
      '7:88 S113 run.when other is not among the watched files of this image',
      '7:95 S113 run.when *.json is not among the watched files of this image',
    ],
    { ...web, 'web/Dockerfile': '', 'web/.dockerignore': '**/*.md\n**/*.txt\n!src/kept.md\n', 'web/src/a.md': '' },
  ],
  [
    'missing manifests',
    'kubernetes:\n  manifests:\n    - k8s/web.yml\n    - k9s/*.yaml\n    - k8s\n    - {}\n',
    [
      '3:7 S120 the manifest k8s/web.yml does not exist',
      '4:7 S120 no file matches k9s/*.yaml',
      '5:7 S120 k8s is a directory',
      '6:7 S103 this entry names no manifests',
    ],
    web,
  ],
  [
    'objects that are none',
    'kubernetes: {manifests: [k.yaml]}\n',
    [
      'k.yaml:1:1 S121 this object has no kind',
      'k.yaml:3:1 S121 this ConfigMap has no apiVersion',
      'k.yaml:5:1 S121 this ConfigMap has no metadata.name',
      'k.yaml:7:1 S121 this is no Kubernetes object',
      'k.yaml:9:52 S121 "a b" is no name for a ConfigMap',
    ],
    {
      'k.yaml':
        'apiVersion: v1\n---\nkind: ConfigMap\n---\n{apiVersion: v1, kind: ConfigMap}\n---\ntext\n---\n{apiVersion: v1, kind: ConfigMap, metadata: {name: a b}}\n',
    },
  ],
  [
    'an object twice',
    'kubernetes: {manifests: [k8s/*.yaml]}\n',
    ['k8s/webb.yaml:1:1 S122 Deployment web stands in two manifests'],
    { ...web, 'k8s/webb.yaml': deployment('web', 'x') },
  ],
  [
    'broken manifests',
    'kubernetes: {manifests: [k.yaml]}\n',
    ['k.yaml:2:4 S101 a colon and a space stand inside of a text'],
    { 'k.yaml': 'kind: x\na: b: c\n' },
  ],
  [
    'bad ports',
    `${withWeb}resources:\n  web: {ports: [0, "a:80", "80:80:80:80", 80, "127.0.0.1:80:1"]}\n`,
    [
      '3:17 S103 resources.web.ports[0]: expected a port: 8080, "9000:80" or "127.0.0.1:5432:5432", not 0',
      '3:20 S103 resources.web.ports[1]: expected a port: 8080, "9000:80" or "127.0.0.1:5432:5432", not a:80',
      '3:28 S103 resources.web.ports[2]: expected a port: 8080, "9000:80" or "127.0.0.1:5432:5432", not 80:80:80:80',
    ],
    web,
  ],
  [
    'a local port twice',
    `${withWeb}resources:\n  web: {ports: [8080, "8080:80"]}\n`,
    ['3:23 S127 the local port 8080 is forwarded to web already'],
    web,
  ],
  [
    'an object in no manifest',
    `${withWeb}resources:\n  web: {objects: ["configmap/x"]}\n`,
    ['3:19 S129 configmap/x stands in no manifest'],
    web,
  ],
  [
    'a name twice',
    `${withWeb}local:\n  web: {cmd: x}\n`,
    ['3:3 S126 web is the name of a local resource and of one in the manifests'],
    web,
  ],
  [
    'a failing command',
    'kubernetes:\n  manifests: [{command: "echo no such key >&2; exit 3"}]\n',
    ['2:15 S124 command failed: no such key'],
  ],
  [
    'an alias bomb',
    `a: &a [x,x,x,x,x,x,x,x,x]\n${'abcdef'
      .split('')
      .map(
        (k, i) =>
          `${k}${k}: &${k}${k} [${Array(9)
            .fill(`*${i === 0 ? 'a' : 'abcdef'[i - 1]!.repeat(2)}`)
            .join(',')}]\n`,
      )
      .join('')}`,
    ['7:18 S104 its aliases multiply to too much'],
  ],
];

describe('a mistake is told with its place', () => {
  it.each(table)('%s', async (_, yaml, faults, files = {}) => {
    const found = await project({ 'sluice.yaml': yaml, ...files }).faults();
    expect(found).toEqual(faults.map((each) => (/^\d/.test(each) ? `sluice.yaml:${each}` : each)));
  });
});

describe('a hint says what to do', () => {
  const hints = async (yaml: string): Promise<(string | undefined)[]> => {
    const loaded = await project({ 'sluice.yaml': yaml }).load();
    return 'problems' in loaded ? loaded.problems.map(({ hint }) => hint) : [];
  };
  it('names the nearest key', async () => {
    expect(await hints('lokal: {}\nlocal: {a: {srve: x, cmd: y}}\n')).toEqual([
      'did you mean local?',
      'did you mean serve?',
    ]);
  });
  it('names the known ones where none is near', async () => {
    expect(await hints('local: {a: {cmd: x}}\nsettings: {xyzzy: 1}\n')).toEqual([
      'known: parallel, builder, ignore, compose, env',
    ]);
  });
  it('names the nearest resource', async () => {
    expect(await hints('local: {codegen: {cmd: x}, b: {cmd: x}}\nresources: {b: {needs: [codgen]}}\n')).toEqual([
      'did you mean codegen?',
    ]);
  });
});
