import { Command } from 'clipanion';
import { SluiceCommand } from '../command.ts';

export class McpCommand extends SluiceCommand {
  static override paths = [['mcp']];
  static override usage = Command.Usage({
    category: 'For editors and agents',
    description: 'Serve the running session over the Model Context Protocol on stdin and stdout',
    details:
      'Tools: status, logs, wait, trigger, cancel, enable, disable, restart. The session is found anew for each call: it may be started later, or again.',
  });

  async execute(): Promise<number> {
    const [{ serveMcp }, { request }, packageJson] = await Promise.all([
      import('./mcp.ts'),
      import('../asking/client.ts'),
      import('../../../package.json', { with: { type: 'json' } }),
    ]);
    await serveMcp({
      input: process.stdin,
      output: process.stdout,
      version: packageJson.default.version,
      ask: (what, stop) => request(what, { file: this.file ?? null, env: this.env, stop }),
    });
    return 0;
  }
}
