// What is wrong with the lines of an env file. Nothing of them is repeated: they hold what nobody else should see.

export interface LineFault {
  readonly line: number;
  readonly column: number;
  readonly what: string;
  readonly hint: string;
}

const name = /^[A-Za-z_][A-Za-z0-9_.-]*$/;

/** In their order. A name alone is none: its value is that of our own environment, as Compose has it. */
export function envFaults(text: string): LineFault[] {
  const faults: LineFault[] = [];
  const lines = text.split('\n');
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at]!.replace(/\r$/, '');
    const indent = /^\s*(?:export\s+)?/.exec(line)?.[0].length ?? 0;
    const rest = line.slice(indent).trimEnd();
    if (rest === '' || rest.startsWith('#') || name.test(rest)) continue;
    const equals = rest.indexOf('=');
    const fault = (column: number, what: string, hint: string) => faults.push({ line: at + 1, column, what, hint });
    if (equals < 0) {
      const isYaml = /^[A-Za-z_][A-Za-z0-9_]*:/.test(rest);
      fault(indent + 1, 'this line is no NAME=value', isYaml ? 'write = for the colon' : 'a comment begins with #');
    } else if (!name.test(rest.slice(0, equals).trimEnd()))
      fault(indent + 1, 'what stands before = is no name of a variable', 'letters, digits and _, no digit first');
    const value = rest.slice(equals + 1).trimStart();
    const quote = /^["'`]/.exec(value)?.[0];
    if (equals < 0 || quote === undefined || value.indexOf(quote, 1) > 0) continue;
    const end = lines.findIndex((each, i) => i > at && each.includes(quote));
    if (end > 0) at = end;
    else
      fault(
        line.lastIndexOf(value) + 1,
        `the value begins with ${quote}, which nothing closes`,
        `write another ${quote} at its end`,
      );
  }
  return faults;
}
