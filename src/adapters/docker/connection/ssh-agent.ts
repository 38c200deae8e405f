// ssh:// endpoints as the docker CLI reaches them: the user's own ssh binary runs `docker system dial-stdio` at the far
// end, one process per connection. (dockerode's ssh2 knows no ~/.ssh/config, no ProxyJump and costs 42 ms at start.)
import { spawn } from 'node:child_process';
import http from 'node:http';
import { Duplex } from 'node:stream';
import type { Env } from '../../registry/config-file.ts';
import { plain } from '../../registry/daemon-text.ts';

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
  const duplex = new Duplex({
    read: () => child.stdout.resume(),
    // A failed write means that ssh ended: its exit code and words tell more than EPIPE.
    write: (chunk, _, done) => child.stdin.write(chunk, () => done()),
    final: (done) => child.stdin.end(() => done()),
    destroy: (error, done) => {
      child.kill();
      done(error);
    },
  });
  let said = '';
  child.stdin.on('error', () => {});
  child.stdout.on('data', (chunk: Buffer) => duplex.push(chunk) || child.stdout.pause());
  child.stderr.on('data', (chunk: Buffer) => {
    said = (said + chunk).slice(-1_000);
  });
  const refuse = (text: string) => duplex.destroy(Object.assign(new Error(plain(text)), { code: 'ECONNREFUSED' }));
  child.on('error', (error) => refuse(`ssh cannot be run: ${error.message}`));
  // The end is passed on with the exit code alone: before it, http would tell of a hang-up and not of what ssh said.
  child.on('close', (code) => (code ? refuse(`ssh ended with ${code}: ${said}`) : duplex.push(null)));
  // Without a listener a connection dropped between two calls would end the process.
  duplex.on('error', () => {});
  // http and docker-modem treat a connection as a net.Socket: what a pipe has not is answered with nothing.
  const nothing = () => duplex;
  return Object.assign(duplex, {
    setKeepAlive: nothing,
    setNoDelay: nothing,
    setTimeout: nothing,
    ref: nothing,
    unref: nothing,
    destroySoon: () => duplex.end(),
  });
}
