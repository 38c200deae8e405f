// One program in four roles; each is up after a moment, and says so in its own way.

import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';

const role = process.argv[2];
const port = Number(process.env.PORT ?? 0);
const mark = 'build/index';
if (role === 'index') rmSync(mark, { force: true });

setTimeout(() => {
  if (role === 'worker') console.log('waiting for jobs');
  if (role === 'index') {
    mkdirSync('build', { recursive: true });
    writeFileSync(mark, 'done\n');
    console.log('the index is built');
  }
  if (port > 0)
    createServer((_request, response) => response.end('ok\n')).listen(port, '127.0.0.1', () =>
      console.log(`on ${port}`),
    );
}, 300);
setInterval(() => {}, 60_000);
