import { describe, expect, it } from 'vitest';
import {
  connectionProblem,
  plainText,
  readStatus,
  statusOf,
  statusProblem,
} from '../../../src/adapters/kube/failure.ts';
import { limits } from '../../../src/model/limits.ts';

const subject = { verb: 'apply', kind: 'Deployment', name: 'web', namespace: 'dev' };
const cause = (reason: string) => ({ causes: [{ reason, message: '', field: '' }] });

describe('what a cluster refuses', () => {
  it.each<[string, string, number, string, object?]>([
    [
      'denied',
      'S310',
      403,
      'deployments.apps "web" is forbidden: User "dev" cannot patch resource "deployments" in API group "apps"',
    ],
    ['denied', 'S306', 401, 'Unauthorized'],
    ['step', 'S311', 403, 'pods "web" is forbidden: exceeded quota: small, requested: pods=1'],
    ['step', 'S311', 403, 'pods "web" is forbidden: violates PodSecurity "restricted:latest"'],
    ['step', 'S316', 403, 'forbidden: unable to create new content in namespace dev', cause('NamespaceTerminating')],
    ['step', 'S316', 409, 'object is being deleted: deployments.apps "web" already exists'],
    ['step', 'S317', 409, 'deployments.apps "web" already exists'],
    ['step', 'S311', 400, 'admission webhook "policy.example.com" denied the request: no latest tag'],
    ['unavailable', 'S319', 500, 'failed calling webhook "policy.example.com": connection refused'],
    ['unavailable', 'S319', 429, 'too many requests'],
    ['unavailable', 'S319', 503, ''],
    [
      'step',
      'S314',
      422,
      'StatefulSet.apps "web" is invalid: spec: Forbidden: updates to statefulset spec for fields other than x are forbidden',
    ],
    ['step', 'S314', 422, 'Pod "web" is invalid: spec: Forbidden: pod updates may not change fields other than x'],
    ['step', 'S315', 413, 'Request entity too large: limit is 3145728'],
    ['step', 'S311', 422, 'metadata.labels: Invalid value: must be no more than 63 bytes'],
    ['step', 'S323', 410, 'too old resource version'],
  ])('%s %s: %i %s', (kind, code, httpStatus, message, details) => {
    const problem = statusProblem(subject, readStatus({ code: httpStatus, message, details }, httpStatus));
    expect(problem).toMatchObject({ kind, code });
    if (httpStatus !== 401) expect(problem.what).toContain('apply Deployment web in namespace dev');
  });

  it('is read from any answer, bounded and without control characters', () => {
    expect(statusOf('<html><body>502 Bad Gateway</body></html>', 502)).toMatchObject({
      code: 502,
      message: '502 Bad Gateway',
    });
    expect(statusOf('null', 500)).toEqual({ code: 500, reason: '', message: '', causes: [] });
    expect(statusOf('{"details": {"causes": "x"}, "message": 7}', 400)).toMatchObject({
      code: 400,
      message: '',
      causes: [],
    });
    expect(plainText('a\u001b[31mb\u0007\u202ec\n')).toBe('a[31mbc');
    const most = limits.kubeMessageChars;
    expect(plainText('x'.repeat(100_000))).toMatch(
      new RegExp(`^x{${(most * 3) / 4}} … \\[${100_000 - most} more\\] … x{${most / 4}}$`),
    );
  });
});

it('a broken connection says what happened at which address', () => {
  const broken = (code: string) => connectionProblem(Object.assign(new Error('raw'), { code }), 'https://c:6443');
  expect(broken('ENOTFOUND')).toMatchObject({
    kind: 'unavailable',
    code: 'S303',
    what: 'cluster at https://c:6443 is out of reach: host name unknown',
  });
  expect(broken('CERT_HAS_EXPIRED')).toMatchObject({ code: 'S304' });
  expect(broken('DEPTH_ZERO_SELF_SIGNED_CERT')).toMatchObject({ code: 'S304' });
  expect(broken('EODD').what).toContain('raw');
});
