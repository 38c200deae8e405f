// Bounds of what is said with an API server and with pods: connections, answers, watches, streams. Times in ms, sizes in bytes. Part of limits.ts.

export const kubeLimits = {
  /** Opening a connection to the API server, TLS included; a VPN that is down swallows packets without a word. */
  kubeConnectMs: 10_000,
  /** One answer of the API server: a page of 500 pods is about 5 MB. */
  kubeBodyBytes: 64 * 1024 * 1024,
  /** Body of an error that is read for its message. */
  kubeErrorBytes: 64 * 1024,
  /** One event of a watch: etcd holds objects up to 1.5 MB, JSON may triple them. */
  kubeEventBytes: 16 * 1024 * 1024,
  /** A watch is ended by the server after 240 to 300 s; when it does not, the connection is dead. */
  kubeWatchS: 240,
  /** Objects per page of a list (client-go's figure). */
  kubePage: 500,
  /** The same where dozens of runs wait for it: in one round trip. What makes too large an answer is asked for singly. */
  sightedPage: 5_000,
  /** Different warnings of the API server told in one session: a webhook may put anything into each. */
  warningsTold: 1_000,
  /** What the API server is allowed to say in a problem. */
  kubeMessageChars: 2_000,
  /** An exec plugin of a kubeconfig; some open a browser and wait for a login. */
  kubeLoginMs: 120_000,
  /** A token is renewed this long before it ends: clocks differ. */
  kubeTokenEarlyMs: 60_000,
  /** A plugin whose credential is refused is run again no sooner; a 429 is obeyed this often, for no longer than this. */
  kubeLoginAgainMs: 10_000,
  kubeBusyTries: 5,
  kubeBusyMs: 5_000,
  /** Silence after which the kernel asks each second whether the far end is there, ten times (libuv's figures). */
  kubeKeepAliveMs: 5_000,
  /** Token files are rotated by the kubelet; client-go reads them again this often. */
  kubeTokenFileMs: 60_000,
  /** Longest pause before a log that broke off is asked for again, whose container may run on. */
  logRetryMaxMs: 5_000,
  /** Watches and logs on one HTTP/2 connection (API servers take 100 to 250), what each may send ahead, and what Node may hold. */
  kubeStreams: 100,
  kubeWindowBytes: 1024 * 1024,
  kubeSessionMegabytes: 256,
  /** Timestamps remembered to tell repeated log lines from new ones after a reconnect; two such windows are kept. */
  logResumeStamps: 20_000,
  /** Frame size on WebSockets to pods, and the most that waits unsent. */
  podFrameBytes: 64 * 1024,
  podBufferBytes: 1024 * 1024,
  /** Largest frame accepted from a pod; the API server sends 32 kB. */
  podFrameMaxBytes: 16 * 1024 * 1024,
  /** Pings on WebSockets to pods: below the 60 s idle limit of common load balancers; two unanswered are a dead peer. */
  podPingMs: 5_000,
  /** New connections to a port-forward wait this long for a pod during a redeploy. */
  forwardParkMs: 10_000,
  /** A port that refuses for this long is told of: servers that are started again listen sooner. */
  forwardRefusedMs: 2_000,
  /** Parked connections per forward; a browser opens six. */
  forwardParked: 64,
  /** A program in a pod that is being restarted refuses for some 100 ms: a connection to it is tried again this often. */
  forwardRedialMs: 200,
  /** What a client said to a pod that never answered is kept to be said again: a request without an upload. */
  forwardReplayBytes: 256 * 1024,
  /** A local port that another program holds is tried again this often. */
  forwardRetryMs: 5_000,
} as const;
