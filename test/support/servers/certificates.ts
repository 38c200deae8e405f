// Certificates of an authority of the test's own, which nobody else trusts.
import { execFileSync } from 'node:child_process';
import { writeFiles } from '../temp.ts';

/** In `dir`: `ca.crt` of the authority, and `OWNER.key` and `OWNER.crt` for each. `name`: `IP:127.0.0.1` or `DNS:a.test`. */
export function certificates(dir: string, name: string, ...owners: readonly string[]): void {
  writeFiles(dir, { ext: `subjectAltName=${name}` });
  const openssl = (...args: string[]) => execFileSync('openssl', args, { cwd: dir, stdio: 'ignore' });
  const request = (of: string) => ['-newkey', 'rsa:2048', '-nodes', '-keyout', `${of}.key`, '-subj', `/CN=${of}`];
  openssl('req', '-x509', '-days', '2', ...request('ca'), '-out', 'ca.crt');
  for (const of of owners) {
    openssl('req', ...request(of), '-out', `${of}.csr`);
    const signed = ['-in', `${of}.csr`, '-CA', 'ca.crt', '-CAkey', 'ca.key', '-CAcreateserial', '-days', '2'];
    openssl('x509', '-req', ...signed, '-extfile', 'ext', '-out', `${of}.crt`);
  }
}
