// Bounds of what people write: configurations, manifests and what renders them. Part of limits.ts.
export const inputLimits = {
  /** A sluice.yaml or env file; 8,000 lines are 0.3 MB and take a quarter of a second. */
  configBytes: 4 * 1024 * 1024,
  /** Compose files of one project, those included and extended counted: large ones have some dozens. */
  composeFiles: 500,
  /** Compose files that stay parsed for the next reading, and the longest of them, in characters: nearly every project has less. */
  composeKept: 64,
  composeKeptChars: 200_000,
  /** Aliases of one YAML document resolved, nested ones counted: a bomb makes billions, people make dozens. */
  yamlAliases: 1_000,
  /** Maps and lists inside of each other: people nest a dozen, a CustomResourceDefinition three; each level is a call deep. */
  yamlDepth: 200,
  /** Values of one YAML document, those of aliases counted as often as they are named: the largest manifests have some 100,000. */
  yamlValues: 2_000_000,
  /** Problems of one configuration that are told; whoever mends those sees the rest. */
  configProblems: 20,
  /** Steps of one circle that are told with their places; who takes one away mends it. */
  circleSteps: 12,
  /** Widest line shown below the place of a problem. */
  excerptColumns: 100,
  /** Names of one directory compared with one that is not there. */
  namesCompared: 5_000,
  /** One manifest file, or all that one renderer prints: the charts of a large platform are a few MB. */
  manifestBytes: 64 * 1024 * 1024,
  /** Objects of all manifests together. */
  manifestObjects: 20_000,
  /** Paths that a command may print as those an image is made of: each is a root of what is watched. */
  listedPaths: 20_000,
  /** One renderer; helm may fetch a chart first. */
  renderMs: 120_000,
  /** Output kept to explain why a renderer failed. */
  renderErrorBytes: 64 * 1024,
  /** kustomizations followed to find the files behind one overlay. */
  kustomizations: 1_000,
  /** Durations in the configuration: a day is longer than any of them can mean. */
  durationMs: 24 * 60 * 60 * 1_000,
} as const;
