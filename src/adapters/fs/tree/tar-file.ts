// A tar as a file of its own, in a private directory that goes with it.
import { createWriteStream } from 'node:fs';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { DiskPort } from '../../../model/ports.ts';
import { tar } from './tar.ts';

export const tarFile: DiskPort['tarFile'] = async (entries, options) => {
  const dir = await mkdtemp(join(tmpdir(), 'sluice-layer-'));
  const drop = () => rm(dir, { recursive: true, force: true });
  const source = join(dir, 'layer.tar');
  try {
    await pipeline(tar(entries, options), createWriteStream(source, { mode: 0o600 }));
    const { size } = await stat(source);
    return { entry: { path: 'layer.tar', type: 'file', source, mode: 0o600, size }, drop };
  } catch (error) {
    await drop();
    throw error;
  }
};
