// A small project for the test cluster: busybox serving a page, one image, one Deployment.
import { randomBytes } from 'node:crypto';
import { onTestFinished } from 'vitest';
import { namespace } from '../../support/cluster/cluster.ts';
import { busyboxImage, removeImagesOf } from '../../support/docker/images.ts';
import { freePort } from '../../support/facts.ts';
import { tempProject, writeFiles } from '../../support/temp.ts';

export const dockerfile = (extra = '') => `FROM sluice-test/busybox:1
${extra}
COPY www /www
CMD ["httpd", "-f", "-p", "8080", "-h", "/www"]
`;

export const workload = (name: string, image: string, more = '') => `apiVersion: apps/v1
kind: Deployment
metadata:
  name: ${name}
spec:
  selector: {matchLabels: {app: ${name}}}
  template:
    metadata:
      labels: {app: ${name}}
    spec:
      terminationGracePeriodSeconds: 0
      containers:
        - name: ${name}
          image: ${image}
${more}
          ports: [{containerPort: 8080}]
          readinessProbe: {tcpSocket: {port: 8080}, periodSeconds: 1}
`;

export interface ConfigParts {
  /** Below the image, indented by 4. */
  readonly image?: string;
  /** Below `kubernetes`, indented by 2. */
  readonly kubernetes?: string;
  /** Below `resources.web`, indented by 4. */
  readonly web?: string;
}

export interface ClusterProject {
  readonly dir: string;
  readonly namespace: string;
  /** The image's name as it stands in the manifests: this test's own. */
  readonly image: string;
  /** Where `web` is forwarded to. */
  readonly url: string;
  readonly port: number;
  /** Options of every command. */
  readonly args: readonly string[];
  config(parts?: ConfigParts): string;
}

export async function clusterProject(story: string, parts: ConfigParts = {}, more = ''): Promise<ClusterProject> {
  await busyboxImage();
  const image = `sluicetest/${story}-${randomBytes(3).toString('hex')}`;
  onTestFinished(() => removeImagesOf(image));
  const [name, port] = [await namespace(story), await freePort()];
  const config = ({ image: build = '', kubernetes = '', web = '' }: ConfigParts = {}) => `images:
  ${image}:
    context: ./web
${build}
kubernetes:
  manifests: [k8s/*.yaml]
  allow: [sluice-test]
${kubernetes}
resources:
  web:
    ports: ["${port}:8080"]
${web}
`;
  const dir = tempProject();
  writeFiles(dir, {
    'sluice.yaml': config(parts),
    'web/Dockerfile': dockerfile(),
    'web/www/index.html': 'first page',
    'k8s/web.yaml': workload('web', image, more),
  });
  return { dir, namespace: name, image, port, url: `http://127.0.0.1:${port}/`, args: ['-n', name], config };
}
