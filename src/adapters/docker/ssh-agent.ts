// ssh:// endpoints as the docker CLI reaches them: the user's own ssh binary runs `docker system dial-stdio` at the far
// end, one process per connection. (dockerode's ssh2 knows no ~/.ssh/config, no ProxyJump and costs 42 ms at start.)
import { spawn } from 'node:child_process';
import http from 'node:http';
import { Duplex } from 'node:stream';
import type { Env } from './config-file.ts';
import { plain } from './text.ts';

export class SshAgent extends http.Agent {
  private readonly command: readonly string[];

  private readonly env: Env;

  constructor(destination: string, port: string | null, env: Env) {
    super({ keepAlive: true, maxFreeSockets: 1 });
    this.env = env;
    // `--` keeps a hostile host name from being read as an option; BatchMode keeps ssh from asking on our terminal.
    this.command = [
      '-o',
      'BatchMode=yes',
      '-o',
      'ConnectTimeout=10',
      '-T',
      ...(port ? ['-p', port] : []),
      '--',
      destination,
      'docker',
      'system',
      'dial-stdio',
    ];
  }

  override createConnection(): Duplex {
    return connection(this.command, this.env);
  }
}

function connection(command: readonly string[], env: Env): Duplex {
  const child = spawn('ssh', command, { stdio: ['pipe', 'pipe', 'pipe'], env: env as NodeJS.ProcessEnv });
  const duplex = Duplex.from({ readable: child.stdout, writable: child.stdin });
  let said = '';
  child.stderr.on('data', (chunk: Buffer) => {
    said = (said + chunk).slice(-1_000);
  });
  child.on('error', (error) =>
    duplex.destroy(Object.assign(new Error(`ssh cannot be run: ${error.message}`), { code: 'ECONNREFUSED' })),
  );
  child.on('close', (code) => {
    if (code)
      duplex.destroy(Object.assign(new Error(plain(`ssh ended with ${code}: ${said}`)), { code: 'ECONNREFUSED' }));
  });
  duplex.on('close', () => child.kill());
  // http and docker-modem treat a connection as a net.Socket: what a pipe has not is answered with nothing.
  return Object.assign(duplex, {
    setKeepAlive: () => duplex,
    setNoDelay: () => duplex,
    setTimeout: () => duplex,
    ref: () => duplex,
    unref: () => duplex,
    destroySoon: () => duplex.end(),
  });
}
