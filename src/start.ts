// What bin/ starts: the program, with what earlier runs compiled of it. Bundled by itself: nothing else is loaded before.
import { cacheDirectory } from './adapters/cache/own-files.ts';
import { codeKeeper } from './start/kept-code.ts';
import { runProgram } from './start/program.ts';

/** Of the bundle that lies beside: V8 compares no more of a script than its length. */
declare const __build: string;

runProgram(__dirname, 'main.js', codeKeeper(cacheDirectory(process.env), __build, process.argv[2] ?? ''));
