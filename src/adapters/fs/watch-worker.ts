// Entry of the watch worker: messages in, messages out.
import { parentPort, workerData } from 'node:worker_threads';
import { startChokidar } from './chokidar-backend.ts';
import { startDirectories } from './directory-backend.ts';
import type { ToWorker, WorkerStart } from './watch-messages.ts';
import { WatchSession } from './watch-session.ts';

const port = parentPort!;
const start = workerData as WorkerStart;
const backends = { chokidar: startChokidar, directories: startDirectories };
const session = new WatchSession((message) => port.postMessage(message), start, backends[start.backend]);
port.on('message', (message: ToWorker) => session.receive(message));
