// The state as views and the NDJSON stream show it. Names are fixed by the stream's contract; fields may be added.
import type { ClusterEvent } from './pods/pod.ts';
import type { Problem } from './problems/problem.ts';

export interface Health {
  readonly ok: boolean;
  readonly status: 'unknown' | 'starting' | 'ok' | 'failing' | 'off';
  readonly problem?: Problem;
  /** ms epoch of the next try, while failing. */
  readonly retryAt?: number;
}

export interface PublicRun {
  readonly run: string;
  readonly cause: string;
  readonly why: readonly string[];
  readonly strategy: string | null;
  readonly files: readonly string[];
  readonly startedAt: number;
  readonly endedAt: number | null;
  readonly outcome: 'ok' | 'failed' | 'cancelled' | null;
  /** `ended`: the step did not pass; the run ended in it. */
  readonly steps: readonly {
    readonly step: string;
    readonly ms: number | null;
    readonly ended?: 'failed' | 'cancelled';
  }[];
  readonly problem?: Problem;
}

export type UpdateStatus = 'none' | 'pending' | 'held' | 'running' | 'ok' | 'failed' | 'cancelled';
export type RuntimeStatus = 'none' | 'pending' | 'ready' | 'failed' | 'done';

export interface PublicResource {
  readonly name: string;
  readonly kind: 'kubernetes' | 'compose' | 'local';
  readonly labels: readonly string[];
  readonly enabled: boolean;
  readonly trigger: 'auto' | 'manual';
  readonly update: {
    readonly status: UpdateStatus;
    readonly hold?: { readonly reason: string; readonly on: readonly string[]; readonly built?: true };
    readonly run?: string;
    readonly strategy?: string;
    readonly step?: string;
    /** How far that step is: progress as it was last drawn. */
    readonly progress?: string;
    readonly why: readonly string[];
    readonly startedAt?: number;
    readonly endedAt?: number;
    /** Expected duration in ms: median of past runs. */
    readonly estimate?: number;
    readonly problem?: Problem;
  };
  readonly runtime: {
    readonly status: RuntimeStatus;
    readonly text: string;
    readonly restarts: number;
    readonly pods: readonly {
      readonly name: string;
      readonly status: string;
      readonly ready: boolean;
      readonly restarts: number;
      readonly createdAt: number;
      readonly containers: readonly {
        readonly name: string;
        readonly ready: boolean;
        readonly state: string;
        readonly restarts: number;
      }[];
    }[];
    readonly pid?: number;
    readonly since?: number;
    readonly problem?: Problem;
  };
  readonly pending: readonly string[];
  /** Ids count over the whole session; `behind` is how many saves of this resource are not running yet. */
  readonly changes: { readonly seen: number; readonly live: number; readonly behind?: number };
  readonly endpoints: readonly string[];
  readonly logs: { readonly lines: number; readonly bytes: number };
  // beyond the contract, for the detail view
  readonly needs: readonly { readonly name: string; readonly update: string }[];
  readonly history: readonly PublicRun[];
  readonly events: readonly ClusterEvent[];
  readonly forwards: readonly {
    readonly local: string;
    readonly to: string;
    readonly status: 'waiting' | 'listening' | 'failed';
    readonly problem?: Problem;
  }[];
  /** Where it is defined: file:line, for $EDITOR. */
  readonly at: { readonly file: string; readonly line: number; readonly column: number };
}

export interface PublicState {
  readonly phase: 'starting' | 'up' | 'draining';
  readonly idle: boolean;
  readonly changes: { readonly seen: number; readonly live: number };
  readonly config: { readonly ok: boolean; readonly problems: readonly Problem[] };
  readonly docker: Health;
  readonly cluster: Health & { readonly context: string; readonly namespace?: string };
  readonly feeds: Readonly<Record<string, Health>>;
  readonly resources: Readonly<Record<string, PublicResource>>;
  // beyond the contract
  readonly order: readonly string[];
  readonly git: { readonly held: boolean; readonly because: string };
}

/** What a user can ask for; the same from the full-screen view, the socket and stdin. */
export type UserAction =
  | { readonly do: 'trigger'; readonly resource: string; readonly force?: boolean }
  | { readonly do: 'cancel'; readonly resource: string }
  | { readonly do: 'enable'; readonly resource: string }
  | { readonly do: 'disable'; readonly resource: string }
  | { readonly do: 'mode'; readonly resource: string; readonly mode: 'auto' | 'manual' }
  /** Restarts what runs without building: pods are made anew, a local server is started again. */
  | { readonly do: 'restart'; readonly resource: string }
  | { readonly do: 'stop' };
