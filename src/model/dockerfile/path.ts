// Paths as a Dockerfile writes them.

/** An absolute path without `.` and `..`; null where it goes from what is not known. */
export function within(dir: string | null, path: string): string | null {
  if (dir === null && !path.startsWith('/')) return null;
  const segments: string[] = path.startsWith('/') ? [] : dir!.split('/').filter(Boolean);
  for (const segment of path.split('/')) {
    if (segment === '..') segments.pop();
    else if (segment !== '' && segment !== '.') segments.push(segment);
  }
  return `/${segments.join('/')}`;
}
