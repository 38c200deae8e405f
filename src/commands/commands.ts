// Every command there is, and what is said where a command line means none of them.
import type { Cli, CommandClass } from 'clipanion';
import {
  CancelCommand,
  DisableCommand,
  EnableCommand,
  LogsCommand,
  ModeCommand,
  RestartCommand,
  StatusCommand,
  StopCommand,
  TriggerCommand,
  WaitCommand,
} from './asking.ts';
import { CiCommand } from './ci.ts';
import { CompletionCommand } from './completion.ts';
import { DoctorCommand } from './doctor.ts';
import { DownCommand } from './down.ts';
import { ExplainCommand } from './explain.ts';
import { InitCommand } from './init.ts';
import { McpCommand } from './mcp.ts';
import { PlanCommand } from './plan.ts';
import { ReplayCommand } from './replay.ts';
import { SchemaCommand } from './schema.ts';
import { UpCommand } from './up.ts';

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
