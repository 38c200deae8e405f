// What people's fingers know from `docker compose` and sluice has otherwise: what to write instead, by command.

interface Instead {
  readonly [word: string]: string;
}

/** Commands. */
const commands: Instead = {
  ps: 'sluice status shows what runs',
  ls: 'docker compose ls lists projects, those of sluice among them',
  images: 'sluice plan names the images',
  build: 'sluice up builds what has changed; sluice run --build does for one command',
  create: 'sluice up makes containers and starts them',
  start: 'sluice up starts them, or sluice enable SERVICE in a running session',
  kill: 'sluice down, or sluice disable SERVICE in a running session',
  rm: 'sluice down SERVICE takes its containers away',
  scale: 'sluice up --scale SERVICE=NUMBER',
  watch: 'sluice up watches',
  config: 'docker compose config prints the same; sluice plan says what up would do',
  port: 'sluice status SERVICE shows its addresses',
  top: 'sluice exec SERVICE ps',
  attach: 'sluice logs -f SERVICE, or sluice exec SERVICE sh',
  events: 'sluice up --json tells all that happens',
  cp: 'docker compose cp copies from and to containers of sluice as well',
  push: 'docker compose push does, of images of sluice as well',
  pause: 'docker compose pause does, of containers of sluice as well',
  unpause: 'docker compose unpause does, of containers of sluice as well',
  stats: 'docker compose stats shows containers of sluice as well',
  volumes: 'docker volume ls lists them',
  version: 'sluice --version',
};

const ofUp: Instead = {
  '-d': 'write sluice up --once: it ends when all is ready, and what it made stays up',
  '--detach': 'write sluice up --once: it ends when all is ready, and what it made stays up',
  '--wait-timeout': 'write --timeout DURATION, such as --timeout 90s',
  '-t': 'how long containers may take to end is stop_grace_period of their service',
  '--no-build': 'an image that has not changed is not built; write image: without build: for one that never is',
  '--no-recreate': 'containers that are as configured are kept; sluice plan says what would change',
  '--always-recreate-deps': 'write --force-recreate, or depends_on with restart: true',
  '--no-start': 'write start: false under resources: in sluice.yaml',
  '--abort-on-container-exit': 'write sluice ci: it ends as soon as something cannot come up',
  '--abort-on-container-failure': 'write sluice ci: it ends as soon as something cannot come up',
  '--exit-code-from': 'write sluice run SERVICE: it ends with the code of its command',
  '--attach': 'sluice logs -f SERVICE follows the output of some',
  '--attach-dependencies': 'the output of all is shown; sluice logs -f SERVICE follows some',
  '--no-attach': 'write attach: false in the service',
  '--no-log-prefix': 'sluice up --json has each line as JSON',
  '--timestamps': 'sluice up --json has the time of each line',
  '--menu': 'in a terminal the full screen is that',
  '--quiet-pull': 'leave it out: progress is shown where it moves',
  '--quiet-build': 'leave it out: what is built is shown where it fails',
  '-y': 'leave it out: nothing is asked',
  '--yes': 'leave it out: nothing is asked',
  '--dry-run': 'write sluice plan: it says what up would do',
};

const options: Readonly<Record<string, Instead>> = {
  up: ofUp,
  down: { '--dry-run': 'write sluice plan: it says what is there to bring up' },
  run: {
    '--quiet-build': 'leave it out: nothing is said where nothing is built',
    '--quiet-pull': 'leave it out: nothing is said where nothing is pulled',
    '--remove-orphans': 'write it with sluice up or sluice down',
    '--env-from-file': 'write env_file: in the service',
    '-q': 'leave it out: only the command is heard',
    '--quiet': 'leave it out: only the command is heard',
  },
  logs: {
    '--no-log-prefix': 'sluice logs --json has each line as JSON',
    '-t': 'sluice logs --json has the time of each line',
    '--timestamps': 'sluice logs --json has the time of each line',
    '--until': 'write --since, --tail or --grep',
    '--index': 'write --container NAME',
  },
};

const said = (table: Instead | undefined, word: string): string | null =>
  table && Object.hasOwn(table, word) ? (table[word] as string) : null;

/** Null where there is nothing to say. */
export const insteadOfCommand = (word: string): string | null => said(commands, word);

export const insteadOfOption = (command: string, option: string): string | null =>
  said(Object.hasOwn(options, command) ? options[command] : undefined, option);
