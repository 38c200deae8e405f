// Ships orders: looks for new ones every second and marks them as sent.
import { setTimeout as pause } from 'node:timers/promises';

const db = process.env.DB ?? 'http://db:6379';
let stopping = false;
process.on('SIGTERM', () => {
  stopping = true;
});

async function ship() {
  const answer = await fetch(`${db}/orders`, { signal: AbortSignal.timeout(3_000) });
  const orders = answer.ok ? await answer.json() : [];
  const fresh = orders.filter((order) => order.state === 'new');
  if (fresh.length === 0) return;
  for (const order of fresh) order.state = 'sent';
  await fetch(`${db}/orders`, { method: 'PUT', body: JSON.stringify(orders), signal: AbortSignal.timeout(3_000) });
  console.log(`${fresh.length} orders sent`);
}

console.log('worker waits for orders');
while (!stopping) {
  await ship().catch((error) => console.error(`ERROR ${error.message}`));
  await pause(1_000);
}
