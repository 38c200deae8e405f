// GET /products, POST /orders/PRODUCT. Orders wait in the database for the worker.
import { createServer } from 'node:http';
import { read, write } from './store.js';

const routes = {
  'GET /healthz': async () => ({ ok: true }),
  'GET /products': async () => read('products', []),
  'GET /orders': async () => read('orders', []),
};

async function order(id) {
  const orders = await read('orders', []);
  orders.push({ id, at: new Date().toISOString(), state: 'new' });
  await write('orders', orders);
  return { orders: orders.length };
}

const server = createServer(async (request, response) => {
  const asked = `${request.method} ${request.url}`;
  const [, product] = /^POST \/orders\/([a-z]+)$/.exec(asked) ?? [];
  try {
    const body = product ? await order(product) : await routes[asked]?.();
    response.writeHead(body === undefined ? 404 : 200, { 'content-type': 'application/json' });
    response.end(JSON.stringify(body ?? { error: 'not found' }));
  } catch (error) {
    console.error(`ERROR ${asked}: ${error.message}`);
    response.writeHead(502).end(JSON.stringify({ error: error.message }));
  }
});

server.listen(8080, () => console.log('api listens on 8080'));
process.on('SIGTERM', () => server.close(() => process.exit(0)));
