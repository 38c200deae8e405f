import { PassThrough, Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { encodeField, fields, textField } from '../../../src/adapters/buildkit/protobuf.ts';
import { decodeStatus } from '../../../src/adapters/buildkit/status.ts';
import { framesOf } from '../../../src/adapters/docker/containers/frames.ts';
import { jsonLines } from '../../../src/adapters/docker/images/json-lines.ts';
import { LineTail, plain } from '../../../src/adapters/registry/daemon-text.ts';

async function all<T>(source: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const one of source) found.push(one);
  return found;
}

/** The bytes in pieces of `size`. */
const inPieces = (bytes: Buffer, size: number) =>
  Readable.from(
    Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) => bytes.subarray(at * size, at * size + size)),
  );

const frame = (stream: number, text: string) => {
  const head = Buffer.alloc(8);
  head[0] = stream;
  head.writeUInt32BE(Buffer.byteLength(text), 4);
  return Buffer.concat([head, Buffer.from(text)]);
};

describe('streams of Docker', () => {
  it.each([1, 7, 8, 9, 1_000])('take frames apart that come in pieces of %i bytes', async (size) => {
    const bytes = Buffer.concat([frame(1, 'one'), frame(2, ''), frame(2, 'zwei·'), frame(3, 'daemon')]);
    const found = (await all(framesOf(inPieces(bytes, size)))).map(({ stream, chunk }) => `${stream} ${chunk}`);
    expect(found).toEqual(['stdout one', 'stderr ', 'stderr zwei·', 'stderr daemon']);
  });

  it('refuse output that is not multiplexed', async () => {
    await expect(all(framesOf(inPieces(Buffer.from('plain text of a terminal'), 100)))).rejects.toThrow(
      'not multiplexed',
    );
  });

  it.each([1, 5, 1_000])('take JSON lines apart that come in pieces of %i bytes', async (size) => {
    const found = await all(jsonLines(inPieces(Buffer.from('{"stream":"ä"}\r\n\n{"id":"2"}\n{"id":"3"}'), size)));
    expect(found).toEqual([{ stream: 'ä' }, { id: '2' }, { id: '3' }]);
  });

  it('reject when the connection is lost, rather than ending', async () => {
    const source = new PassThrough();
    source.write('{"id":"1"}\n');
    const read = all(jsonLines(source));
    source.destroy();
    await expect(read).rejects.toThrow();
  });

  it('refuse a line that is no JSON', async () => {
    await expect(all(jsonLines(inPieces(Buffer.from('<html>\n'), 100)))).rejects.toThrow('no JSON');
  });
});

describe('protobuf', () => {
  it('reads back what it wrote, large and empty values included', () => {
    const bytes = Buffer.concat([encodeField(1, 2 ** 40), encodeField(200, 'ä'.repeat(200)), encodeField(3, '')]);
    expect([...fields(bytes)].map(({ no }) => no)).toEqual([1, 200, 3]);
    expect([...fields(bytes)][0]!.value).toBe(2 ** 40);
    expect(textField(bytes, 200)).toBe('ä'.repeat(200));
  });

  it.each([
    ['a cut field', Buffer.from([0x0a, 0x05, 0x61])],
    ['an endless varint', Buffer.alloc(12, 0xff)],
    ['an unknown wire type', Buffer.from([0x0b])],
  ])('refuses %s', (_, bytes) => {
    expect(() => [...fields(bytes)]).toThrow(RangeError);
  });

  it('decodes a status of BuildKit: vertex with times, layer, log bytes', () => {
    const time = Buffer.concat([encodeField(1, 1_700_000_000), encodeField(2, 500_000_000)]);
    const vertex = Buffer.concat([
      encodeField(1, 'sha256:a'),
      encodeField(3, '[1/2] RUN x'),
      encodeField(4, 1),
      encodeField(5, time),
    ]);
    const layer = Buffer.concat([encodeField(1, 'l'), encodeField(4, 5), encodeField(5, 9)]);
    const log = Buffer.concat([encodeField(1, 'sha256:a'), encodeField(3, 1), encodeField(4, 'out\n')]);
    const status = decodeStatus(Buffer.concat([encodeField(1, vertex), encodeField(2, layer), encodeField(3, log)]));
    expect(status.vertexes[0]).toEqual({
      digest: 'sha256:a',
      name: '[1/2] RUN x',
      cached: true,
      started: 1_700_000_000_500,
      completed: null,
      error: '',
    });
    expect(status.layers[0]).toEqual({ id: 'l', name: '', current: 5, total: 9, started: null, completed: null });
    expect(Buffer.from(status.logs[0]!.bytes).toString()).toBe('out\n');
  });
});

describe('text to be shown', () => {
  it('has no control sequences left', () => {
    expect(plain('\x1b[31mred\x1b[0m\r\n\x07next\x1b]0;title\x07')).toBe('red next');
  });

  it('keeps the last whole lines and the last state of a progress bar', () => {
    const tail = new LineTail(2);
    tail.write('a\nb\n10%\r20');
    tail.write('%\nlast');
    expect(tail.lines()).toEqual(['20%', 'last']);
  });
});
