// What registries answer, told apart: no right, out of reach, not there.
import type { Problem } from '../../model/problems/problem.ts';
import type { Credentials } from './credentials.ts';
import { plain } from './daemon-text.ts';
import { diskFullProblem, isDiskFull } from './disk-full.ts';
import { registryOf } from './reference.ts';

export const isDenied = (message: string): boolean =>
  /denied|unauthorized|authentication required|no basic auth credentials|authorization failed|insufficient.scope|\b40[13]\b|incorrect username/i.test(
    message,
  );

export const isNetwork = (message: string): boolean =>
  /connection (?:refused|reset|aborted|timed out)|client connection lost|closed (?:idle|network) connection|broken pipe|no such host|i\/o timeout|TLS handshake|deadline exceeded|timeout awaiting|(?:network|host) is (?:unreachable|down)|no route to host|server misbehaving|server gave HTTP response to HTTPS|certificate|Client\.Timeout|\bEOF\b|\b50[234]\b/i.test(
    message,
  );

export const isMissing = (message: string): boolean =>
  /manifest unknown|not found|name unknown|no such manifest/i.test(message);

/** What a builder says of a push that failed, unlike what it says of its steps. */
export const isPushFailure = (message: string, ref: string): boolean =>
  /failed to push |failed to do request|failed commit on ref|unexpected status from (HEAD|POST|PUT)/i.test(message) &&
  message.includes(registryOf(ref) === 'docker.io' ? 'docker' : registryOf(ref));

/** A registry's refusal of `doing` ("pushing REF"). */
export function registryProblem(doing: string, ref: string, text: string, credentials: Credentials): Problem {
  const host = registryOf(ref);
  const message = plain(text);
  const reason = withoutNames(message, ref);
  const what = `${doing} failed: ${message}`;
  if (isDiskFull(reason)) return diskFullProblem(message);
  if (/HTTP response to HTTPS/i.test(reason))
    return {
      kind: 'denied',
      code: 'S222',
      what,
      hint: `${host} speaks plain HTTP: add it to insecure-registries of the Docker daemon`,
    };
  if (isDenied(reason)) {
    const helper = credentials.problem(host);
    return {
      kind: 'denied',
      code: 'S220',
      what,
      hint: helper
        ? `${helper.what}; ${helper.hint}`
        : `docker login ${host}, and check the name and your right to push`,
    };
  }
  if (isNetwork(reason))
    return { kind: 'unavailable', code: 'S222', what, hint: `is the registry ${host} up and reachable from Docker?` };
  return { kind: 'step', code: 'S221', what };
}

/** What is wrong, without what is only named: an image may be called `certificate` or `denied`, and a URL may hold anything. */
const withoutNames = (message: string, ref: string): string =>
  message
    .replace(/"?https?:\/\/[^\s"]*"?/g, '')
    .replaceAll(ref, '')
    .replaceAll(ref.replace(/[:@][^/]*$/, ''), '');
