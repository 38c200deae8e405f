// BuildKits that are no part of a Docker daemon, as a port.
import { limits } from '../../model/limits.ts';
import type { BuilderInfo, BuilderWay, BuildkitPort } from '../../model/ports/builder.ts';
import { isAbort, ProblemError } from '../../model/problems/problem.ts';
import { timeoutSignal } from '../../operators/promises/timeout-signal.ts';
import type { Env } from '../registry/config-file.ts';
import { credentialsFrom } from '../registry/credentials.ts';
import { plain } from '../registry/daemon-text.ts';
import { wayTo } from './address.ts';
import { build$, connected } from './build.ts';
import { failureOf } from './failure.ts';
import { SharedKeys } from './session/shared-key.ts';

export function createBuildkit({ env, home }: { readonly env: Env; readonly home: string }): BuildkitPort {
  const credentials = credentialsFrom(env, home);
  const sharedKeys = new SharedKeys();
  return {
    at: wayTo,
    over: (way) => ({
      info: (stop) => infoOf(way, stop),
      build: (build, stop) => build$({ way, credentials, env, home, sharedKeys }, build, stop),
    }),
  };
}

async function infoOf(way: BuilderWay, stop: AbortSignal): Promise<BuilderInfo> {
  const patience = timeoutSignal(limits.dockerConnectMs);
  const either = AbortSignal.any([stop, patience]);
  try {
    const control = await connected(way, either);
    try {
      const [worker] = await control.workers(either);
      const { platforms = [], version = '' } = worker ?? {};
      return { called: way.called, version: plain(version), platforms: platforms.map(plain) };
    } finally {
      control.close();
    }
  } catch (error) {
    if (!isAbort(error) || stop.aborted) throw failureOf(error, way.called, stop);
    const what = `${way.called} is out of reach: no answer in ${limits.dockerConnectMs / 1_000} s`;
    throw new ProblemError({ kind: 'unavailable', code: 'S208', what, hint: 'is it a BuildKit that listens there?' });
  }
}
