// The shop's front: one page, made from what the api says.
import { createServer } from 'node:http';
import { page } from './page.js';

const api = process.env.API ?? 'http://api:8080';
const currency = process.env.CURRENCY ?? 'EUR';
const ask = (path, method = 'GET') => fetch(`${api}${path}`, { method, signal: AbortSignal.timeout(3_000) });

const server = createServer(async (request, response) => {
  if (request.url === '/healthz') return response.end('ok\n');
  try {
    const [, product] = /^\/buy\/([a-z]+)$/.exec(request.url ?? '') ?? [];
    if (product) {
      await ask(`/orders/${product}`, 'POST');
      return response.writeHead(303, { location: '/' }).end();
    }
    const products = await (await ask('/products')).json();
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' });
    response.end(page(products, currency));
  } catch (error) {
    console.error(`ERROR ${request.url}: ${error.message}`);
    response.writeHead(502).end('the api does not answer\n');
  }
});

server.listen(8080, () => console.log('web listens on 8080'));
process.on('SIGTERM', () => server.close(() => process.exit(0)));
