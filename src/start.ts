// What bin/ starts: the program, with what earlier runs compiled of it. Bundled by itself: nothing else is loaded before.
import { cacheDirectory, codeKeeper } from './start/kept-code.ts';
import { runProgram } from './start/program.ts';

/** Of the bundle that lies beside: V8 compares no more of a script than its length. */
declare const __build: string;

const dir = process.env.NODE_DISABLE_COMPILE_CACHE ? null : cacheDirectory(process.env);
runProgram(__dirname, 'main.js', codeKeeper(dir, __build, process.argv[2] ?? ''));
