// The names and labels that Compose gives to what it makes: by them `docker compose` and sluice know each other's containers.

const prefix = 'com.docker.compose';

export const composeLabels = {
  project: `${prefix}.project`,
  service: `${prefix}.service`,
  number: `${prefix}.container-number`,
  oneoff: `${prefix}.oneoff`,
  hash: `${prefix}.config-hash`,
  dir: `${prefix}.project.working_dir`,
  files: `${prefix}.project.config_files`,
  version: `${prefix}.version`,
  image: `${prefix}.image`,
  needs: `${prefix}.depends_on`,
  /** Of a container that took the place of another: that one's name, without its project. */
  replace: `${prefix}.replace`,
  network: `${prefix}.network`,
  volume: `${prefix}.volume`,
} as const;

/** What all containers of a project are listed by. */
export const projectLabel = (project: string): string => `${composeLabels.project}=${project}`;

/** Where the containers of a project are listed among pods: no Kubernetes namespace has a colon in its name. */
export const composeNamespace = (project: string): string => `compose:${project}`;

export const isComposeNamespace = (namespace: string): boolean => namespace.startsWith('compose:');

/** `shop-web-2`, or the name that the service was given. */
export const containerName = (project: string, service: string, number: number, given?: string): string =>
  given ?? `${project}-${service}-${number}`;

/** What a service that is built and names no image is called. */
export const imageName = (project: string, service: string): string => `${project}-${service}`;
