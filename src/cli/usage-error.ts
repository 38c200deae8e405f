// What is wrong with a command line, in one line and with the nearest right word; clipanion would list every command.
import { hintFor, nearest } from '../model/nearest.ts';

interface CommandLineError extends Error {
  readonly clipanion: { readonly type: string };
  readonly candidates?: readonly { readonly usage: string; readonly reason: string | null }[];
}

/** Errors of the command line itself, not of what the command did. */
export const isUsageError = (error: unknown): error is CommandLineError =>
  error instanceof Error && 'clipanion' in error;

/** `commands`: the words there are; `options`: those of the command that was meant. */
export function usageError(
  error: CommandLineError,
  args: readonly string[],
  commands: readonly string[],
  options: readonly string[] = [],
): string {
  const [command = ''] = args;
  const isKnown = commands.includes(command);
  const reason =
    error.clipanion.type === 'usage' ? error.message : isKnown ? reasonFor(error, command) : `no command ${command}`;
  const mistyped = /unknown option (--\S+)/.exec(reason)?.[1]?.split('=')[0];
  const near = mistyped === undefined ? null : nearest(mistyped, options);
  const hint = near
    ? `did you mean ${near}?`
    : isKnown
      ? `sluice ${command} --help lists its options`
      : hintFor(command, commands, 'commands');
  return `sluice: ${reason.replace(/\s*\n\s*/g, ' ')}\n  hint: ${hint}\n`;
}

/** clipanion's reason for the command that was meant; it wraps what it quotes in brackets. */
function reasonFor(error: CommandLineError, command: string): string {
  const meant = error.candidates?.find(({ usage, reason }) => reason !== null && usage.startsWith(`sluice ${command}`));
  const said = meant?.reason ?? error.message.split('\n\n')[0] ?? 'unknown arguments';
  return `${command}: ${said
    .replace(/\("(.*)"\)\.?$/, '$1')
    .replace(/^(Unsupported|Invalid) option name/, 'unknown option')
    .replace(/\.$/, '')}`;
}
