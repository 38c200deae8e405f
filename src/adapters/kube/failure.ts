// Turns what goes wrong between us and a cluster into problems that say what, where and what to do.

import { limits } from '../../model/limits.ts';
import { problemCodes } from '../../model/problems/code-names.ts';
import { fieldFaults, withoutGo } from '../../model/problems/field-fault.ts';
import type { Problem, ProblemKind } from '../../model/problems/problem.ts';
import { ProblemError } from '../../model/problems/problem.ts';
import { shortenedInside } from '../../model/text/cut.ts';
import { lookup } from '../../model/text/lookup.ts';

/** What a call was about, for people. */
export interface CallSubject {
  readonly verb: string;
  /** Kind or resource: `Deployment`, `pods/exec`. */
  readonly kind: string;
  readonly name?: string;
  readonly namespace?: string | null;
}

/** The parts of a Kubernetes `Status` that are read. */
export interface Status {
  readonly code: number;
  readonly reason: string;
  readonly message: string;
  readonly causes: readonly { readonly reason: string; readonly message: string; readonly field: string }[];
}

export const failure = (kind: ProblemKind, code: string, what: string, hint?: string): ProblemError =>
  new ProblemError(hint === undefined ? { kind, code, what } : { kind, code, what, hint });

/** Text from outside, safe to show: no control characters, bounded. */
export function plainText(text: string): string {
  const clean = text
    .replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, '')
    .trim();
  // A refusal quotes the whole value before it says why: "Invalid value: {…}: field is immutable".
  return shortenedInside(clean, limits.kubeMessageChars);
}

const record = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
const text = (value: unknown): string => (typeof value === 'string' ? value : '');

/** Reads a Status object; proxies and load balancers answer with HTML or nothing, which becomes the message. */
export function readStatus(raw: unknown, httpStatus: number): Status {
  const status = record(raw);
  const causes = record(status.details).causes;
  return {
    code: typeof status.code === 'number' ? status.code : httpStatus,
    reason: text(status.reason),
    message: plainText(text(status.message)),
    causes: (Array.isArray(causes) ? causes : []).slice(0, 50).map((cause) => {
      const { reason, message, field } = record(cause);
      return { reason: text(reason), message: plainText(text(message)), field: plainText(text(field)) };
    }),
  };
}

export function statusOf(body: string, httpStatus: number): Status {
  try {
    return readStatus(JSON.parse(body), httpStatus);
  } catch {
    return readStatus({ message: body.replace(/<[^>]*>/g, ' ') }, httpStatus);
  }
}

const subjectText = ({ verb, kind, name, namespace }: CallSubject): string =>
  `${verb} ${kind}${name ? ` ${name}` : ''}${namespace ? ` in namespace ${namespace}` : ''}`;

/** Verbs as RBAC knows them. */
const rights: Readonly<Record<string, string>> = { apply: 'patch', replace: 'update' };

function denied(subject: CallSubject, status: Status): Problem {
  const where = subject.namespace ? ` -n ${subject.namespace}` : '';
  return {
    kind: 'denied',
    code: 'S310',
    what: `not allowed to ${subjectText(subject)}: ${status.message}`,
    hint: `ask for the right, then check with: kubectl auth can-i ${lookup(rights, subject.verb) ?? subject.verb} ${subject.kind.toLowerCase()}${where}`,
  };
}

/** A 403 is also how quotas, admission and a namespace on its way out say no; only authorization is `denied`. */
const isAuthorization = ({ message }: Status): boolean =>
  /\bcannot (\w+) resource\b|\bcannot impersonate\b|\bUser ".*" cannot\b/.test(message) || message === '';

const isTerminating = ({ message, causes }: Status): boolean =>
  causes.some((cause) => cause.reason === 'NamespaceTerminating') ||
  /being terminated|object is being deleted/.test(message);

/** The code of a refusal, which is how deploys choose between patching, replacing and waiting. */
function refusalCode(status: Status): string {
  if (isTerminating(status)) return 'S316';
  if (status.code === 413 || /request is too large|may not be more than \d{5,} bytes/i.test(status.message))
    return 'S315';
  if (
    /field is immutable|may not be changed|may not change fields|updates to .* are forbidden|cannot be changed/i.test(
      status.message,
    )
  )
    return 'S314';
  if (/unknown field|field not declared in schema/.test(status.message)) return 'S312';
  if (status.code === 409) return 'S317';
  return 'S311';
}

const refusalHint: Readonly<Record<string, string>> = {
  S312: 'correct the name of the field in the manifest',
  S314: 'the object must be deleted and made again for this change',
  S316: 'wait until it is gone, or look for finalizers that hold it',
};

/** The answer of an API server that is not a success, with what it says of single fields where the object itself is wrong. */
export function refusedBy(subject: CallSubject, status: Status): ProblemError {
  const problem = statusProblem(subject, status);
  const isFaulty = problem.code === problemCodes.refusedObject || problem.code === problemCodes.unknownField;
  return new ProblemError(problem, { fields: isFaulty ? fieldFaults(status.message, status.causes) : [] });
}

/** A login that was refused, by the client certificate that was shown: `end` as of `Access.certificateEnd`. */
export const expired = (end: number): ProblemError =>
  failure(
    'denied',
    problemCodes.loginRefused,
    `the cluster does not accept your login: your client certificate has expired (${new Date(end).toISOString()})`,
    'renew it in the kubeconfig, which is read again by itself',
  );

/** The problem behind an answer of the API server that is not a success. */
export function statusProblem(subject: CallSubject, status: Status): Problem {
  const said = withoutGo(status.message) || `HTTP ${status.code}`;
  if (status.code === 401) {
    return {
      kind: 'denied',
      code: problemCodes.loginRefused,
      what: `the cluster does not accept your login (${said})`,
      hint: 'log in to the cluster again (its token or certificate may have ended)',
    };
  }
  if (status.code === 403 && !isTerminating(status) && isAuthorization(status)) return denied(subject, status);
  const what = `cannot ${subjectText(subject)}: ${said}`;
  if (status.code === 404) return { kind: 'step', code: 'S318', what };
  if (status.code === 410) return { kind: 'step', code: 'S323', what };
  if (status.code === 429 || status.code === 503 || status.code === 504)
    return { kind: 'unavailable', code: 'S319', what };
  const code = refusalCode(status);
  // A value of the wrong type is reported as an internal error by server-side apply.
  const isSchema = /^failed to (create typed patch|convert new) object/.test(status.message);
  if (status.code >= 500 && code === problemCodes.refusedObject && !isSchema)
    return { kind: 'unavailable', code: 'S319', what };
  const hint = lookup(refusalHint, code);
  return hint === undefined ? { kind: 'step', code, what } : { kind: 'step', code, what, hint };
}

const tlsCodes =
  /^(DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_|CERT_|ERR_TLS_|ERR_SSL_|EPROTO|HOSTNAME_MISMATCH)/;
const isOfTime = /^CERT_(HAS_EXPIRED|NOT_YET_VALID)$/;
const reasons: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'connection lost',
  EPIPE: 'connection lost',
  ETIMEDOUT: 'no answer',
  EHOSTUNREACH: 'no route to it',
  ENETUNREACH: 'no network',
  ENOTFOUND: 'host name unknown',
  EAI_AGAIN: 'host name cannot be looked up',
};

/** The problem behind a connection that could not be made or broke. */
export function connectionProblem(error: unknown, server: string): Problem {
  const { code = '', message = String(error) } = error as NodeJS.ErrnoException;
  if (tlsCodes.test(code)) {
    return {
      kind: 'unavailable',
      code: 'S304',
      what: `no trusted TLS connection to ${server}: ${plainText(message)}`,
      hint: isOfTime.test(code)
        ? `is the clock of this machine right (it says ${new Date().toISOString()})? else renew the certificate`
        : 'check certificate-authority and client certificate in the kubeconfig; a cluster made anew has new ones',
    };
  }
  return {
    kind: 'unavailable',
    code: 'S303',
    what: `cluster at ${server} is out of reach: ${lookup(reasons, code) ?? plainText(message)}`,
    hint: 'is the cluster running, and the VPN up? try: kubectl cluster-info',
  };
}
