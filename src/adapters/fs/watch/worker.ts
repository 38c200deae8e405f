// Entry of the watch worker: messages in, messages out.
import { parentPort, workerData } from 'node:worker_threads';
import { startChokidar } from './backend/chokidar.ts';
import { startDirectories } from './backend/directories.ts';
import type { ToWorker, WorkerStart } from './messages.ts';
import { WatchSession } from './watcher.ts';

const port = parentPort!;
const start = workerData as WorkerStart;
const backends = { chokidar: startChokidar, directories: startDirectories };
const session = new WatchSession((message) => port.postMessage(message), start, backends[start.backend]);
port.on('message', (message: ToWorker) => session.receive(message));
