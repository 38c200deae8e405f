// The parts of blessed that are used, by file: its entry loads forty widgets, and @types/blessed knows only that.
declare module 'blessed/lib/program.js' {
  import type { EventEmitter } from 'node:events';

  interface Program extends EventEmitter {
    _write(text: string): void;
    flush(): void;
    setupTput(): void;
  }
  const program: (options: {
    input: unknown;
    output: unknown;
    terminal: string;
    buffer: boolean;
    forceUnicode: boolean;
  }) => Program;
  export default program;
}
declare module 'blessed/lib/tput.js' {
  const Tput: { prototype: { readTerminfo(this: { parseTerminfo(data: Buffer, name: string): unknown }): unknown } };
  export default Tput;
}
declare module 'blessed/lib/unicode.js' {
  const unicode: { charWidth: (char: string | number, index?: number) => number };
  export default unicode;
}
declare module 'blessed/lib/widgets/screen.js' {
  /** A row of cells, each `[style, character]`; blessed draws the rows marked dirty. */
  type Row = [style: number, char: string][] & { dirty: boolean };
  interface Screen {
    lines: Row[];
    tput: { brokenACS: boolean };
    program: import('blessed/lib/program.js').default;
    enter(): void;
    leave(): void;
    alloc(): void;
    draw(first: number, last: number): void;
    destroy(): void;
  }
  const Screen: {
    (options: { program: unknown; fullUnicode: boolean; forceUnicode: boolean }): Screen;
    _exceptionHandler?: (error: Error) => void;
    _sigtermHandler?: () => void;
    _sigintHandler?: () => void;
    _sigquitHandler?: () => void;
    _exitHandler?: () => void;
  };
  export default Screen;
}
