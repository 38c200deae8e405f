// Client certificates of the test cluster that end soon.
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { kubeconfig } from '../capability.ts';
import { tempProject } from '../temp.ts';

const run = promisify(execFile);
const pki = join(dirname(kubeconfig), 'pki');
const config = `[ca]
default_ca = cluster
[cluster]
database = index
new_certs_dir = .
rand_serial = yes
default_md = sha256
policy = any
unique_subject = no
[any]
commonName = supplied
`;

/** `2026-11-27T02:00:00.000Z` as openssl writes it. */
const moment = (ms: number): string => new Date(ms).toISOString().replace(/[-:T]|\.\d+/g, '');

export interface ClientCertificate {
  readonly 'client-certificate-data': string;
  readonly 'client-key-data': string;
}

/** For `user`, as a kubeconfig holds it; it ends in `ms`. */
export async function clientCertificate(user: string, ms: number): Promise<ClientCertificate> {
  const dir = tempProject({ 'ca.cnf': config, index: '' });
  const openssl = (...args: string[]) => run('openssl', args, { cwd: dir });
  await openssl('req', '-newkey', 'rsa:2048', '-nodes', '-keyout', 'key', '-out', 'csr', '-subj', `/CN=${user}`);
  const [ca, key] = [join(pki, 'ca.crt'), join(pki, 'ca.key')];
  const times = ['-startdate', moment(Date.now() - 60_000), '-enddate', moment(Date.now() + ms)];
  const signed = ['-config', 'ca.cnf', '-cert', ca, '-keyfile', key, '-in', 'csr', '-out', 'crt', ...times];
  await openssl('ca', '-batch', '-notext', ...signed);
  const base64 = (name: string) => readFileSync(join(dir, name)).toString('base64');
  return { 'client-certificate-data': base64('crt'), 'client-key-data': base64('key') };
}
