// JSON whose text depends on the value alone: equal values give equal text, so that hashes of them can be compared.
import { jsonText } from '../text/json.ts';

/** Keys sorted at every depth; `undefined` members left out as JSON does. */
export function stableJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map((each) => stableJson(each ?? null)).join(',')}]`;
  if (typeof value !== 'object' || value === null) return jsonText(value);
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    .map(([key, member]) => `${JSON.stringify(key)}:${stableJson(member)}`);
  return `{${members.join(',')}}`;
}
