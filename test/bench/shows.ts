// When is it served? Asked again and again, as closely as does not keep the machine busy itself.
import { setTimeout as pause } from 'node:timers/promises';

/** Resolves once `url` answers with just this text; rejects after a minute. */
export async function shows(url: string, text: string): Promise<void> {
  const deadline = Date.now() + 60_000;
  while (Date.now() < deadline) {
    // Nobody answers while the container is replaced, or an answer is cut off; a connection that the old one took and never
    // answers would be waited for by the second.
    const found = await fetch(url, { headers: { connection: 'close' }, signal: AbortSignal.timeout(100) })
      .then((answer) => answer.text())
      .catch(() => '');
    if (found === text) return;
    await pause(2);
  }
  throw new Error(`${url} never showed ${text}`);
}
