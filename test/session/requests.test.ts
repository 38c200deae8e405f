// What is asked of a session, in process: every verb's answer, what it puts in, and how each way of asking ends.
import { BehaviorSubject, type Observable } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { publicStates } from '../../src/engine/public.ts';
import type { Fact } from '../../src/model/fact.ts';
import type { LogLine } from '../../src/model/log.ts';
import type { EngineState } from '../../src/model/state.ts';
import { type Answer, type Answering, answers } from '../../src/session/requests/answer.ts';
import { config, kube, local, need, type World, world } from '../engine/world.ts';

const line = (seq: number, text: string): LogLine => ({
  seq,
  at: seq,
  resource: 'api',
  source: 'runtime',
  level: 'info',
  text,
});

/** A session in the state of `of`; what is put in is heard, and `flushed` counts who asked for what was saved up to now. */
function session(of: World, lines: readonly LogLine[] = []) {
  const state$ = new BehaviorSubject<EngineState>(of.state);
  const shown = publicStates(() => []);
  const heard: Fact[] = [];
  const gone = new AbortController();
  let flushed = 0;
  const logs = {
    tail: () => ({ lines, missing: [] }),
    scrub: (text: string) => text,
  };
  const answering = {
    state$: state$ as Observable<EngineState>,
    shown,
    logs,
    kube: () => Promise.reject(new Error('nobody asks the cluster here')),
    docker: () => Promise.reject(new Error('nobody asks Docker here')),
    files: {
      flush: async () => {
        flushed += 1;
      },
    },
    put: (fact: Fact) => void heard.push(fact),
    by: 'socket',
    gone: gone.signal,
  } as unknown as Answering;
  const ask = async (request: object | string): Promise<readonly Answer[]> => {
    const all: Answer[] = [];
    const text = typeof request === 'string' ? request : JSON.stringify(request);
    for await (const answer of answers(text, answering)) all.push(answer);
    return all;
  };
  return {
    ask,
    heard,
    answering,
    leave: () => gone.abort(),
    show: () => state$.next(of.state),
    flushed: () => flushed,
  };
}

const two = () => world(config([local('gen'), local('api')]));
const said = ([answer]: readonly Answer[]): readonly (string | undefined)[] =>
  answer?.ok === false ? [answer.problem.code, answer.problem.hint] : [];

describe('a request', () => {
  it('that is none, of no kind, or for nobody is told what there is', async () => {
    const { ask, heard } = session(two());
    expect(said(await ask('[1]'))).toEqual(['S621', '{"id": 1, "do": "status"}']);
    expect(said(await ask({ id: 1, do: 'statsu' }))).toEqual(['S622', 'did you mean status?']);
    expect(said(await ask({ id: 1, do: 'trigger', resource: 'apy' }))).toEqual(['S623', 'did you mean api?']);
    expect(said(await ask({ id: 1, do: 'trigger', resource: '__proto__' }))[0]).toBe('S623');
    expect(said(await ask({ id: 1, do: 'cancel' }))[0]).toBe('S624');
    expect(said(await ask({ id: 1, do: 'mode', resource: 'api', mode: 'manul' }))).toEqual([
      'S625',
      'did you mean manual?',
    ]);
    expect(heard).toEqual([]);
  });

  it('keeps its id, whatever becomes of it', async () => {
    const { ask } = session(two());
    const ids = await Promise.all(
      [
        { id: 'a', do: 'status' },
        { id: 7, do: 'none' },
        { id: { deep: 1 }, do: 'status' },
      ].map(ask),
    );
    expect(ids.map(([answer]) => answer?.id)).toEqual(['a', 7, null]);
  });

  it('to act is put in for each resource that it names, and for all of them', async () => {
    const { ask, heard } = session(two());
    await ask({ id: 1, do: 'trigger', resources: ['api'], force: true });
    await ask({ id: 2, do: 'mode', mode: 'manual', all: true });
    await ask({ id: 3, do: 'stop' });
    expect(heard.map((fact) => (fact.type === 'user/asked' ? fact.action : fact))).toEqual([
      { do: 'trigger', resource: 'api', force: true },
      { do: 'mode', resource: 'gen', mode: 'manual' },
      { do: 'mode', resource: 'api', mode: 'manual' },
      { do: 'stop' },
    ]);
  });

  it('for the status has the state that all views show', async () => {
    const of = two().succeeds('gen');
    const { ask, answering } = session(of);
    expect(await ask({ id: 1, do: 'status' })).toEqual([{ id: 1, ok: true, result: answering.shown(of.state) }]);
  });

  it('for log lines has those since then, and says which number is none', async () => {
    const { ask } = session(two(), [line(1, 'long ago'), line(Date.now(), 'now')]);
    const [answer] = await ask({ id: 1, do: 'logs', since: '1m' });
    expect(answer?.ok && (answer.result as readonly LogLine[]).map(({ text }) => text)).toEqual(['now']);
    expect(said(await ask({ id: 1, do: 'logs', since: 'yesterday' }))[0]).toMatch(/^S6/);
  });

  it('to follow what the stream has already is refused where it was asked on stdin', async () => {
    const { answering } = session(two());
    const all: Answer[] = [];
    const onStdin: Answering = { ...answering, by: 'stdin' };
    for await (const answer of answers('{"id":1,"do":"status","watch":true}', onStdin)) all.push(answer);
    expect(said(all)[0]).toBe('S636');
  });
});

describe('a wait', () => {
  it('ends when all is ready, with what was saved up to then where it asks for that', async () => {
    const of = two().succeeds('gen');
    const { ask, show, flushed } = session(of);
    const waited = ask({ id: 1, do: 'wait', fresh: true });
    of.succeeds('api');
    show();
    const [answer] = await waited;
    expect(answer?.ok && answer.result).toMatchObject({ ok: true, exitCode: 0, failed: [], problems: [] });
    expect(flushed()).toBe(1);
  });

  it('ends with what will not come by itself', async () => {
    const { ask } = session(two().succeeds('gen').fails('api'));
    const [answer] = await ask({ id: 1, do: 'wait' });
    expect(answer?.ok && answer.result).toMatchObject({ ok: false, exitCode: 3, failed: ['api'] });
    const [other] = await ask({ id: 1, do: 'wait', resources: ['gen'] });
    expect(other?.ok && other.result).toMatchObject({ ok: true, exitCode: 0 });
  });

  it('ends in words when time runs out: what is open, and what it does', async () => {
    const of = two().succeeds('gen').started('api').step('api', 'make api');
    const [answer] = await session(of).ask({ id: 1, do: 'wait', timeoutMs: 20 });
    expect(answer?.ok === false && answer.problem).toMatchObject({
      kind: 'timeout',
      code: 'S626',
      what: 'not ready after 0.02 s: api (make api)',
    });
  });

  it('says of what is held for what that waits in turn, and what is done already', async () => {
    const all = [local('db'), local('api', { needs: [need('db')] }), kube('web', { needs: [need('api')] })];
    const of = world(config(all)).started('db').step('db', 'pulling').succeeds('web');
    const [answer] = await session(of).ask({ id: 1, do: 'wait', resources: ['web'], timeoutMs: 20 });
    expect(answer?.ok === false && answer.problem.what).toBe(
      'not ready after 0.02 s: web (built; waiting for api: waiting for db: pulling)',
    );
  });

  it('ends without a word when whoever asked has gone', async () => {
    const { ask, leave } = session(two());
    const waited = ask({ id: 1, do: 'wait', timeoutMs: 60_000 });
    leave();
    expect(await waited).toEqual([]);
  });
});
