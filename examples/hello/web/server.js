// Serves public/index.html with a greeting that it asks the api for.
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';

const port = Number(process.env.PORT);
const api = process.env.API;
const page = new URL('public/index.html', import.meta.url);

async function greet(language) {
  const answer = await fetch(`${api}/greetings/${language}`, { signal: AbortSignal.timeout(2_000) });
  const body = await answer.json();
  return answer.ok ? body.words : body.error;
}

const escaped = (text) => text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);

const server = createServer(async (request, response) => {
  if (request.url === '/healthz') return response.end('ok\n');
  try {
    const { searchParams } = new URL(request.url ?? '/', 'http://web');
    const greeting = await greet((searchParams.get('in') ?? 'en').slice(0, 2));
    const html = (await readFile(page, 'utf8')).replace('{{greeting}}', () => escaped(greeting));
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' });
    response.end(html);
  } catch (error) {
    console.error(`web: ${error.message}`);
    response.writeHead(502, { 'content-type': 'text/plain' });
    response.end(`the api does not answer: ${error.message}\n`);
  }
});

server.listen(port, '127.0.0.1', () => console.log(`web listens on http://127.0.0.1:${port}`));
process.on('SIGTERM', () => server.close(() => process.exit(0)));
