// The command line: every command is loaded on demand, errors go to stderr, and this is the only process.exit.
import { setMaxListeners as defaultMaxListeners } from 'node:events';
import { Cli, type Command } from 'clipanion';
import packageJson from '../package.json' with { type: 'json' };
import { SluiceCommand } from './commands/command.ts';
import { commands, usageErrorOf } from './commands/commands.ts';
import { CompletionCommand } from './commands/completion/command.ts';
import { wordsOf } from './engine/fault.ts';
import { limits } from './model/limits.ts';
import { isAbort } from './model/problems/problem.ts';
import { complaint } from './session/end/complaint.ts';
import { exitCodeOf } from './session/end/exit-code.ts';
import {
  brokenPipe,
  bugProblem,
  environmentProblem,
  isGone,
  isLastResort,
  outputProblem,
  uncaught,
} from './session/faults.ts';
import { watchReader } from './session/stdout-reader.ts';

let whole: Cli | null = null;

/** Knows every command: for help, completions and whatever is wrong with a command line. */
function wholeCli(): Cli {
  whole ??= cliOf(commands);
  return whole;
}

function cliOf(known: typeof commands): Cli {
  const cli = new Cli({ binaryLabel: 'sluice', binaryName: 'sluice', binaryVersion: packageJson.version });
  for (const command of known) cli.register(command);
  return cli;
}

/** By the one command that is named where that can be: each further one that is known costs milliseconds. */
function parsed(args: readonly string[]): Command {
  const named = commands.filter(({ paths }) => paths?.some(([word]) => word === args[0]));
  try {
    if (named.length > 0) return cliOf(named).process([...args], Cli.defaultContext);
  } catch {
    // What is wrong with it is told by who knows them all.
  }
  return wholeCli().process([...args], Cli.defaultContext);
}

const running: { command: SluiceCommand | null } = { command: null };

async function main(args: readonly string[]): Promise<number> {
  const [first] = args;
  if (first === '--version') return print(`${packageJson.version}\n`);
  if (first === undefined || first === '-h' || first === '--help' || first === 'help') return print(await helpOf(null));
  if (args.includes('--help') || args.includes('-h')) return print(await helpOf(first));
  try {
    const command = parsed(args);
    if (command instanceof SluiceCommand) running.command = command;
    if (command instanceof CompletionCommand) command.definitions = wholeCli().definitions({ colored: false });
    return (await command.execute()) ?? 0;
  } catch (error) {
    return failed(error, args);
  }
}

function print(text: string): number {
  process.stdout.write(text);
  return 0;
}

async function helpOf(path: string | null): Promise<string> {
  const { overview, page } = await import('./commands/help/help.ts');
  const definitions = wholeCli().definitions({ colored: false });
  const one = definitions.find((verb) => verb.path === `sluice ${path}`);
  return one ? page(one) : overview(definitions, packageJson.version);
}

/** Usage errors, problems and what the system denies are the user's to mend; anything else is a bug of ours. */
async function failed(error: unknown, args: readonly string[]): Promise<number> {
  const usage = await usageErrorOf(wholeCli(), error, args);
  if (usage !== null) {
    process.stderr.write(usage);
    return 2;
  }
  const denied = environmentProblem(error);
  process.stderr.write(complaint(denied ?? bugProblem(wordsOf(error), null)));
  if (denied) return exitCodeOf(denied);
  if (process.env.SLUICE_DEBUG && error instanceof Error) process.stderr.write(`${error.stack}\n`);
  return 70;
}

// One AbortSignal stops all that is under way, up to dozens of API calls: many listeners are no leak here.
defaultMaxListeners(100);

let unreadable: NodeJS.ErrnoException | null = null;

// A command that has begun something ends that first.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  unreadable ??= error;
  if (running.command?.unread !== 'interrupted' && running.command?.unread !== 'drains') process.exit(withOutput(0));
});
// Whoever looks at our errors no longer is no reason to end.
process.stderr.on('error', () => {});
watchReader(process.stdout);
uncaught((error) => {
  if (isLastResort() && !isAbort(error)) void failed(error, process.argv.slice(2)).then((code) => process.exit(code));
});

/** The exit code where the output could not be written: a session has told it already. */
function withOutput(code: number): number {
  if (unreadable === null || running.command?.unread === 'drains') return code;
  if (isGone(unreadable)) return code || brokenPipe;
  process.stderr.write(complaint(outputProblem(unreadable).problem));
  return code || 1;
}

async function toItsEnd(args: readonly string[]): Promise<void> {
  const exitCode = await main(args);
  // What is written must be out before the process ends; a pipe may need a moment. A session has waited for it already.
  const written = new Promise<void>((resolve) => process.stdout.write('', () => resolve()));
  const moment = new Promise<void>((resolve) => setTimeout(resolve, limits.droppedMs));
  await (running.command?.unread === 'drains' ? Promise.race([written, moment]) : written);
  process.exit(withOutput(exitCode));
}

void toItsEnd(process.argv.slice(2));
