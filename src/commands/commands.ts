// Every command there is, and what is said where a command line means none of them.
import type { Cli, CommandClass } from 'clipanion';
import { CancelCommand } from './cancel/command.ts';
import { CiCommand } from './ci/command.ts';
import { CompletionCommand } from './completion/command.ts';
import { DisableCommand } from './disable/command.ts';
import { DoctorCommand } from './doctor/command.ts';
import { DownCommand } from './down/command.ts';
import { EnableCommand } from './enable/command.ts';
import { ExecCommand } from './exec/command.ts';
import { ExplainCommand } from './explain/command.ts';
import { InitCommand } from './init/command.ts';
import { LogsCommand } from './logs/command.ts';
import { McpCommand } from './mcp/command.ts';
import { ModeCommand } from './mode/command.ts';
import { PlanCommand } from './plan/command.ts';
import { PullCommand } from './pull/command.ts';
import { ReplayCommand } from './replay/command.ts';
import { RestartCommand } from './restart/command.ts';
import { RunCommand } from './run/command.ts';
import { SchemaCommand } from './schema/command.ts';
import { StatusCommand } from './status/command.ts';
import { StopCommand } from './stop/command.ts';
import { TriggerCommand } from './trigger/command.ts';
import { UpCommand } from './up/command.ts';
import { WaitCommand } from './wait/command.ts';

export const commands: readonly CommandClass[] = [
  UpCommand,
  CiCommand,
  DownCommand,
  PlanCommand,
  ExplainCommand,
  DoctorCommand,
  InitCommand,
  StatusCommand,
  LogsCommand,
  TriggerCommand,
  CancelCommand,
  EnableCommand,
  DisableCommand,
  RestartCommand,
  ModeCommand,
  WaitCommand,
  StopCommand,
  RunCommand,
  ExecCommand,
  PullCommand,
  SchemaCommand,
  ReplayCommand,
  McpCommand,
  CompletionCommand,
];

/** Null for an error of something else than the command line. */
export async function usageErrorOf(cli: Cli, error: unknown, args: readonly string[]): Promise<string | null> {
  const { isUsageError, usageError } = await import('./usage-error.ts');
  if (!isUsageError(error)) return null;
  const names = commands.flatMap((command) => command.paths?.map((path) => path.join(' ')) ?? []);
  const definition = cli.definitions({ colored: false }).find(({ path }) => path === `sluice ${args[0]}`);
  const options = definition?.options.flatMap((option) => option.definition.match(/--[\w-]+/g) ?? []) ?? [];
  // Its options in brackets are in its help.
  const usage = definition?.usage.replace(/^\$ |\[[^\]]*\]\s*/g, '').trim();
  return usageError(error, args, names, options, usage);
}
