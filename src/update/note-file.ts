// Names of the notes below .sluice that each configuration has for itself.
import { fittedName } from '../model/text/fitted-name.ts';

const asFile = { refused: /[^A-Za-z0-9.-]+/g, instead: '-', most: 100 };

/** `config`: name of the configuration file; several in one directory know nothing of each other. */
export const noteFile = (kind: string, config: string): string =>
  config === 'sluice.yaml' ? kind : `${kind}-${fittedName(config, asFile)}`;
