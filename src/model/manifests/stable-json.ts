// JSON whose text depends on the value alone: equal values give equal text, so that hashes of them can be compared.
import { jsonText } from '../text/json.ts';

/** Keys sorted at every depth; `undefined` members left out as JSON does. */
export function stableJson(value: unknown): string {
  if (typeof value !== 'object' || value === null) return jsonText(value);
  let text = '';
  if (Array.isArray(value)) {
    for (const each of value) text += `${text && ','}${stableJson(each ?? null)}`;
    return `[${text}]`;
  }
  const members = value as Readonly<Record<string, unknown>>;
  for (const key of Object.keys(members).sort()) {
    const member = members[key];
    if (member !== undefined) text += `${text && ','}${JSON.stringify(key)}:${stableJson(member)}`;
  }
  return `{${text}}`;
}
