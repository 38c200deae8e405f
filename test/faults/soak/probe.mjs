// Loaded into a session before it begins (`--import`): on SIGUSR2 it tells what the session holds, as one line of the file
// named by SLUICE_SOAK_FIGURES. Counting objects collects the garbage first, so what is counted is what is kept.
import { appendFileSync, readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { queryObjects } from 'node:v8';
import { isMainThread } from 'node:worker_threads';

const { SLUICE_SOAK_FIGURES: out, SLUICE_SOAK_DIST: dist } = process.env;

/** The class that every subscription, subscriber and operator of the session comes from: of its own copy of RxJS. */
function subscriptionClass() {
  const holds = (name) => readFileSync(join(dist, name), 'utf8').includes('OperatorSubscriber');
  const chunk = readdirSync(dist).find((name) => /^chunk-.*\.js$/.test(name) && holds(name));
  const exported = Object.values(createRequire(import.meta.url)(join(dist, chunk)));
  return exported.find((each) => each?.EMPTY?.closed && each.prototype?.unsubscribe);
}

if (isMainThread && out) {
  let found = null;
  process.on('SIGUSR2', () => {
    found ??= subscriptionClass();
    const subscriptions = queryObjects(found);
    const timers = process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
    const descriptors = readdirSync('/proc/self/fd').length;
    const rss = process.memoryUsage.rss() / 2 ** 20;
    appendFileSync(out, `${JSON.stringify({ rss, descriptors, timers, subscriptions })}\n`);
  });
}
