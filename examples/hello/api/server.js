// GET /greetings/LANGUAGE → {"words": "…", "served": N}
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';

const port = Number(process.env.PORT);
const greetings = JSON.parse(readFileSync(new URL('../build/greetings.json', import.meta.url), 'utf8'));
let served = 0;

const server = createServer((request, response) => {
  const send = (status, body) => {
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(`${JSON.stringify(body)}\n`);
  };
  if (request.url === '/healthz') return send(200, { ok: true });
  const [, language] = /^\/greetings\/([a-z]{2})$/.exec(request.url ?? '') ?? [];
  if (!Object.hasOwn(greetings, language)) return send(404, { error: `no greeting in ${language}` });
  served += 1;
  console.log(`GET ${request.url}`);
  send(200, { words: greetings[language], served });
});

server.listen(port, '127.0.0.1', () => console.log(`api listens on http://127.0.0.1:${port}`));
process.on('SIGTERM', () => server.close(() => process.exit(0)));
