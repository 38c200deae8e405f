// The JSON Schema of sluice.yaml, for editors and for `sluice schema`.
import * as z from 'zod';
import { schema } from './schema.ts';

export interface JsonSchema {
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly additionalProperties?: JsonSchema | boolean;
  readonly items?: JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
  readonly [key: string]: unknown;
}

export function configSchema(): JsonSchema {
  const described = z.toJSONSchema(schema, { io: 'input' }) as JsonSchema;
  return { $id: 'https://sluice.dev/schema/config.json', title: 'sluice.yaml', ...described };
}
