// What Compose services are made of on a Docker daemon: containers, networks, volumes, pulled images. The requests are the
// Engine API's own (`POST /containers/create`, …); who makes them knows what they mean, the adapter only carries them.
import type { Observable } from 'rxjs';
import type { ExecStream } from './exec.ts';

export type ContainerState = 'created' | 'running' | 'paused' | 'restarting' | 'removing' | 'exited' | 'dead';

export interface PublishedPort {
  readonly container: number;
  readonly protocol: string;
  readonly hostIp: string;
  readonly host: number;
}

/** A container as `docker inspect` tells it. Times in ms since the epoch, null for what has not been yet. */
export interface EngineContainer {
  readonly id: string;
  readonly name: string;
  /** The reference it was made from, and the id of the image. */
  readonly image: string;
  readonly imageId: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly state: ContainerState;
  readonly exitCode: number;
  readonly oomKilled: boolean;
  /** Why it could not be started, empty where it could. */
  readonly error: string;
  readonly createdAt: number;
  readonly startedAt: number | null;
  readonly finishedAt: number | null;
  /** By its restart policy. */
  readonly restarts: number;
  readonly restartPolicy: string;
  /** Null where it has no healthcheck. `last`: what the last check put out. */
  readonly health: {
    readonly status: 'starting' | 'healthy' | 'unhealthy';
    readonly last: string;
  } | null;
  readonly readOnlyRoot: boolean;
  readonly ports: readonly PublishedPort[];
  /** Networks that it is connected to, by name: their ids, empty where it has not been started yet. */
  readonly networks: Readonly<Record<string, string>>;
  /** Volumes by the place that they are mounted at: named ones and anonymous ones. */
  readonly volumes: readonly { readonly name: string; readonly target: string }[];
}

/** What a list tells of a container by itself. */
export type ContainerSummary = Pick<EngineContainer, 'id' | 'name' | 'labels' | 'state'> & {
  readonly networkIds: readonly string[];
};

/** Ids of a container and of a network that it is in no more: it has ended, or was taken out. */
export interface NetworkDeparture {
  readonly network: string;
  readonly container: string;
}

export interface EngineNetwork {
  readonly id: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
}

export interface EngineVolume {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** A request of the Engine API, as its JSON. */
export type EngineRequest = Readonly<Record<string, unknown>>;

/** What the daemon says of one layer; `total` is 0 while nobody has said it. */
export interface PullProgress {
  readonly is: 'progress';
  readonly id: string;
  readonly text: string;
  readonly bytes?: { readonly current: number; readonly total: number; readonly isDone: boolean };
}

export interface ContainersPort {
  /** A container may be made before the networks that it names, which have to be there for its start. */
  readonly takesNetworksLater: boolean;
  /** Those that bear all of these labels (`KEY` or `KEY=VALUE`), stopped ones too. */
  list(labels: readonly string[], stop: AbortSignal): Promise<readonly EngineContainer[]>;
  /** The same without a look at each. */
  summaries(labels: readonly string[], stop: AbortSignal): Promise<readonly ContainerSummary[]>;
  /** Null when it is gone. */
  look(id: string, stop: AbortSignal): Promise<EngineContainer | null>;
  /** Its id. Rejects where the name is taken or the image is not there. */
  create(name: string, request: EngineRequest, platform: string | null, stop: AbortSignal): Promise<string>;
  start(id: string, stop: AbortSignal): Promise<void>;
  /** Its streams, from before its start on. `tty`: as it was made with one. `exit` resolves when they end, and knows no code. */
  attach(id: string, tty: boolean, stop: AbortSignal): Promise<ExecStream>;
  /** `graceS`: seconds until it is killed, null for its own. What has ended already is left alone. */
  stop(id: string, graceS: number | null, stop: AbortSignal): Promise<void>;
  /** By force. `volumes`: with its anonymous ones. What is gone already is left alone. */
  remove(id: string, volumes: boolean, stop: AbortSignal): Promise<void>;
  rename(id: string, name: string, stop: AbortSignal): Promise<void>;
  /** Resolves with its exit code when it has ended. */
  wait(id: string, stop: AbortSignal): Promise<number>;
  networks(labels: readonly string[], stop: AbortSignal): Promise<readonly EngineNetwork[]>;
  network(name: string, stop: AbortSignal): Promise<EngineNetwork | null>;
  /** Its id. */
  createNetwork(request: EngineRequest, stop: AbortSignal): Promise<string>;
  removeNetwork(name: string, stop: AbortSignal): Promise<void>;
  /** From now on. Errors where the daemon tells nothing of networks. */
  departures(): Observable<NetworkDeparture>;
  connect(network: string, container: string, endpoint: EngineRequest, stop: AbortSignal): Promise<void>;
  /** By force, also of one that runs; what is not in it is left alone. */
  disconnect(network: string, container: string, stop: AbortSignal): Promise<void>;
  volumes(labels: readonly string[], stop: AbortSignal): Promise<readonly EngineVolume[]>;
  volume(name: string, stop: AbortSignal): Promise<EngineVolume | null>;
  createVolume(request: EngineRequest, stop: AbortSignal): Promise<void>;
  removeVolume(name: string, stop: AbortSignal): Promise<void>;
  /** Completes when the image is there; errors with a problem naming the registry. */
  pull(ref: string, platform: string | null, stop: AbortSignal): Observable<PullProgress>;
}
