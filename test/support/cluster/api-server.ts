// The API server of the test cluster, asked without a process in between: a kubectl for each call costs a tenth of a second of CPU.
import { readFileSync } from 'node:fs';
import https from 'node:https';
import { parse } from 'yaml';

/** The kubeconfig of the test cluster: `test/cluster/up` writes it. */
export const kubeconfig = process.env.SLUICE_TEST_KUBECONFIG ?? '/var/lib/sluice-test/kubeconfig';

export interface ApiServer {
  readonly url: string;
  /** Where, and as whom. */
  readonly options: https.RequestOptions;
}

/** Throws where there is no kubeconfig. */
export function apiServer(): ApiServer {
  const config = parse(readFileSync(kubeconfig, 'utf8'));
  const { server, 'certificate-authority-data': ca } = config.clusters[0].cluster;
  const { 'client-certificate-data': cert, 'client-key-data': key } = config.users[0].user;
  const decoded = (base64: string) => Buffer.from(base64, 'base64');
  const { hostname, port } = new URL(server);
  return { url: server, options: { hostname, port, ca: decoded(ca), cert: decoded(cert), key: decoded(key) } };
}

/** The status of its answer. Rejects where it is neither a success nor 404, with what it says. */
export function call(method: string, path: string, body?: object): Promise<number> {
  const sent = body === undefined ? '' : JSON.stringify(body);
  const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(sent) };
  return new Promise((resolve, reject) => {
    const request = https.request({ ...apiServer().options, method, path, headers, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk) => chunks.push(chunk));
      response.on('error', reject);
      response.on('end', () => {
        const status = response.statusCode ?? 0;
        if (status < 300 || status === 404) resolve(status);
        else reject(new Error(`${method} ${path}: ${status} ${Buffer.concat(chunks)}`));
      });
    });
    request.on('error', reject);
    request.end(sent);
  });
}
