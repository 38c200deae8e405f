// What the command line says of resources in the place of what the configuration does.
export interface Overrides {
  /** Named there: services among them are there whatever profiles are active, as with `docker compose`. */
  readonly services?: readonly string[];
  /** Replicas by service. */
  readonly scale?: Readonly<Record<string, number>>;
  /** Instead of each `pull_policy`. */
  readonly pull?: 'always' | 'missing' | 'never';
  /** Of what is named nothing is needed but what is named as well. */
  readonly isAlone?: boolean;
}
