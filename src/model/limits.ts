// Every bound in sluice, with its reason. Times in ms, sizes in bytes.
import { exchangeLimits } from './limits/exchange.ts';
import { inputLimits } from './limits/input.ts';
import { kubeLimits } from './limits/kube.ts';

export const limits = {
  ...exchangeLimits,
  ...inputLimits,
  ...kubeLimits,
  /** Silence after a file event before a batch is made: editors write a file in 1–20 ms, a formatter on save in 30–50. */
  debounceQuietMs: 50,
  /** Longest a batch may grow while events keep coming, so that a file written all the time cannot starve it. */
  debounceMaxMs: 2_000,
  /** Longest a git operation holds file batches back: a lock left by a crash must not hold for ever. */
  gitHoldMs: 10_000,
  /** Compiled code of a session is kept after this long: all that a start needs is there, and V8 has thrown none of it away for not being used. */
  codeKeptAfterMs: 10_000,
  /**
   * Files of a kind in the user's cache directory. Of compiled code one for each command, of the two or three versions of Node and of
   * sluice in use; few take more than 200 kB. Of manifests as they were read one for each configuration, of some 500 kB for a thousand
   * objects.
   */
  cacheFiles: 64,
  /** Bytes of manifests as they were read, of one configuration: those of some thousands of objects. */
  keptManifestBytes: 4 * 1024 * 1024,
  /** Updates at once; what every peer uses as default. */
  parallel: 3,
  /** Runs that build nothing, at once: each is a few calls to Docker or the cluster, which carry them out side by side. */
  deploysAtOnce: 20,
  /** Images pulled for services that still wait, at a time: Docker gets three layers of each side by side. */
  pullsAhead: 4,
  /** First and longest pause before a failed feed is started again; forgotten after `feedHealthyMs` of health. */
  feedRetryFirstMs: 200,
  feedRetryMaxMs: 30_000,
  feedHealthyMs: 30_000,
  /** What is denied is asked for again this often: a grant is noticed within half a minute, and no audit log is flooded. */
  deniedRetryMs: 15_000,
  /** Docker and cluster are asked whether they are there, and have as long as a connection to answer: silence is known within 15 s. */
  healthEveryMs: 5_000,
  /** A Docker of this machine, which is pinged all the time: only that it takes new connections is left to be seen. */
  pingedHealthEveryMs: 30_000,
  /** First and longest pause before what is out of reach is asked again; a login that failed may open a browser. */
  healthRetryFirstMs: 1_000,
  healthRetryMaxMs: 3_000,
  loginRetryMaxMs: 30_000,
  /** `ci` and `up --once` give up on a Docker or cluster that stays out of reach this long. */
  unreachableMs: 5_000,
  /** Crashes of one container, or failed pods of one Job, that `ci` and `up --once` forgive by default: the contract's figure. */
  retries: 3,
  /** Builds by a classic builder that looked into its cache while another image was removed: three such moments in a row are none. */
  cacheTries: 3,
  /** Tries after which what refuses a pod is there to stay: controllers pause twice as long each time and have tried for some 10 s. */
  refusals: 12,
  /** A pod may wait this long for what keeps it from starting (an image, a Secret): the kubelet has tried three times by then. */
  podMendMs: 30_000,
  /** What is out of reach of a run (a registry, a webhook) is tried again this long before a session that is to end gives up. */
  runRetryMs: 30_000,
  /** Longest pause between such tries in a session that watches: with a full history they take a quarter of an hour. */
  runRetryMaxMs: 60_000,
  /** From the end of a container until its log counts as read, whatever has come: a kubelet answers in well under a second. */
  lastWordsMs: 5_000,
  /** From SIGTERM to SIGKILL for a process group. */
  killGraceMs: 5_000,
  /** What runs is noted on disk this long after it changed: a probe of some ms is over by then, and is not worth a write. */
  noteProcessesMs: 100,
  /** One file of notes: those of twenty clusters with a thousand objects each are 3 MB. */
  noteBytes: 64 * 1024 * 1024,
  /** From SIGKILL until a process counts as unkillable (uninterruptible sleep on a dead disk). */
  killWaitMs: 5_000,
  /** A process out of our sight may hold the output pipe of an ended command open: no longer than this. */
  outputCloseMs: 500,
  /** Draining takes no longer than this before everything is dropped: what is left then has to close, and a first Ctrl-C to end within 10 s. */
  drainMs: 8_000,
  /** Restart back-off of a local server, doubled each time, forgotten after `serverHealthyMs`. */
  serverRestartFirstMs: 500,
  serverRestartMaxMs: 30_000,
  serverHealthyMs: 30_000,
  /** Runs remembered per resource: enough for a median duration and the detail view. */
  historyPerResource: 20,
  /** Pending paths named per resource; beyond that only their number counts. */
  pendingPaths: 10_000,
  /** Changes of one resource that wait to be live, told apart: the oldest counts, and a person is asked long before. */
  changesBehind: 1_000,
  /** Cluster events kept per resource for the detail view. */
  eventsPerResource: 50,
  /** Workloads remembered after they went: a Job that was done stays done. A hundred sessions' worth of migrations. */
  goneWorkloads: 200,
  /** `log/appended` facts a second and log source: bytes go to the log store, the loop only hears that they did. */
  logMarksPerSecond: 10,
  /** Of the last line in such a fact: enough to show, small enough to record. */
  markBytes: 200,
  /** Log lines kept in memory per resource; older ones are in the spill file. */
  logLinesPerResource: 20_000,
  /** Bytes of one log line before it is cut: a megabyte of minified JSON on one line must not stall a view. */
  logLineBytes: 16_384,
  /** The same in bytes, for resources with long lines; and over all resources, whose largest gives way first. */
  logBytesPerResource: 8 * 1024 * 1024,
  logBytesTotal: 128 * 1024 * 1024,
  /** Lines leave the memory and are searched in blocks of this size: one takes about a millisecond. */
  logBlockLines: 2_048,
  logBlockBytes: 512 * 1024,
  /** Silence after which a line without end is shown: a prompt waits for an answer and not for a line feed. */
  logPartialMs: 1_000,
  /** Silence after which a line that only grows may be cut where it stands. */
  logPieceMs: 100,
  /** A line that is drawn over and over is put into the log as it stands after this, each time later by half, to this most. */
  logDrawnMaxMs: 30_000,
  /** Steps of one run kept in the state: a Dockerfile of several stages has dozens that take time. */
  stepsPerRun: 100,
  /** A build step that takes longer is named while it runs. */
  stepNamedMs: 500,
  /** A build step that says nothing for this long is said to go on. */
  stepQuietMs: 5_000,
  /** Origins with a line under way; each container of each pod is one. */
  logOrigins: 2_000,
  /** Blocks waiting for a slow disk; beyond it the newest are lost. */
  spillQueueBytes: 32 * 1024 * 1024,
  /** Matches asked for one after the other while the first is still looked for: a key that is held comes thirty times a second. */
  searchesQueued: 20,
  /** A search or a filter gives the loop back this often. */
  searchSliceMs: 5,
  /** A user's regular expression on one block of lines: a sane one takes a few ms, a catastrophic one for ever. */
  patternMs: 250,
  /** One that got next to nothing of the processor in that time is run again, so often in all: an endless one has a second then. */
  patternTurns: 4,
  /** A filter of a view looks through the memory for no longer than this. */
  filterMs: 100,
  /** Secret values kept away from logs; a cluster has some hundreds. */
  secrets: 20_000,
  /** Spill file size per resource and run; the oldest half goes when it is full. */
  spillBytes: 256 * 1024 * 1024,
  /** A disk that was full is tried again this often: each try may lose a block of lines. */
  spillRetryMs: 10_000,
  /** Lines of log tail carried by a problem, those of them that are cluster events, and the lines they are chosen from. */
  problemLogLines: 20,
  problemEvents: 5,
  excerptLines: 200,
  /** Objects applied at once (peers use the same). */
  applyParallel: 10,
  /**
   * Objects of one kind and namespace asked for one by one before the rest is listed: ten resources are as quick either way. And
   * how long a list counts from its answer on, in ms: as long as a deploy takes that asks first and applies then.
   */
  askedSingly: 10,
  sightingMs: 2_000,
  /** One API call to the cluster. */
  kubeCallMs: 30_000,
  /** Waiting for an object to be really gone before it is made again. */
  deleteWaitMs: 30_000,
  /** How often it is looked whether it is gone: at first, and at most. */
  gonePollMs: 50,
  gonePollMaxMs: 1_000,
  /** From applying a CustomResourceDefinition until its kind is served; measured at 0.1 to 5 s. */
  kindServedMs: 30_000,
  /** Pods may ask for any time to end; a deploy waits no longer than this for them. */
  podGraceMs: 600_000,
  /** Pause before an object whose kind or namespace was not found is applied once more: caches of the API server lag. */
  notFoundPauseMs: 500,
  /** An object that others write at the same time is read again this often. */
  conflictsInRow: 5,
  /** Resources whose first run's duration is remembered; the largest projects have some hundreds. */
  durationsRemembered: 1_000,
  /** Clusters whose deploys are remembered; kind makes a new one each time. */
  clustersRemembered: 20,
  /** Waiting for a terminating namespace or object of the same name. */
  terminatingWaitMs: 60_000,
  /** Records between two whole states on the NDJSON stream, so that a late reader can join. */
  streamStateEvery: 1_000,
  /** Log lines waiting for a slow stdout; beyond it the oldest are dropped and counted. */
  streamQueue: 10_000,
  /** The same in bytes: ten thousand cut lines would be 160 MB. */
  streamQueueBytes: 16 * 1024 * 1024,
  /** Widest columns, of names before log lines and of what a resource is at in a report; longer texts are cut. */
  plainNameColumns: 24,
  reportColumns: 60,
  /** Files on their way into a container are cut into chunks of this size, each acknowledged: the memory one update may take. */
  syncChunkBytes: 2 * 1024 * 1024,
  /** Longer lists of paths go ahead in one block: a shell reads lines byte by byte, a block costs a round trip. */
  syncHeadBytes: 2_048,
  /** First answer of a shell in a container, and each later one: a slow node under load starts an exec in 5 s. */
  syncGreetingMs: 15_000,
  syncAnswerMs: 30_000,
  /** Longest answer, answers not yet read, and how much of the far side's errors is kept: they come from the user's container. */
  syncAnswerBytes: 4_096,
  syncAnswers: 1_000,
  syncErrorBytes: 4_096,
  /** Places looked at by one command in a container, far below what an argument list holds; and those known of one container. */
  syncLooks: 100,
  /** Places looked at in an image before a layer is put on it, one call each: beyond, a build from scratch is as quick. */
  layerLooks: 200,
  /** Links followed one after the other: as many as Linux follows before it says ELOOP. */
  linksFollowed: 40,
  syncPlaces: 10_000,
  /** Containers of one resource remembered as updated in place; older ones are gone by far. */
  touchedContainers: 500,
  /** Shells kept open in containers; beyond it the one unused for longest is closed. */
  synclets: 100,
  /** Actions kept for the report of a bug where nobody records: some minutes of a busy session. */
  actionsKept: 2_000,
  /** A silent program asks this often whether somebody still reads its output. */
  readerProbeMs: 1_000,
  /** What is still awaited when everything has been dropped, and when the session has drained. */
  droppedMs: 300,
  closeMs: 5_000,
  /** Seconds for the command of an interrupted `run` to end by itself: within `closeMs`, with time to take its container away. */
  interruptedRunS: 3,
  /** Bytes of a recording; a day's session stays below a tenth of it. */
  recordingBytes: 512 * 1024 * 1024,
  /** One line of a recording: the fact that carries the largest configuration has some MB. */
  recordedLineBytes: 64 * 1024 * 1024,
  /** Clients of the session's socket at once, bytes of one request, log lines in one answer, and the longest wait by default. */
  socketClients: 64,
  requestBytes: 65_536,
  /** Whether the socket's file is still there is looked at this often: somebody who asks a session tries once more. */
  socketLookMs: 1_000,
  /** Brackets in brackets in one request: what is asked for is flat, a few levels of a tool's arguments aside. */
  requestDepth: 32,
  /** Path of a socket: 108 bytes with the closing 0 on Linux, 104 on macOS. */
  socketPathBytes: 103,
  requestLogLines: 10_000,
  /** Requests on stdin that wait for their answers; an editor has a handful. */
  openRequests: 64,
  /** Lines of `plan --diff` for one object: a definition of a kind has thousands. */
  diffLines: 2_000,
  /** Pairs of lines compared between two objects: a quarter of a second, 16 MB. */
  diffCells: 4_000_000,
  /** Files and directories looked at by `init`: a large project's sources in about two seconds, not a home directory. */
  initEntries: 300_000,
  /** Skaffold files that one requires, directly or not: large projects have a few dozen. */
  initModules: 300,
  /** Patterns of files that are not meant among those that a rule syncs: a longer list is none that people keep. */
  initFallbacks: 30,
  /** Lines at the head of a written configuration about what was left out: more are not read. */
  initNotes: 60,
  /** Directories counted by `doctor`: beyond the largest limit of watches in use. */
  doctorDirectories: 1_100_000,
  /** Less free disk than this is worth a word: an image of a few layers takes as much. */
  doctorFreeBytes: 2 * 1024 ** 3,
  /** Patience of a shell's completion with a session that does not answer. */
  completionMs: 500,
  /** Answers still given to a client that has closed its side: it may be a pipe that only wrote first, or gone. */
  lastAnswersMs: 2_000,
  waitMs: 300_000,
  /** While `wait` waits, it says for what this often, in ms: a person wonders after a few seconds of silence. */
  waitProgressMs: 5_000,
  /** Resources that `wait` names of those it waits for: a line is read, a page is not. */
  waitingNamed: 8,
  /** Followers of logs and state hear of news this often at most, in ms: one write for a burst, and soon for the eye. */
  followMs: 50,
  /** Log lines in one answer to a follower; more come in the next. */
  followLines: 1_000,
  /** One line of a generated Dockerfile: parsers refuse lines from 64 KiB on. */
  dockerfileLine: 60_000,
  /** Image layers put on an existing image before the next build starts from scratch (overlayfs allows 127). */
  layersOnTop: 20,
  /** Cancels in a row before a build is let finish: cancelling on every save starves under autosave. */
  cancelsInRow: 2,
  /** What a build that never ended well is taken to last, in ms: twice that, and a newer save stops it however often that happened. */
  unknownRunMs: 10_000,
  /** Rest after which memory is given back, in ms, and the heap below which that is not worth a pause of some dozen ms. */
  restMs: 3_000,
  heapKeptBytes: 64 * 1024 * 1024,
  /** Frame interval of the full-screen view. */
  frameMs: 34,
  /** One readiness probe by default. */
  probeEveryMs: 1_000,
  probeTimeoutMs: 1_000,
  /** Until the first success it is asked this often: a server takes some 100 ms to come up, and somebody waits. */
  probeEagerMs: 200,
  probeFailures: 3,
  /** A start that its probe has refused for this long is worth a word: most servers need no longer. */
  probeTellMs: 2_000,
  /** Output of an exec probe that is kept, its end: a message, not a log. */
  probeOutputBytes: 4_096,
  /** A server without a probe counts as ready after this: one that cannot start has died by then. */
  serverSettleMs: 300,
  /** From the end of a container until the cluster says so: kubelets look each second, and report in a moment. */
  containerEndMs: 3_000,
  /** A process started anew in place, without a readiness probe, is up when it stayed up this long, as `ci` wants it by default. */
  processStayMs: 5_000,
  /** Its readiness probe is asked this soon, then less often, to this most; and how soon a port that nobody takes says so. */
  trialAskMs: 200,
  trialAskMaxMs: 2_000,
  portTakenMs: 1_000,
  /** One that ended before has to stay up twice as long as it did then, and no longer than this: somebody waits. */
  processStayMaxMs: 30_000,
  /** A server that never answered its probe for this long is called not ready instead of starting. */
  probeStartMs: 60_000,
  /** Reaching for the pod behind a port-forward. */
  dialMs: 5_000,
  /** Images of ours kept per reference, and the age below which none is pruned. */
  imagesKept: 2,
  imageAgeMs: 6 * 3_600_000,
  pruneEveryMs: 3_600_000,
  /** Quiet this long before the first look: removing images competes with the build a save might start. */
  pruneAfterMs: 60_000,
  /** Builds remembered per image across sessions: a branch switch and back finds its image again. */
  buildsRemembered: 10,
  /** Raw events in a burst beyond which some are taken for lost: the kernel's queue holds 16,384 and overflows unsaid. */
  watchBurst: 8_000,
  /** Silence that ends a burst of raw events, after which the tree is compared with the index. */
  watchBurstQuietMs: 200,
  /** Files and bytes hashed while scanning; what is beyond is hashed in the background. */
  scanHashFiles: 5_000,
  scanHashBytes: 64 * 1024 * 1024,
  /** Larger files are told apart by size and time alone: hashing a model of 8 GB on each touch costs more than a build. */
  hashFileBytes: 128 * 1024 * 1024,
  /** A file found empty this young is looked at again: editors truncate first and write a moment later. */
  emptyFileSettleMs: 50,
  /** Times this close to the moment of looking may hide a second write: clocks of file systems tick in 4–10 ms, FAT in 2 s. */
  racyMs: 2_000,
  /** The machine's clock is compared with the time that has passed this often; a step below this is slewing. */
  clockLookMs: 1_000,
  clockStepMs: 1_000,
  /** Up to so many files and directories, `wait --fresh` looks at all: some 10 ms, a tenth of what starting the command takes. */
  filesLookedAt: 1_000,
  /** Places on the way to what is watched are looked at this often: a look costs microseconds, a person waits for a second. */
  waysMs: 1_000,
  /** Shortest pause between two passes over what cannot be watched; a pass may use a tenth of the time at most. */
  pollMs: 1_000,
  /** Pause before a dead watcher is started again, doubled each time up to the longest. */
  watchRestartFirstMs: 100,
  watchRestartMaxMs: 10_000,
  /** The index is copied for a worker that may have to follow at most this often: 100,000 files are 15 MB. */
  snapshotMs: 5_000,
  /** Waiting for the event of our own probe file; a mount that never tells must not hang `wait --fresh`. */
  probeMs: 2_000,
  /** Work on many files lets others go on after this: half a frame of the screen. */
  sliceMs: 8,
  /** Files open at once while a tree is hashed. */
  readParallel: 16,
  /** Files up to this size are read whole: beyond, chunks cost less than the memory. */
  readWholeBytes: 64 * 1024,
  /** Links within the `deps` of a local resource that are followed: each may bring a directory to watch. */
  innerLinks: 1_000,
  /** Hashes of listed files kept in memory: about 100 bytes each. */
  hashCache: 200_000,
  /** First answer of a Docker daemon; a tcp address behind a dropped VPN gives none at all. */
  dockerConnectMs: 10_000,
  /**
   * A local daemon is asked for a sign of life each half second, and taken to be stopped when it gives none for so long: known
   * within two seconds. A daemon under full load answers within 0.2 s.
   */
  dockerPingEveryMs: 500,
  dockerSilentMs: 1_200,
  dockerSilentGraceMs: 100,
  /** A look at whether the socket of a local daemon is still there: known within 5 s also on a machine under full load. */
  dockerSocketLookMs: 2_000,
  /** One line of a JSON stream of Docker; a BuildKit status record holds a burst of output of a step. */
  dockerLineBytes: 16 * 1024 * 1024,
  /** Entries of a build context that are listed to BuildKit in one write, some 50 KiB. */
  syncedStats: 512,
  /** One frame of a container's output; Docker cuts lines at 16 KiB, exec frames are at most 32 KiB. */
  dockerFrameBytes: 16 * 1024 * 1024,
  /** A container that was made is looked at when it is started, which takes a busy Docker seconds; one that is not, after this long. */
  dockerFollowedMs: 3_000,
  /** A program may have put something out before Docker notes that it was started. */
  dockerStartNotedMs: 500,
  /** Containers whose log is known how far it was told, and of which it is known whether they have a terminal. */
  dockerLogPlaces: 1_000,
  /** A log follower looks for a daemon that went away this long before it gives up (a restart of Docker Desktop). */
  dockerLogResumeMs: 30_000,
  /** First and longest pause before it is asked for again meanwhile: a daemon that was only started anew is back soon. */
  dockerLogRetryFirstMs: 100,
  dockerLogRetryMaxMs: 2_000,
  /** A cancelled build is waited for this long: what the daemon needs to kill a step, measured at 10–150 ms. */
  buildCancelMs: 10_000,
  /** An image that a run has made sure of need not be asked for again by another for this long: they come one after the other. */
  recentImagesMs: 2_000,
  /** Which machine a Docker runs on is asked again after this long: it takes 13 ms of a save, 40 on a busy machine. */
  machineKnownMs: 60_000,
  /** A credential helper may open a browser or ask a cloud; beyond this it hangs. */
  credentialHelperMs: 10_000,
  credentialHelperBytes: 64 * 1024,
  /** BuildKit takes no larger secret. */
  buildSecretBytes: 500 * 1024,
  /** A registry asked for one digest, through the daemon, which has to log in there and dials for up to 15 s where nobody listens. */
  registryAnswerMs: 30_000,
  /** A context of more, or with more that has changed, is no part of a build that pushes: Docker takes it quicker as an archive. */
  fetchedBytes: 8 * 1024 * 1024,
  fetchedChangeBytes: 256 * 1024,
  /** A push that says nothing for this long makes us ask whether its registry answers at all; and the longest silence of one that does. */
  pushQuietMs: 5_000,
  registryAliveMs: 10_000,
  pushSilentMs: 600_000,
  /** Progress of one layer is told this often. */
  layerProgressMs: 500,
} as const;
