// The level of a line of a running program, guessed from its head. Being on stderr alone says nothing: most loggers
// write everything there.
import type { LogLevel } from '../../model/log.ts';

/** Levels stand at the head of a line; what a message quotes further on is not its level. */
const headChars = 256;

const words: Readonly<Record<string, LogLevel>> = {
  trace: 'debug',
  trc: 'debug',
  verbose: 'debug',
  debug: 'debug',
  dbg: 'debug',
  dbug: 'debug',
  info: 'info',
  inf: 'info',
  notice: 'info',
  log: 'info',
  information: 'info',
  warn: 'warn',
  warning: 'warn',
  wrn: 'warn',
  error: 'error',
  err: 'error',
  eror: 'error',
  fatal: 'error',
  ftl: 'error',
  critical: 'error',
  crit: 'error',
  panic: 'error',
  severe: 'error',
  emerg: 'error',
  alert: 'error',
  fail: 'error',
  failed: 'error',
};

/** `"level":"warn"`, `"severity": "ERROR"`, pino's `"level":50`; logfmt `level=warn`. */
const keyed =
  /(?:^|[\s{,"])(?:level|severity|lvl|log\.level|levelname|loglevel|@l)"?\s*[:=]\s*"?([a-z]{3,11}|\d{1,3})\b/i;
/** glog and klog: `E0102 15:04:05.000000`. */
const klog = /^([IWEF])\d{4} \d\d:\d\d:/;
/** `ERROR foo`, `[error] foo`, `2024-01-02T… WARN foo`, `npm ERR! foo`, `error: foo`, `Warning: foo`, `app | ERROR`. */
const shouted =
  /(?:^|[\s[(<|/])(TRACE|DEBUG|DBG|INFO|INF|NOTICE|WARN|WARNING|WRN|ERROR|ERR|FATAL|FTL|CRITICAL|CRIT|PANIC|SEVERE|FAIL|FAILED)(?=[\s\])>:|!]|$)/;
const bracketed =
  /(?:^|\s)[[<(](trace|debug|info|notice|warn|warning|error|err|fatal|critical|crit|emerg|alert)[\])>]/i;
const spoken = /^\s*(?:\S{1,30} )?(warn|warning|error|fatal|panic)(?:\[[^\]]{1,20}\])?:/i;
/** Heads of stack traces and crashes, and of tests that failed (TAP, and the marks of node:test, jest, vitest, mocha). */
const crash =
  /^(?:\s*not ok \d|\s*[✖✕✗] |Traceback \(most recent call last\)|panic: |fatal error: |goroutine \d+ \[|thread '[^']*' (?:\(\d+\) )?panicked|Exception in thread |Unhandled |Uncaught |Caused by: |Segmentation fault|\S{0,80}(?:Error|Exception)(?: \[[^\]]{1,40}\])?(?::|$))/;

/** Text without colours → its level; `info` where nothing says otherwise. */
export function levelOf(text: string): LogLevel {
  const head = text.length > headChars ? text.slice(0, headChars) : text;
  const structured = keyed.exec(head)?.[1];
  if (structured) return ofNumber(structured) ?? words[structured.toLowerCase()] ?? 'info';
  const glog = klog.exec(head)?.[1];
  if (glog) return glog === 'I' ? 'info' : glog === 'W' ? 'warn' : 'error';
  if (crash.test(head)) return 'error';
  const word = (shouted.exec(head) ?? bracketed.exec(head) ?? spoken.exec(head))?.[1];
  return (word && words[word.toLowerCase()]) || 'info';
}

/** pino and bunyan count in tens. */
function ofNumber(text: string): LogLevel | null {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 10) return null;
  return number >= 50 ? 'error' : number >= 40 ? 'warn' : number >= 30 ? 'info' : 'debug';
}
