import { describe, expect, it } from 'vitest';
import { fieldFaults, hintFor } from '../../src/model/problems/field-fault.ts';

const typed = (...lines: readonly string[]) =>
  `failed to create typed patch object (/s; /v1, Kind=Service): ${lines.length > 1 ? `errors:\n  ${lines.join('\n  ')}` : lines[0]}`;
const paths = (message: string, causes: readonly { message: string; field: string }[] = []) =>
  fieldFaults(message, causes).map(({ path }) => path);

describe('faults of fields', () => {
  it('are read from what server-side apply says, one or several', () => {
    expect(paths(typed('.spec.replica: field not declared in schema'))).toEqual([['spec', 'replica']]);
    expect(
      paths(
        typed(
          '.spec.ports[port=80,protocol="TCP"].targetPrt: field not declared in schema',
          '.spec.template.spec.containers[name="a.b]c"].env: expected list, got string',
          '.metadata.labels.app.kubernetes.io/x: expected string, got &value.valueUnstructured{Value:1}',
        ),
      ),
    ).toEqual([
      ['spec', 'ports', { port: 80, protocol: 'TCP' }, 'targetPrt'],
      ['spec', 'template', 'spec', 'containers', { name: 'a.b]c' }, 'env'],
      ['metadata', 'labels', 'app', 'kubernetes', 'io/x'],
    ]);
  });

  it('are read from causes and from strict decoding too, and from nothing else', () => {
    expect(paths('Service "s" is invalid', [{ field: 'spec.ports[0].targetPort', message: 'Invalid value' }])).toEqual([
      ['spec', 'ports', 0, 'targetPort'],
    ]);
    expect(
      paths('x', [
        { field: 'data[a.b]', message: 'Invalid value' },
        { field: '', message: 'no' },
      ]),
    ).toEqual([['data', 'a.b']]);
    expect(paths('strict decoding error: unknown field "spec.a", unknown field "spec.b"')).toEqual([
      ['spec', 'a'],
      ['spec', 'b'],
    ]);
    expect(paths('admission webhook "a.b.c" denied the request: no')).toEqual([]);
  });

  it.each<[string, string | null, string | null]>([
    ['field not declared in schema', 'targetPort', 'did you mean targetPort?'],
    ['field not declared in schema', null, null],
    ['expected string, got &value.valueUnstructured{Value:true}', null, 'quote it: what stands in quotes is text'],
    ['expected string, got &value.valueUnstructured{Value:0.5}', null, 'quote it: what stands in quotes is text'],
    ['expected string, got map', null, null],
    ['expected numeric (int or float), got string', null, 'write it without quotes'],
  ])('%s, near %s: %s', (what, near, hint) => {
    const [fault] = fieldFaults(typed(`.a: ${what}`), []);
    expect(hintFor(fault!, near)).toBe(hint);
    expect(fault?.what).not.toContain('valueUnstructured');
  });
});
