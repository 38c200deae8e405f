// The build of an image from the Dockerfile in a directory, with nothing asked for besides.
import type { ImageBuild } from '../../../src/model/config.ts';

export type DockerfileBuild = Extract<ImageBuild, { is: 'dockerfile' }>;

export const dockerfileBuild = (context: string, fields: Partial<DockerfileBuild> = {}): DockerfileBuild => ({
  is: 'dockerfile',
  context,
  dockerfile: `${context}/Dockerfile`,
  recipe: [],
  hidden: [],
  target: null,
  args: {},
  secrets: [],
  ssh: [],
  platform: null,
  ...fields,
});
