// What of the cluster and the user that a context names cannot be used: told at once, and not by a connection that fails.
import { failure, plainText } from '../failure.ts';

type Entry = Record<string, unknown>;

const isEntry = (value: unknown): value is Entry =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Nothing of a value is told: it may be a key. */
function checkData(entry: Entry, whose: string, files: readonly string[]): void {
  for (const key of ['certificate-authority-data', 'client-certificate-data', 'client-key-data']) {
    const value = entry[key];
    if (value === undefined || value === null || value === '') continue;
    const isBase64 = typeof value === 'string' && /^[A-Za-z0-9+/]+={0,2}$/.test(value.replace(/\s+/g, ''));
    const isPem = isBase64 && /-----BEGIN /.test(Buffer.from(value, 'base64').toString('latin1'));
    if (isPem) continue;
    const why = isBase64 ? 'is no PEM once it is decoded' : 'is no base64';
    throw failure(
      'yours',
      'S301',
      `${key} of ${whose} ${why}`,
      `it is the base64 of a PEM file; for a path write ${key.slice(0, -5)}; mend ${files.join(', ')}`,
    );
  }
}

/** The entry as it can be used. As client-go: a server without a scheme has https where there is any TLS in its entry, else http. */
export function clusterOf(name: string, entry: Entry, files: readonly string[]): Entry {
  const whose = `the cluster ${plainText(name)}`;
  const given = String(entry.server);
  const hasTls = ['certificate-authority', 'certificate-authority-data', 'insecure-skip-tls-verify'].some(
    (key) => entry[key],
  );
  const server = given.includes('://') ? given : `${hasTls ? 'https' : 'http'}://${given}`;
  if (!/^https?:\/\//.test(server) || !URL.canParse(server)) {
    const what = `the server of ${whose} is no URL of http or https: ${plainText(given)}`;
    throw failure('yours', 'S301', what, `such as https://127.0.0.1:6443; mend ${files.join(', ')}`);
  }
  checkData(entry, whose, files);
  return { ...entry, server };
}

export function checkUser(name: string, entry: Entry, files: readonly string[]): void {
  const whose = `the user ${plainText(name)}`;
  checkData(entry, whose, files);
  const has = (key: string): boolean => Boolean(entry[key] || entry[`${key}-data`]);
  const [there, missing] = has('client-key')
    ? ['client-key', 'client-certificate']
    : ['client-certificate', 'client-key'];
  if (has('client-key') !== has('client-certificate'))
    throw failure(
      'yours',
      'S301',
      `${whose} has a ${there} and no ${missing}`,
      `one does not work without the other; mend ${files.join(', ')}`,
    );
  const { exec } = entry;
  if (
    exec !== undefined &&
    exec !== null &&
    (!isEntry(exec) || typeof exec.command !== 'string' || exec.command === '')
  )
    throw failure('yours', 'S301', `the login program (exec) of ${whose} has no command`, `mend ${files.join(', ')}`);
}
