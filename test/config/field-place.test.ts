import { expect, it } from 'vitest';
import { parseObjects } from '../../src/config/manifests/objects.ts';
import { fieldPlace } from '../../src/config/yaml/field-place.ts';
import type { FieldPath } from '../../src/model/problems/field-fault.ts';

const text = `# first
---
apiVersion: v1
kind: Service
metadata: {name: a, labels: {app.kubernetes.io/x: 1}}
spec:
  ports: &ports
    - port: 80
      targetPrt: 80
    - {port: 443, protocol: UDP, name: b}
---
apiVersion: v1
kind: List
items:
  - {apiVersion: v1, kind: Service, metadata: {name: b}, spec: {ports: [{port: 80}]}}
`;
const at = (index: number, ...path: FieldPath) => {
  const place = fieldPlace(text, parseObjects(text, 'm.yaml').objects[index]!.at, path);
  return place && `${place.file}:${place.line}:${place.column}`;
};

it('a field is found by names, indexes, keys of list items and labels with points; else what is around it', () => {
  expect(at(0, 'spec', 'ports', { port: 80, protocol: 'TCP' }, 'targetPrt')).toBe('m.yaml:9:7');
  expect(at(0, 'spec', 'ports', 1, 'name')).toBe('m.yaml:10:34');
  expect(at(0, 'spec', 'ports', { port: 443, protocol: 'UDP' }, 'missing')).toBe('m.yaml:10:7');
  expect(at(0, 'metadata', 'labels', 'app', 'kubernetes', 'io/x')).toBe('m.yaml:5:30');
  expect(at(1, 'spec', 'ports', 0, 'port')).toBe('m.yaml:15:74');
  expect(at(1, 'spec', 'constructor')).toBe('m.yaml:15:58');
  expect(fieldPlace(text, { file: 'm.yaml', line: 4, column: 1 }, ['spec'])).toBeNull();
});
