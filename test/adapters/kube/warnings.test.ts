import { expect, it } from 'vitest';
import { warningsOf } from '../../../src/adapters/kube/objects/warnings.ts';
import { fakeCluster, sendJson } from './fake-server.ts';
import { never } from './testbed.ts';

it.each<[string, string, readonly string[]]>([
  ['one', '299 - "v1 Endpoints is deprecated"', ['v1 Endpoints is deprecated']],
  ['several in one header', '299 - "a, b", 299 - "c"', ['a, b', 'c']],
  ['escapes', String.raw`299 - "say \"no\" to C:\\x"`, [String.raw`say "no" to C:\x`]],
  ['a date behind', '299 - "old" "Wed, 21 Oct 2026 07:28:00 GMT", 299 - "new"', ['old', 'new']],
  ['an agent', '299 proxy.example:80 "via"', ['via']],
  ['other codes are of caches', '110 - "Response is Stale", 299 - "a"', ['a']],
  ['a quoted text that looks like another', String.raw`299 - "x\", 299 - \"y"`, ['x", 299 - "y']],
  ['control characters', '299 - "a\u001b[31mred\u009b\u202eb"', ['a[31mredb']],
  ['nothing', '', []],
  ['what is no warning', '299 - unquoted', []],
])('%s', (_, header, texts) => {
  expect(warningsOf({ headers: { warning: Buffer.from(header, 'utf8').toString('latin1') } })).toEqual(texts);
});

it('is heard with each write, from several headers, and from a refusal as well', async () => {
  const { kube } = await fakeCluster(({ url, response }) => {
    if (url.pathname === '/api/v1') sendJson(response, { resources: [{ name: 'configmaps', kind: 'ConfigMap' }] });
    else {
      response.setHeader(
        'Warning',
        ['299 - "grün"', '299 - "two"'].map((text) => Buffer.from(text).toString('latin1')),
      );
      sendJson(response, { message: 'no' }, url.pathname.endsWith('/bad') ? 422 : 200);
    }
  });
  const heard: string[] = [];
  const options = { warn: (text: string) => void heard.push(text) };
  const object = (name: string) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name } });
  await kube.apply(object('good'), never, options);
  await expect(kube.apply(object('bad'), never, options)).rejects.toThrow('no');
  expect(heard).toEqual(['grün', 'two', 'grün', 'two']);
});
