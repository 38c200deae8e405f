// Which fields a kind has at a place, from the schemas that the API server publishes. Asked only for what it refused.
import type { FieldPath } from '../../../model/problems/field-fault.ts';
import type { KubeHttp } from '../http.ts';

interface Schema {
  readonly $ref?: string;
  readonly allOf?: readonly Schema[];
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | boolean;
  readonly 'x-kubernetes-group-version-kind'?: readonly {
    readonly group: string;
    readonly version: string;
    readonly kind: string;
  }[];
}

/** Names at the place that `path` leads to; none where the schema does not say. Rejects as any call does. */
export async function fieldNames(
  http: KubeHttp,
  apiVersion: string,
  kind: string,
  path: FieldPath,
  stop: AbortSignal,
): Promise<readonly string[]> {
  const [version = '', group = ''] = apiVersion.split('/').reverse();
  const where = `/openapi/v3/${[group ? 'apis' : 'api', group, version].filter(Boolean).map(encodeURIComponent).join('/')}`;
  const answer = await http.json({ path: where, subject: { verb: 'get', kind: 'schema', name: apiVersion } }, stop);
  const schemas =
    (answer as { components?: { schemas?: Readonly<Record<string, Schema>> } } | null)?.components?.schemas ?? {};
  const resolved = (schema: Schema | undefined, depth = 0): Schema => {
    const ref = schema?.$ref ?? (schema?.allOf?.length === 1 ? schema.allOf[0]?.$ref : undefined);
    if (ref === undefined || depth > 5) return schema ?? {};
    const name = ref.slice(ref.lastIndexOf('/') + 1);
    return resolved(Object.hasOwn(schemas, name) ? schemas[name] : {}, depth + 1);
  };
  const root = Object.values(schemas).find((each) =>
    each['x-kubernetes-group-version-kind']?.some(
      (one) => one.kind === kind && one.group === group && one.version === version,
    ),
  );
  let schema = resolved(root);
  for (const step of path) {
    const { properties = {}, additionalProperties, items } = schema;
    const inMap = typeof additionalProperties === 'object' ? additionalProperties : undefined;
    schema = resolved(typeof step !== 'string' ? items : Object.hasOwn(properties, step) ? properties[step] : inMap);
  }
  return Object.keys(schema.properties ?? {});
}
