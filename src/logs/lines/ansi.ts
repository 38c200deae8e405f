// Control sequences of terminals in log text: colours (SGR) stay, all else goes, so that output cannot move the cursor,
// set titles or clipboards, or hide what follows.

import { withoutFormat } from '../../model/text/invisible.ts';

const anyControl = /[\x00-\x08\x0b-\x1f\x7f-\x9f]/;

/**
 * Each alternative stops at the next ESC, so a line full of unfinished sequences is read once and not once per ESC.
 * An unfinished string sequence loses its introducer only: what follows is shown rather than hidden.
 */
const controls =
  /\x1b\[([0-9;:]{0,64})m|(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]?|(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f])(?:[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c))?|\x1b[ -/]*[0-~]?|[\x00-\x08\x0b-\x1a\x1c-\x1f\x7f-\x9f]/g;

const sgr = /\x1b\[[0-9;:]*m/g;

/** One line without line end → the same with tabs and colours as the only controls, and nothing that cannot be seen. */
export function onlyColours(line: string): string {
  const shown = withoutFormat(line);
  if (!anyControl.test(shown)) return shown;
  return shown.replace(controls, (sequence, colours: string | undefined) => (colours === undefined ? '' : sequence));
}

/** Text that went through `onlyColours` → without colours. */
export const withoutColours = (text: string): string => (text.includes('\x1b') ? text.replace(sgr, '') : text);
