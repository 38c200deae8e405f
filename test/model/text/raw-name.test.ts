import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { bytesOfName, isText, nameOf, osPath } from '../../../src/model/text/raw-name.ts';
import { oddNames } from '../../support/names.ts';

describe('a name as a string', () => {
  it('is one for each name, and leads back to it, also through JSON', () => {
    const random = Array.from({ length: 2_000 }, (_, i) => randomBytes(1 + (i % 12)));
    for (const bytes of [...oddNames, ...random]) {
      const name = nameOf(bytes);
      expect(bytesOfName(name)).toEqual(bytes);
      expect(JSON.parse(JSON.stringify(name))).toBe(name);
    }
    expect(new Set(oddNames.map(nameOf)).size).toBe(oddNames.length);
  });

  it('is its text where it is any', () => {
    expect(nameOf(Buffer.from('ä\ufffd😀'))).toBe('ä\ufffd😀');
    expect([osPath('/a/ä'), isText('/a/ä')]).toEqual(['/a/ä', true]);
    expect(nameOf(Buffer.from('caf\xe9', 'latin1'))).toBe('caf\udce9');
    expect([isText('caf\udce9'), osPath('caf\udce9')]).toEqual([false, Buffer.from('caf\xe9', 'latin1')]);
  });
});
