// Rules that sync by pattern as rules that sync by place: which of them takes a file, and which files none of them means.
import { extname, join, posix } from 'node:path';
import picomatch from 'picomatch';
import { walk } from '../walk.ts';

/** Paths and patterns are relative to the context. */
export interface Synced {
  readonly from: string;
  readonly to: string;
  readonly patterns: readonly string[];
}

const isBelow = (path: string, dir: string): boolean => dir === '.' || path === dir || path.startsWith(`${dir}/`);

/** One rule for each place, the narrower ones first; rivals would take the same files elsewhere. */
export function withoutRivals(all: readonly Synced[]): {
  readonly syncs: readonly Synced[];
  readonly rivals: readonly Synced[];
} {
  const [syncs, rivals]: [Synced[], Synced[]] = [[], []];
  for (const each of all) {
    const same = syncs.findIndex(({ from }) => from === each.from);
    const other = syncs[same];
    if (!other) {
      const wider = syncs.findIndex(({ from }) => isBelow(each.from, from));
      syncs.splice(wider < 0 ? syncs.length : wider, 0, each);
    } else if (other.to === each.to) syncs[same] = { ...other, patterns: [...other.patterns, ...each.patterns] };
    else rivals.push(each);
  }
  return { syncs, rivals };
}

/** Patterns of files that lie where a rule syncs, and that it does not mean. By their ending, where no synced file has it. */
export async function unmeant(
  context: string,
  syncs: readonly Synced[],
  stop: AbortSignal,
): Promise<readonly string[]> {
  const rules = syncs.map((each) => ({ ...each, means: picomatch([...each.patterns], { dot: true }) }));
  const endings = new Set<string>(['']);
  const others: { readonly file: string; readonly from: string }[] = [];
  const tops = rules.filter(({ from }) => !rules.some((other) => other.from !== from && isBelow(from, other.from)));
  for (const { from: top } of tops) {
    const { files } = await walk(join(context, top), stop, (name) => /^(\.git|node_modules)$/.test(name));
    for (const file of files.map((each) => posix.join(top, each))) {
      const rule = rules.find(({ from }) => isBelow(file, from));
      if (rule?.means(file)) endings.add(extname(file));
      else if (rule) others.push({ file, from: rule.from });
    }
  }
  const patterns = others.map(({ file, from }) =>
    endings.has(extname(file)) ? file : posix.join(from, `**/*${extname(file)}`),
  );
  return [...new Set(patterns)].sort();
}
