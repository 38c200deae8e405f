// The database as two functions.
const db = process.env.DB ?? 'http://db:6379';

/** The value stored under `key`, parsed, or `otherwise`. */
export async function read(key, otherwise) {
  const answer = await fetch(`${db}/${encodeURIComponent(key)}`, { signal: AbortSignal.timeout(3_000) });
  return answer.ok ? answer.json() : otherwise;
}

export async function write(key, value) {
  const body = JSON.stringify(value);
  const answer = await fetch(`${db}/${encodeURIComponent(key)}`, {
    method: 'PUT',
    body,
    signal: AbortSignal.timeout(3_000),
  });
  if (!answer.ok) throw new Error(`db: HTTP ${answer.status}`);
}
