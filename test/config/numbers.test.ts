// Numbers in manifests: what kubectl 1.32 made of each form (`kubectl create --dry-run=client -o json --validate=false`).
import { describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { digestOf } from '../../src/config/digest.ts';
import { parseObjects } from '../../src/config/manifests/objects.ts';
import { asKubectl } from '../../src/config/yaml/kubectl.ts';
import { jsonText } from '../../src/model/text/json.ts';
import { project } from './project.ts';

const read = (value: string) => {
  const text = `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\nspec: [${value}]\n`;
  const { objects, problems } = parseObjects(text, 'a.yaml');
  if (problems[0]) return problems[0].what;
  return jsonText((objects[0]!.object.spec as unknown[])[0]);
};

describe('a number', () => {
  it.each([
    ['9007199254740993', '9007199254740993'],
    ['9223372036854775807', '9223372036854775807'],
    ['-9223372036854775808', '-9223372036854775808'],
    ['9223372036854775808', '9223372036854776000'],
    ['18446744073709551615', '18446744073709552000'],
    ['123456789012345678901234567890', '1.2345678901234568e+29'],
    ['0x7fffffffffffffff', '9223372036854775807'],
    ['0777777777777777777777', '9223372036854775807'],
    ['0o777', '511'],
    ['0O17', '15'],
    ['0X1F', '31'],
    ['-0b101', '-5'],
    ['09', '9'],
    ['1_000', '1000'],
    ['-0', '0'],
    ['-0.0', '0'],
    ['1.0', '1'],
    ['1e3', '1000'],
    ['1E18', '1000000000000000000'],
    ['9007199254740993.0', '9007199254740992'],
    ['!!float 9007199254740993', '9007199254740992'],
    ['1e21', '1e+21'],
    ['1e-7', '1e-7'],
    ['1e-400', '0'],
    ['1e5_0', '1e+50'],
    ['1e400', '"1e400"'],
    ['0x', '"0x"'],
    ['5e', '"5e"'],
    ['1:30', '"1:30"'],
    ['!!str 9007199254740993', '"9007199254740993"'],
    ['.inf', '.inf cannot be said to a cluster: JSON has no such number'],
    ['!!int 3.0', '!!int does not fit this value'],
  ])('%s is %s', (written, sent) => expect(read(written)).toBe(sent));

  it('out of range is refused in JSON, which has no text without quotes', () => {
    const { problems } = parseObjects('{"apiVersion":"v1","kind":"A","metadata":{"name":"x"},"spec":1e400}', 'a.json');
    expect(problems).toMatchObject([{ code: 'S101', what: '1e400 is beyond what a number can hold' }]);
  });

  it('and another number are a change, and one number written in two ways is none', () => {
    const digest = (value: string) => digestOf(parseObjects(manifest(value), 'a.yaml').objects[0]?.object);
    const manifest = (value: string) => `{apiVersion: v1, kind: A, metadata: {name: x}, spec: ${value}}`;
    expect(digest('9007199254740993')).not.toBe(digest('9007199254740992'));
    expect(digest('9007199254740993')).toBe(digest('0x20000000000001'));
    expect(digest('1.0')).toBe(digest('1'));
  });

  it('shown by `plan --manifests` is read back as the same, and text that looks like one stays text', () => {
    const values = [9007199254740993n, 1e21, 0.5, '0o17', '1e400', '09', '.inf', '9007199254740993', 'on', '1_0'];
    expect(parse(stringify(values, asKubectl()), asKubectl())).toEqual(values);
  });

  it('in the output of a program arrives too, and long ones in sluice.yaml as they are written', async () => {
    const made = project({
      'sluice.yaml':
        'kubernetes:\n  manifests: [{command: cat a.json}]\nimages: {x/y: {context: ., args: {A: 12345678901234567890}}}\n',
      Dockerfile: 'FROM scratch\n',
      'a.json':
        '{"apiVersion":"v1","kind":"Pod","metadata":{"name":"x"},"spec":{"containers":[{"image":"x/y","securityContext":{"runAsUser":9007199254740993}}]}}',
    });
    const { resources, images } = await made.config();
    expect(jsonText(resources.x)).toContain('"runAsUser":9007199254740993');
    expect(images['x/y']?.build).toMatchObject({ args: { A: '12345678901234567890' } });
  });
});

it('a document that says to be of another version is read by that one, and those without a word are not', () => {
  const text = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\nspec: [on]\n';
  const values = (given: string) => parseObjects(given, 'a.yaml').objects.map(({ object }) => object.spec);
  expect(values(text)).toEqual([[true]]);
  expect(values(`${text}...\n%YAML 1.2\n---\n${text}`)).toEqual([[true], ['on']]);
  expect(values(text)).toEqual([[true]]);
});
