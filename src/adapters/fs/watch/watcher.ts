// Everything the worker does: one backend, one index, and the plan they follow. Events say where to look; the index says
// whether anything differs.
import { existsSync, type Stats } from 'node:fs';
import { join } from 'node:path';
import { setImmediate as breathe } from 'node:timers/promises';
import { withoutSlash } from '../../../model/fileset.ts';
import { limits } from '../../../model/limits.ts';
import type { WatchEvent, WatchPlan } from '../../../model/ports.ts';
import { contentHash, entryOf, isCarried, isRacy, isUntouched } from '../content.ts';
import { isAtOrBelow, mounts, silence } from '../mounts.ts';
import { breathing, type Scanned, scanDir, scanTree, statOf } from '../scan.ts';
import type { StartBackend, WatchBackend, WatchBackendEvents } from './backend/backend.ts';
import { createBurst } from './burst.ts';
import { confirm } from './confirmation.ts';
import { FileIndex } from './file-index.ts';
import { gitDir, watchGit } from './git-watch.ts';
import type { FromWorker, ToWorker, WorkerStart } from './messages.ts';
import { createOutbox } from './outbox.ts';
import { type Ways, waysOf } from './parent-moves.ts';
import { createPolling } from './polling.ts';
import { createProbe, type Probe } from './probe.ts';
import { missing, notRead, notWatched, silentMount } from './problems.ts';
import { troubles } from './troubles.ts';
import { beginnings, type WatchedSet, watchedSet } from './watched-set.ts';

const nothing = watchedSet({ dir: '/', targets: [] });

export class WatchSession {
  private readonly send: (message: FromWorker) => void;
  private readonly startBackend: StartBackend;
  private readonly index: FileIndex;
  /** The project directory. */
  private dir = '/';
  private set: WatchedSet = nothing;
  /** What was watched before: an unknown file there is a change, elsewhere it is the first look at it. */
  private before: WatchedSet = nothing;
  private backend: WatchBackend | null = null;
  private probe: Probe | null = null;
  private stopGit = () => {};
  private recovery: string | null;
  private readonly isRestarted: boolean;
  private isBaseline = true;
  private silenceOf = silence([]);
  private ways: Ways = waysOf([], () => false);
  private readonly waysTimer: NodeJS.Timeout;
  private isRescanDue = false;
  /** Directories seen and perhaps not yet watched: looked at once more before anything is called certain. */
  private readonly young = new Set<string>();
  private readonly troubles = troubles((event) => this.tell(event));
  /** Directories that are there and cannot be looked into. */
  private readonly unread = new Set<string>();
  /** Roots outside of the project that were directories. */
  private readonly outside = new Set<string>();
  private hashed = { files: 0, bytes: 0 };
  private turn: Promise<unknown> = Promise.resolve();
  private snapshotTimer: NodeJS.Timeout | null = null;
  private readonly outbox = createOutbox((paths) => this.tell({ is: 'raw', paths }));
  private readonly polling = createPolling((dir, deep) => this.poll(dir, deep));
  private readonly burst = createBurst((events) => {
    this.rescanSoon(`${events} events at once: some may be lost`);
  });
  /** How a look at the disk is taken in: differences are told, or, at first sight, noted. */
  private readonly scanned: Scanned = {
    has: (path) => this.set.has(path),
    descends: (dir) => this.set.mayDescend(dir),
    differs: (path, stat) => this.differs(path, stat),
    isDir: (path, stat) => this.sawDir(path, stat),
    missing: (path) => (this.set.has(path) ? this.outbox.add(path) : this.index.delete(path)),
    looked: (dir, error) => this.looked(dir, error),
  };

  constructor(send: (message: FromWorker) => void, start: WorkerStart, startBackend: StartBackend) {
    this.send = send;
    this.startBackend = startBackend;
    this.recovery = start.because;
    this.isRestarted = start.snapshot !== null;
    this.index = start.snapshot ? FileIndex.from(start.snapshot) : new FileIndex();
    this.waysTimer = setInterval(() => this.lookAtWays(), limits.waysMs);
  }

  receive(message: ToWorker): void {
    if (message.do === 'more') this.outbox.taken();
    if (message.do === 'plan') this.inTurn(() => this.follow(message.plan));
    if (message.do === 'confirm') this.inTurn(() => this.confirm(message.id, message.paths));
    if (message.do === 'flush') this.inTurn(() => this.flush(message.id));
  }

  async close(): Promise<void> {
    this.burst.stop();
    clearInterval(this.waysTimer);
    this.polling.clear();
    this.probe?.close();
    this.stopGit();
    if (this.snapshotTimer) clearTimeout(this.snapshotTimer);
    await this.backend?.close();
  }

  /** One after the other: a plan must not change the index in the middle of a confirmation. A throw ends the worker. */
  private inTurn(work: () => Promise<void>): void {
    this.turn = this.turn.then(work);
  }

  private tell(event: WatchEvent): void {
    this.send({ is: 'event', event });
  }

  // ---- plans -------------------------------------------------------------------------------------------------

  private async follow(plan: WatchPlan): Promise<void> {
    const start = performance.now();
    const set = watchedSet(plan);
    const isSame = this.backend !== null && set.key === this.set.key;
    this.before = this.isRestarted && this.set === nothing ? set : this.set;
    this.set = set;
    this.dir = plan.dir;
    if (!isSame) await this.watchAnew();
    this.tellStanding(start);
    if (this.recovery) this.tell({ is: 'rescanned', because: this.recovery });
    this.recovery = null;
    void this.hashRest();
    this.snapshotSoon(0);
  }

  /** Where the project itself is not there nothing can be called watched. */
  private tellStanding(start: number): void {
    if (!existsSync(this.dir)) this.tell({ is: 'away', dir: this.dir });
    else this.tell({ is: 'ready', files: this.index.files, ms: Math.round(performance.now() - start) });
  }

  private async watchAnew(): Promise<void> {
    // First, since chokidar shares a handle among watchers of a path, a dead one too; the index knows what was there.
    await this.backend?.close();
    this.silenceOf = silence(mounts());
    this.polling.clear();
    this.isBaseline = true;
    const seen = new Set<string>();
    const isNative = (dir: string) => this.set.mayDescend(dir) && this.silenceOf(dir) === null;
    const begin = beginnings(this.set);
    // Before anything is watched: what becomes another meanwhile is noticed then.
    const git = [join(this.dir, '.git'), gitDir(this.dir) ?? this.dir];
    this.troubles.begin();
    this.unread.clear();
    const outside = this.rootsOutside();
    this.ways = waysOf([...begin, this.dir, ...git, ...outside], (dir) => this.set.mayDescend(dir));
    // Behind it: one that goes between both would be taken for one that was never there.
    for (const root of outside.filter((each) => !statOf(each))) this.troubles.meets(`S509 ${root}`, missing(root));
    this.probe?.close();
    this.probe = createProbe(this.dir);
    this.stopGit();
    this.stopGit = watchGit(this.dir, (busy, because) => this.tell({ is: 'git', busy, because }));
    const backend = this.startBackend(
      begin.filter((dir) => this.silenceOf(dir) === null),
      isNative,
      this.eventsOf(() => this.backend === backend, seen),
    );
    this.backend = backend;
    await backend.ready;
    // The last directories are looked at in the turn after they were told.
    await breathe();
    await this.lookAtSilent(begin, seen);
    this.forget(seen);
    this.isBaseline = false;
    this.troubles.settled();
  }

  /** Those that were directories once: one that is not there any more is missed. */
  private rootsOutside(): readonly string[] {
    const wanted = new Set(this.set.roots.map(withoutSlash));
    for (const root of wanted) if (!isAtOrBelow(root, this.dir) && statOf(root)?.isDirectory()) this.outside.add(root);
    for (const root of this.outside) if (!wanted.has(root)) this.outside.delete(root);
    return [...this.outside];
  }

  private eventsOf(isCurrent: () => boolean, seen: Set<string>): WatchBackendEvents {
    return {
      touched: (path) => isCurrent() && this.touched(path),
      watched: (dir) => {
        if (!isCurrent()) return [];
        seen.add(dir);
        this.young.delete(dir);
        const inside = scanDir(this.index, dir, this.scanned);
        if (!this.isBaseline) for (const each of inside) if (!this.index.dirs.has(each)) void this.lookAtNew(each);
        return inside;
      },
      failed: (dir, error) => this.failed(dir, error),
    };
  }

  private async lookAtSilent(begin: readonly string[], seen: Set<string>): Promise<void> {
    const inner = mounts().map(({ dir }) => dir);
    const below = inner.filter((dir) => begin.some((root) => isAtOrBelow(dir, root)) && this.set.mayDescend(dir));
    for (const root of new Set([...begin, ...below])) {
      const type = this.silenceOf(root);
      if (type === null) continue;
      await scanTree(this.index, root, this.scanned, (dir) => seen.add(dir));
      this.polling.add(root, true);
      this.troubles.meets(`S501 ${root}`, silentMount(root, type));
    }
  }

  /** What was indexed and not seen this time is gone, or no longer asked for. */
  private forget(seen: ReadonlySet<string>): void {
    for (const [dir, { files, mode }] of [...this.index.dirs]) {
      if (seen.has(dir)) continue;
      for (const name of [...files.keys()]) this.scanned.missing(`${dir === '/' ? '' : dir}/${name}`);
      if (mode !== null && this.set.has(dir) && !statOf(dir)) this.scanned.missing(dir);
      else if (files.size === 0) this.index.dirs.delete(dir);
    }
  }

  // ---- events ------------------------------------------------------------------------------------------------

  private touched(path: string): void {
    this.burst.event();
    if (this.ways.hasMoved(path)) this.lookAtWays();
    const dir = this.index.dirs.get(path);
    if (dir) this.touchedDir(path, dir.ino);
    else if (this.index.get(path)) this.outbox.add(path);
    else this.touchedUnknown(path);
  }

  private touchedUnknown(path: string): void {
    const [has, open] = [this.set.has(path), this.set.mayDescend(path)];
    const stat = has || open ? statOf(path) : undefined;
    if (stat?.isDirectory() && open) void this.lookAtNew(path);
    else if (stat && has && isCarried(stat)) this.outbox.add(path);
  }

  /** That a directory's own time changed is no change; that it is another one is. */
  private touchedDir(path: string, ino: number): void {
    const stat = statOf(path);
    if (stat?.isDirectory() && stat.ino === ino) {
      this.sawDir(path, stat);
      return;
    }
    for (const file of this.index.below(path)) this.outbox.add(file);
    if (!stat) this.forgetDir(path);
    if (stat?.isDirectory()) void this.lookAtNew(path);
    else if (stat && this.set.has(path)) this.outbox.add(path);
  }

  private forgetDir(path: string): void {
    this.young.delete(path);
    this.index.forget(path);
  }

  private lookAtNew(dir: string): Promise<void> {
    if (!this.set.mayDescend(dir)) return Promise.resolve();
    return scanTree(this.index, dir, this.scanned, (each) => this.young.add(each));
  }

  /** A directory counts as one of its parent's entries: made, or with other permission bits than it was told with. */
  private sawDir(path: string, stat: Stats): void {
    const known = this.index.dirs.get(path);
    if (!known || !this.set.has(path) || known.mode === stat.mode) return;
    if (!this.isBaseline || known.mode !== null || this.before.has(path)) this.outbox.add(path);
    else known.mode = stat.mode;
  }

  private differs(path: string, stat: Stats): void {
    const entry = this.index.get(path);
    // Written twice within a tick of the clock, it looks as it did.
    const isNews = entry
      ? !isUntouched(entry, stat) || (isRacy(entry) && this.before.has(path))
      : this.before.has(path);
    if (!this.isBaseline || isNews) this.outbox.add(path);
    else if (!entry?.hash) this.note(path, stat);
  }

  /** What cannot be read is looked at again and again until it can be; who may not search a directory has events of it. */
  private looked(dir: string, error: NodeJS.ErrnoException | null): void {
    if (error === null) {
      if (!this.unread.delete(dir)) return;
      this.troubles.over(`S502 ${dir}`);
      return;
    }
    this.unread.add(dir);
    this.polling.add(dir, false);
    this.troubles.meets(`S502 ${dir}`, notRead(dir, error));
  }

  private note(path: string, stat: Stats): void {
    const isCheap = this.hashed.files < limits.scanHashFiles && this.hashed.bytes + stat.size < limits.scanHashBytes;
    if (isCheap) this.hashed = { files: this.hashed.files + 1, bytes: this.hashed.bytes + stat.size };
    this.index.set(path, entryOf(stat, isCheap ? contentHash(path, stat) : null));
  }

  private failed(dir: string | null, error: NodeJS.ErrnoException): void {
    // Without the right to read it nothing in it is seen by polling either.
    if (dir && error.code === 'EACCES') {
      this.looked(dir, error);
      return;
    }
    const problem = notWatched(dir, error);
    if (dir) this.polling.add(dir, false);
    else for (const root of beginnings(this.set)) this.polling.add(root, true);
    this.troubles.meets(problem.code, problem);
  }

  // ---- looking -----------------------------------------------------------------------------------------------

  /** What could not be watched may be by now: somebody has raised the limit, or given the right. */
  private async poll(dir: string, deep: boolean): Promise<void> {
    const isWatched = !deep && this.backend?.follow(dir) === true;
    await this.look(dir, deep);
    if (!isWatched || this.unread.has(dir)) return;
    this.polling.remove(dir);
    if (!this.polling.hasFailed) for (const code of ['S500', 'S504']) this.troubles.over(code);
  }

  private async look(dir: string, deep: boolean): Promise<void> {
    if (deep) return scanTree(this.index, dir, this.scanned, (each) => this.meet(each));
    this.meet(dir);
    for (const each of scanDir(this.index, dir, this.scanned))
      if (!this.index.dirs.has(each)) await this.look(each, true);
  }

  /** What is come across by looking is watched as what an event told of; where it cannot be, it is polled. */
  private meet(dir: string): void {
    if (this.index.dirs.has(dir)) return;
    this.young.add(dir);
    this.backend?.follow(dir);
  }

  private lookAtWays(): void {
    const because = this.backend === null ? null : this.ways.changed();
    if (because !== null) this.rescanSoon(because);
  }

  /** One that waits for its turn already looks at everything. */
  private rescanSoon(because: string): void {
    if (this.isRescanDue) return;
    this.isRescanDue = true;
    this.inTurn(() => this.rescan(because));
  }

  /** All is watched anew and compared with the index: of what was lost nobody knows what it was. */
  private async rescan(because: string): Promise<void> {
    this.isRescanDue = false;
    const start = performance.now();
    this.before = this.set;
    await this.watchAnew();
    this.outbox.empty();
    this.tellStanding(start);
    this.tell({ is: 'rescanned', because });
  }

  private async lookAtAll(): Promise<void> {
    for (const dir of new Set([...beginnings(this.set), ...this.set.roots])) await this.look(dir, true);
  }

  /** Of writes to mapped memory, or by another name of a file (a hard link), no event tells: what is quickly looked at is. */
  private async flush(id: number): Promise<void> {
    const isCertain = await this.probe?.pass();
    const because = this.ways.changed();
    if (because !== null || this.burst.isSuspect()) await this.rescan(because ?? 'events may be lost');
    else if (isCertain && this.index.files + this.index.dirs.size > limits.filesLookedAt) {
      await this.polling.pass();
      for (const dir of [...this.young]) {
        if (!statOf(dir)) this.young.delete(dir);
        await this.look(dir, false);
      }
    } else await this.lookAtAll();
    this.outbox.empty();
    this.send({ is: 'flushed', id });
  }

  private async confirm(id: number, paths: readonly string[]): Promise<void> {
    const changes = await confirm(this.index, this.set, paths);
    this.send({ is: 'confirmed', id, changes });
    if (changes.length > 0) this.snapshotSoon(limits.snapshotMs);
  }

  /** What was too much to hash at first, in the pauses. */
  private async hashRest(): Promise<void> {
    const breather = breathing();
    for (const [dir, { files }] of this.index.dirs) {
      for (const [name, entry] of files) {
        if (entry.hash !== null) continue;
        const path = `${dir}/${name}`;
        const stat = statOf(path);
        if (stat && isUntouched(entry, stat)) entry.hash = contentHash(path, stat);
        await breather();
      }
    }
  }

  private snapshotSoon(ms: number): void {
    this.snapshotTimer ??= setTimeout(() => {
      this.snapshotTimer = null;
      this.send({ is: 'snapshot', snapshot: this.index.toSnapshot() });
    }, ms);
  }
}
