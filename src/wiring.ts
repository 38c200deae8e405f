// Builds the ports from the adapters and the ways of updating: the only file that sees everything.
import { homedir } from 'node:os';
import { basename, join } from 'node:path';
import { type Observable, ReplaySubject } from 'rxjs';
import { keptTexts } from './adapters/cache/kept-texts.ts';
import { cacheDirectory } from './adapters/cache/own-files.ts';
import { createClock } from './adapters/clock/clock.ts';
import { createDisk } from './adapters/fs/disk.ts';
import { createFiles } from './adapters/fs/files.ts';
import { notesDir } from './adapters/fs/notes.ts';
import { createNet } from './adapters/net/index.ts';
import { createProc, type Running } from './adapters/proc/proc.ts';
import { isComposeFile } from './config/compose/parts.ts';
import { fieldPlace } from './config/yaml/field-place.ts';
import { createLogStore } from './logs/store.ts';
import type { DiskPort, DockerPort, KubePort, Ports } from './model/ports.ts';
import { type Problem, problemOf } from './model/problems/problem.ts';
import { createDeployedNotes, type DeployedNotes } from './update/deploy/notes.ts';
import { remembering } from './update/deploy/with-notes.ts';
import { createDurations, type Durations } from './update/durations.ts';
import { BuiltInputs } from './update/image/exchange/built-inputs.ts';
import { exchangeStrategy } from './update/image/exchange/exchange.ts';
import { imageStrategy } from './update/image/image.ts';
import { createImageCache } from './update/image/known/known-images.ts';
import { layerStrategy } from './update/image/layer/layer.ts';
import { containerStrategy } from './update/live/container.ts';
import { execStrategy } from './update/live/exec.ts';
import { createSynclets, type Synclets } from './update/live/synclet/pool.ts';
import { syncletStrategy } from './update/live/synclet.ts';
import { localStrategy } from './update/local/local.ts';
import type { Strategy } from './update/strategy.ts';

export interface WiringOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly context: string | null;
  readonly namespace: string | null;
  /** Directory of the configuration: .sluice lives there. */
  readonly dir: string;
  /** The configuration itself. */
  readonly file: string;
  /** Older log lines go into .sluice; false: what memory holds is kept. */
  readonly spills: boolean;
}

/** `notes`: what .sluice remembers for the next session. `logs`: older lines, on disk. */
export interface Degraded {
  readonly part: 'notes' | 'logs';
  readonly problem: Problem | null;
}

export interface Wired {
  readonly ports: Ports;
  readonly strategies: readonly Strategy[];
  /** What was deployed in this session and before. */
  readonly notes: DeployedNotes;
  /** How long first runs took, in this session and before. */
  readonly times: Durations;
  readonly helpers: Synclets;
  /** Commands of this machine that were started. */
  readonly running: Running;
  /** What the session goes on without, and null when it has it again; whoever listens late hears what was said. */
  readonly degraded$: Observable<Degraded>;
  /** The context that the configuration pins: used where none was given on the command line, from the next connection on. */
  pin(context: string | null): void;
  /** Connections, watchers and helpers are closed; nothing of them is left. */
  close(): Promise<void>;
}

export function wire(options: WiringOptions): Wired {
  const proc = createProc();
  const docker = connectOnce(() => connectDocker(options));
  let pinned: string | null = null;
  const kube = connectOnce(() => connectKube({ ...options, context: options.context ?? pinned }));
  const degraded$ = new ReplaySubject<Degraded>(2);
  const degraded = (part: Degraded['part'], problem: Problem | null): void => degraded$.next({ part, problem });
  const logs = createLogStore({
    dir: options.spills ? join(options.dir, '.sluice', 'logs') : null,
    makeDir: () => void notesDir(options.dir, 'logs'),
    onTrouble: (problem) => degraded('logs', problem),
  });
  const disk = telling(createDisk(), (problem) => degraded('notes', problem));
  const ports: Ports = {
    ...localPorts(disk, proc),
    kept: keptTexts(cacheDirectory(options.env)),
    env: options.env,
    logs,
    docker: docker.get,
    ...builderPorts(options),
    kube: kube.get,
  };
  const synclets = createSynclets();
  const notes = createDeployedNotes(ports.disk, options.dir, basename(options.file));
  const times = createDurations(ports.disk, options.dir, basename(options.file));
  return {
    ports,
    degraded$,
    notes,
    times,
    helpers: synclets,
    running: proc.running,
    pin: (context) => {
      pinned = context;
    },
    strategies: strategiesOf(synclets, notes, ports.disk, options.dir),
    close: async () => {
      await Promise.all([synclets.closeAll(), notes.settled(), times.settled()]);
      proc.close();
      await Promise.all([docker.close(), kube.close(), logs.close()]);
    },
  };
}

/** A Compose file is of no use without Docker, whose answer comes while the file is read. A failure is met by who needs it. */
export function foreseen(file: string, { docker }: Pick<Ports, 'docker'>): void {
  if (isComposeFile(file)) docker().catch(() => {});
}

/** What this machine is asked for. */
function localPorts(
  disk: DiskPort,
  proc: Proc,
): Pick<Ports, 'now' | 'clock' | 'files' | 'disk' | 'fieldAt' | 'proc' | 'net'> {
  const clock = createClock();
  return {
    now: clock.now,
    clock,
    files: createFiles(),
    disk,
    fieldAt: fieldsOf(disk),
    proc,
    net: createNet(proc.listener),
  };
}

/** Builders and registries elsewhere, each loaded when first needed. */
function builderPorts({ env }: WiringOptions): Pick<Ports, 'buildkit' | 'registry'> {
  const login = { env, home: homedir() };
  return {
    buildkit: once(async () => (await import('./adapters/buildkit/index.ts')).createBuildkit(login)),
    registry: once(async () => (await import('./adapters/registry/index.ts')).createRegistry(login)),
  };
}

type Proc = ReturnType<typeof createProc>;

/** The ways of bringing a change in, in the order in which they are tried. */
function strategiesOf(synclets: Synclets, notes: DeployedNotes, disk: DiskPort, dir: string): readonly Strategy[] {
  const cache = once(() => createImageCache(disk, dir));
  const inputs = new BuiltInputs();
  return [
    localStrategy,
    containerStrategy(synclets),
    syncletStrategy(synclets),
    execStrategy(synclets),
    remembering(layerStrategy, notes),
    remembering(exchangeStrategy(cache, inputs), notes),
    remembering(imageStrategy(cache, inputs), notes),
  ];
}

/** Where a field stands in a file; null where the file cannot be read. */
const fieldsOf =
  (disk: DiskPort): Ports['fieldAt'] =>
  (at, path) =>
    disk.readText(at.file).then(
      (text) => fieldPlace(text, at, path),
      () => null,
    );

/** A session does without notes that cannot be written, and says so. */
function telling(disk: DiskPort, tell: (problem: Problem | null) => void): DiskPort {
  let isTold = false;
  const told = (problem: Problem | null): void => {
    if ((problem !== null) !== isTold) tell(problem);
    isTold = problem !== null;
  };
  const save: DiskPort['save'] = (dir, name, value) =>
    disk.save(dir, name, value).then(
      () => told(null),
      (error) => {
        told(problemOf(error));
        throw error;
      },
    );
  return { ...disk, save };
}

/** The adapters are large: each is loaded when first needed. */
async function connectDocker({ env }: WiringOptions): Promise<DockerPort> {
  const { connectDocker } = await import('./adapters/docker/index.ts');
  return connectDocker({ env, home: homedir() });
}

async function connectKube({ env, context, namespace }: WiringOptions): Promise<KubePort> {
  const { connectKube } = await import('./adapters/kube/index.ts');
  return connectKube({
    env,
    ...(context ? { context } : {}),
    ...(namespace ? { namespace } : {}),
  });
}

/** What holds nothing open needs no end. */
function once<T extends object>(make: () => T): () => T {
  let made: T | null = null;
  return () => {
    made ??= make();
    return made;
  };
}

/** One connection for all; a failed attempt is forgotten, so that it can be asked for again. */
function connectOnce<T extends { close(): void }>(
  connect: () => Promise<T>,
): { get(): Promise<T>; close(): Promise<void> } {
  let open: Promise<T> | null = null;
  return {
    get() {
      if (open) return open;
      const mine = connect();
      open = mine;
      mine.catch(() => {
        if (open === mine) open = null;
      });
      return mine;
    },
    async close() {
      await open?.then((opened) => opened.close()).catch(() => {});
    },
  };
}
