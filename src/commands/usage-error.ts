// What is wrong with a command line, in one line and with the nearest right word; clipanion would list every command.
import { hintFor, nearest } from '../model/text/nearest.ts';
import { insteadOfCommand, insteadOfOption } from './from-compose.ts';

interface CommandLineError extends Error {
  readonly clipanion: { readonly type: string };
  readonly candidates?: readonly { readonly usage: string; readonly reason: string | null }[];
}

/** Errors of the command line itself, not of what the command did. */
export const isUsageError = (error: unknown): error is CommandLineError =>
  error instanceof Error && 'clipanion' in error;

/** `commands`: the words there are; `options` and `usage`: those of the command that was meant. */
export function usageError(
  error: CommandLineError,
  args: readonly string[],
  commands: readonly string[],
  options: readonly string[] = [],
  usage = '',
): string {
  const [command = ''] = args;
  const { what, hint } = commands.includes(command)
    ? known(error, args, options, usage)
    : {
        what: command.startsWith('-') ? `${command} stands before any command` : `no command ${command}`,
        hint: commandHint(command, commands),
      };
  return `sluice: ${shown(what)}\n  hint: ${shown(hint)}\n`;
}

interface Words {
  readonly what: string;
  readonly hint: string;
}

const shown = (text: string): string =>
  text
    .replace(/\s*\n\s*/g, ' ')
    .replace(/[\x00-\x1f\x7f-\x9f]/g, '')
    .slice(0, 1_000);

const commandHint = (command: string, commands: readonly string[]): string =>
  command.startsWith('-')
    ? 'the command comes first: sluice up, sluice ci, …'
    : (insteadOfCommand(command) ?? hintFor(command, commands, 'commands'));

function known(error: CommandLineError, args: readonly string[], options: readonly string[], usage: string): Words {
  const [command = ''] = args;
  const help = `sluice ${command} --help lists its options`;
  // Our own, of a value; what to do stands on a line of its own.
  if (error.clipanion.type === 'usage') {
    const [what = '', hint = help] = error.message.split('\n');
    return { what, hint };
  }
  const reason = reasonFor(error, command);
  const [, quoted = ''] = /\("([\s\S]*)"\)/.exec(reason) ?? [];
  const option = quoted.split('=')[0] ?? '';
  if (/^(Unsupported|Invalid) option name/.test(reason)) {
    if (options.includes(option))
      return { what: `${command}: ${option} takes no value`, hint: `write ${option} alone` };
    const instead = insteadOfOption(command, option);
    if (instead) return { what: `${command} has no ${option}`, hint: instead };
    const near = nearest(option, options);
    return { what: `${command}: unknown option ${quoted}`, hint: near ? `did you mean ${near}?` : help };
  }
  const [, valueless] = /^Not enough arguments to option (\S+?)\.?$/.exec(reason) ?? [];
  if (valueless) return { what: `${command}: ${valueless} needs a value`, hint: `write ${valueless} VALUE` };
  if (/^Not enough positional/.test(reason))
    return { what: `${command}: an argument is missing`, hint: usage ? `write ${usage}` : help };
  if (/^Extraneous positional/.test(reason))
    return { what: `${command}: ${quoted} is one argument too many`, hint: help };
  return { what: `${command}: ${reason.replace(/ \("[\s\S]*"\)\.?$|\.$/, '')}`, hint: help };
}

/** clipanion's reason for the command that was meant. */
function reasonFor(error: CommandLineError, command: string): string {
  const meant = error.candidates?.find(({ usage, reason }) => reason !== null && usage.startsWith(`sluice ${command}`));
  return meant?.reason ?? error.message.split('\n\n')[0] ?? 'unknown arguments';
}
