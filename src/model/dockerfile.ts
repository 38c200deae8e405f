// What a Dockerfile says, read as BuildKit reads it: pure, for the configuration and for telling a failed build.
export { type Base, type BuildSettings, basesOf, foundationOf } from './dockerfile/bases.ts';
export { type Copied, copiesOf } from './dockerfile/copies.ts';
export { type Instruction, parseDockerfile } from './dockerfile/instructions.ts';
export { type DockerfileMistake, mistakesIn } from './dockerfile/mistakes.ts';
export { within } from './dockerfile/path.ts';
export { recipeOf, type Stage, type Step } from './dockerfile/recipe.ts';
export { chainOf, stageBuilt } from './dockerfile/stages.ts';
