// A reader of stdout that has gone is noticed also where there is nothing to say. Writing would tell, so a silent program
// has to ask: `poll` for a pipe, which Node offers through WASI alone; a write of nothing for a socket.
import { fstatSync } from 'node:fs';
import type { Writable } from 'node:stream';
import { limits } from '../model/limits.ts';

/** As a write would: `out` errors with EPIPE. Ends with the process; it keeps none alive. */
export function watchReader(out: Writable & { readonly fd?: number }): void {
  const ask = probeOf(out, out.fd ?? 1);
  if (ask === null) return;
  let probe: (() => boolean) | null = null;
  const timer = setInterval(() => {
    // What waits to be written will tell.
    if (out.writableLength > 0) return;
    probe ??= ask();
    if (!probe()) return;
    clearInterval(timer);
    out.destroy(Object.assign(new Error('write EPIPE'), { code: 'EPIPE', syscall: 'write' }));
  }, limits.readerProbeMs).unref();
}

type Probe = () => boolean;

/** Made when it is first needed: most commands have ended by then. Null for a terminal or a file, which do not go. */
function probeOf(out: Writable, fd: number): (() => Probe) | null {
  try {
    const stat = fstatSync(fd);
    if (stat.isFIFO()) return () => pipeProbe(fd);
    // A write of nothing is no data, and fails where the other side has closed.
    if (stat.isSocket()) return () => () => !out.write('') && false;
  } catch {
    // Closed from the start: the first write says so.
  }
  return null;
}

const [subscribed, happened, count] = [0, 128, 256];
const [subscriptionBytes, fdWrite, clock, monotonic] = [48, 2, 0, 1];

/** What the types of Node leave out. */
const { Memory } = (
  globalThis as unknown as {
    WebAssembly: { Memory: new (size: { initial: number }) => { readonly buffer: ArrayBuffer } };
  }
).WebAssembly;

/** poll_oneoff of WASI preview 1: `fd` writable, or a millisecond has passed. A pipe without a reader is an error. */
function pipeProbe(fd: number): Probe {
  const { WASI } = quietly(() => process.getBuiltinModule('node:wasi'));
  const memory = new Memory({ initial: 1 });
  const wasi = quietly(() => new WASI({ version: 'preview1', stdout: fd }));
  wasi.initialize({ exports: { memory } });
  const view = new DataView(memory.buffer);
  return () => {
    new Uint8Array(memory.buffer).fill(0, 0, count + 4);
    view.setUint8(subscribed + 8, fdWrite);
    view.setUint32(subscribed + 16, 1, true);
    view.setUint8(subscribed + subscriptionBytes + 8, clock);
    view.setUint32(subscribed + subscriptionBytes + 16, monotonic, true);
    view.setBigUint64(subscribed + subscriptionBytes + 24, 1_000_000n, true);
    wasi.wasiImport.poll_oneoff?.(subscribed, happened, 2, count);
    const isOurs = view.getUint32(count, true) > 0 && view.getUint8(happened + 10) === fdWrite;
    return isOurs && view.getUint16(happened + 8, true) !== 0;
  };
}

/** Without the warning that this part of Node is experimental: nobody who reads it could do anything about it. */
function quietly<T>(load: () => T): T {
  const { emitWarning } = process;
  process.emitWarning = () => {};
  try {
    return load();
  } finally {
    process.emitWarning = emitWarning;
  }
}
