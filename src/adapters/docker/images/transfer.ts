// A record of a push or a pull as progress: of which layer, in words, and how many of its bytes have gone.
import type { PushEvent, Transfer } from '../../../model/ports.ts';
import { plain } from '../../registry/daemon-text.ts';
import type { StreamRecord } from './json-lines.ts';

/** What both image stores say of a layer that has nothing more to send. */
const over = /^(Pushed|Pull complete|Download complete|Already exists|Layer already exists|Mounted from .*)$/;

export function progressOf(record: StreamRecord): Extract<PushEvent, { is: 'progress' }> {
  const status = record.status ?? '';
  const text = plain(`${status} ${record.progress ?? ''}`);
  const isDone = over.test(status);
  const bytes: Transfer = {
    current: numberOf(record.progressDetail?.current),
    total: numberOf(record.progressDetail?.total),
    isDone,
  };
  const id = plain(record.id ?? '');
  const isLayer = id !== '' && (record.progressDetail !== undefined || isDone);
  return { is: 'progress', id, text, ...(isLayer ? { bytes } : {}) };
}

const numberOf = (value: unknown): number => (typeof value === 'number' && value > 0 ? value : 0);
