// Which versions of Docker are supported, and what is said of the others. The README names the same.

/** Of each, all suites have run: the newest, the one before it, and the oldest that distributions still carry. */
export const supported = ['29', '28', '20.10'] as const;

export interface VersionStanding {
  readonly isTooOld: boolean;
  readonly words: string;
}

const list = `${supported.slice(0, -1).join(', ')} and ${supported.at(-1)}`;

/** `version`: as the daemon says it (`28.0.4-rd`, `20.10.24+dfsg1`). */
export function versionStanding(version: string): VersionStanding {
  const [, major = '', minor = ''] = /^v?(\d+)\.(\d+)/.exec(version) ?? [];
  if (major === '') return { isTooOld: false, words: `of no version that tells whether it is one of ${list}` };
  const found = [Number(major), Number(minor)] as const;
  const isThis = (one: string): boolean => one === major || one === `${major}.${Number(minor)}`;
  if (supported.some(isThis)) return { isTooOld: false, words: `${supported.find(isThis)} is supported` };
  const [newest, oldest] = [numbers(supported[0]), numbers(supported.at(-1) as string)];
  if (isBefore(found, oldest)) return { isTooOld: true, words: `older than ${list}, which are supported` };
  const place = isBefore(newest, found) ? 'newer than' : 'between';
  return { isTooOld: false, words: `${place} ${list}, which are supported: nothing is known against it` };
}

const numbers = (version: string): readonly [number, number] => {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return [major, minor];
};

const isBefore = ([major, minor]: readonly [number, number], [other, otherMinor]: readonly [number, number]): boolean =>
  major < other || (major === other && minor < otherMinor);
