// A key-value store over HTTP, kept in one file: GET /KEY, PUT /KEY with the value as body, GET / for all keys.
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { text } from 'node:stream/consumers';

const file = process.env.DATA ?? '/data/shop.json';
const load = () => {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return {};
  }
};
const data = load();

function put(key, value) {
  data[key] = value;
  writeFileSync(`${file}.new`, JSON.stringify(data));
  renameSync(`${file}.new`, file);
}

const server = createServer(async (request, response) => {
  const key = decodeURIComponent((request.url ?? '/').slice(1));
  if (request.method === 'PUT') {
    put(key, await text(request));
    return response.writeHead(204).end();
  }
  if (key === '') return response.end(JSON.stringify(Object.keys(data)));
  if (!Object.hasOwn(data, key)) return response.writeHead(404).end();
  response.end(data[key]);
});

server.listen(6379, () => console.log(`db holds ${Object.keys(data).length} keys`));
process.on('SIGTERM', () => server.close(() => process.exit(0)));
