// Just enough of JSON Schema to check records against the published one.
type Schema = { readonly [keyword: string]: unknown };

/** Where and how `value` breaks the schema; `$ref`s are looked up in `root.$defs`. */
export function faultsOf(value: unknown, schema: Schema, root: Schema = schema, at = ''): string[] {
  if (typeof schema.$ref === 'string') return faultsOf(value, definition(schema.$ref, root), root, at);
  if (Array.isArray(schema.oneOf)) return oneOf(value, schema.oneOf as Schema[], root, at);
  const faults: string[] = [];
  if ('const' in schema && value !== schema.const) faults.push(`${at}: not ${JSON.stringify(schema.const)}`);
  if (Array.isArray(schema.enum) && !schema.enum.includes(value))
    faults.push(`${at}: ${JSON.stringify(value)} is none of ${schema.enum}`);
  if (schema.type !== undefined && ![schema.type].flat().some((type) => isOf(value, type as string)))
    return [...faults, `${at}: not of type ${schema.type}`];
  if (typeof schema.minimum === 'number' && (value as number) < schema.minimum)
    faults.push(`${at}: below ${schema.minimum}`);
  if (Array.isArray(value) && schema.items)
    faults.push(...value.flatMap((each, i) => faultsOf(each, schema.items as Schema, root, `${at}/${i}`)));
  if (isOf(value, 'object')) faults.push(...inObject(value as Schema, schema, root, at));
  return faults;
}

function inObject(value: Schema, schema: Schema, root: Schema, at: string): string[] {
  const properties = (schema.properties ?? {}) as Record<string, Schema>;
  const missing = ((schema.required ?? []) as string[])
    .filter((key) => !(key in value))
    .map((key) => `${at}: no ${key}`);
  const inside = Object.entries(value).flatMap(([key, each]) => {
    const rule = properties[key] ?? (schema.additionalProperties as Schema | undefined);
    return rule && each !== undefined ? faultsOf(each, rule, root, `${at}/${key}`) : [];
  });
  return [...missing, ...inside];
}

function oneOf(value: unknown, schemas: readonly Schema[], root: Schema, at: string): string[] {
  const results = schemas.map((schema) => faultsOf(value, schema, root, at));
  const fitting = results.filter((faults) => faults.length === 0).length;
  if (fitting === 1) return [];
  return fitting > 1
    ? [`${at}: fits ${fitting} of the alternatives`]
    : (results.sort((a, b) => a.length - b.length)[0] ?? []);
}

function definition(ref: string, root: Schema): Schema {
  const found = (root.$defs as Record<string, Schema>)[ref.replace('#/$defs/', '')];
  if (!found) throw new Error(`no ${ref} in the schema`);
  return found;
}

/** The names of the other types are those of `typeof`. */
function isOf(value: unknown, type: string): boolean {
  if (type === 'null') return value === null;
  if (type === 'array') return Array.isArray(value);
  if (type === 'object') return typeof value === 'object' && value !== null && !Array.isArray(value);
  if (type === 'integer') return Number.isInteger(value);
  return typeof value === type;
}
