// A BuildKit that is no part of a Docker daemon.
import type { Duplex } from 'node:stream';
import type { Observable } from 'rxjs';
import type { TlsFiles } from '../builds/builder.ts';
import type { BuildEvent, DockerBuild } from './build.ts';

/** How one is reached. Each build opens a connection of its own. */
export interface BuilderWay {
  /** As problems name it: `BuildKit at unix:///run/buildkit/buildkitd.sock`. */
  readonly called: string;
  connect(stop: AbortSignal): Promise<Duplex>;
}

export interface RemoteBuild extends DockerBuild {
  /** The reference to push to; `insecure`: a registry that may speak plain HTTP. */
  readonly push: { readonly name: string; readonly insecure: boolean };
  /** An absolute path in the image whose presence is asked for, null for none. */
  readonly look: string | null;
}

/** How containers of an image start. */
export interface ImageStart {
  readonly entrypoint: readonly string[];
  readonly cmd: readonly string[];
  /** What was asked for by `look` is there. */
  readonly found: boolean;
}

export type RemoteEvent =
  | Exclude<BuildEvent, { is: 'built' }>
  /** In the registry by now. `start` null: not to be known. */
  | { readonly is: 'pushed'; readonly digest: string; readonly start: ImageStart | null };

export interface BuilderInfo {
  readonly called: string;
  readonly version: string;
  /** `linux/amd64` and the like. */
  readonly platforms: readonly string[];
}

export interface BuilderPort {
  /** A sign of life, within limits.dockerConnectMs. */
  info(stop: AbortSignal): Promise<BuilderInfo>;
  /**
   * Builds and pushes in one. Ends with `pushed`; errors with ProblemError. An abort stops the build at the far end, waits until
   * nothing of it runs there, then errors with AbortError.
   */
  build(build: RemoteBuild, stop: AbortSignal): Observable<RemoteEvent>;
}

export interface BuildkitPort {
  /** The way to unix://PATH or tcp://HOST:PORT. Rejects with a `yours` problem for any other. */
  at(address: string, tls: TlsFiles | null): BuilderWay;
  over(way: BuilderWay): BuilderPort;
}
