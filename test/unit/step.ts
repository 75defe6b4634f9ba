import { EventEmitter } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import type { FaultRule } from '../../emulators/faults.ts';
import { REPOSITORY, type Stage } from '../../emulators/stage.ts';
import type { CancelSignal } from '../../src/cancellation.ts';
import type { Clock } from '../../src/clock.ts';
import { HANDOVER, type Handover, readHandover } from '../../src/fate.ts';
import type { RunFacts } from '../../src/github/staleness.ts';
import { type HttpClient, type HttpRequest, httpClient } from '../../src/http.ts';
import type { refresh } from '../../src/refresh.ts';
import { RecordingToolkit } from '../support/toolkit.ts';

/** Which requests: as in a rule of a fault, or by asking. */
export type Match = FaultRule['match'] | ((request: HttpRequest) => boolean);
export type Changes = Record<string, string | undefined>;

export interface Setting {
  env?: NodeJS.ProcessEnv;
  facts?: Partial<RunFacts>;
  /** Before the step begins: plans signals and failures. */
  plan?: (step: Step) => void;
}

/** One step, and all that it has told. */
export class Step extends RecordingToolkit {
  exit: number | undefined;
  /** Whether its process was killed: it gets no answer any more. */
  isDead = false;
  readonly #file = join(mkdtempSync(join(tmpdir(), 'unit-')), 'summary');
  readonly #http = httpClient({});
  readonly #signals = new EventEmitter();
  #acts: { match: Match; when: 'before' | 'after'; act: () => unknown }[] = [];

  constructor(
    private readonly scene: { clock: Clock; stage: Stage },
    readonly changes: Changes,
    private readonly setting: Setting = {},
    saved: Record<string, string> = {},
  ) {
    super(scene.stage.inputs(changes), saved);
    writeFileSync(this.#file, '');
    onTestFinished(() => {
      this.#http.close();
      rmSync(dirname(this.#file), { recursive: true, force: true });
    });
  }

  async run(entry: typeof refresh): Promise<this> {
    const { clock, stage } = this.scene;
    const { env, facts, plan } = this.setting;
    const now = { repository: REPOSITORY, runId: 1658821493, runAttempt: 1, jobStartedAt: clock.now() };
    const github = { GITHUB_REPOSITORY: REPOSITORY, GITHUB_API_URL: stage.github.url, GITHUB_STEP_SUMMARY: this.#file };
    plan?.(this);
    this.exit = await entry({
      toolkit: this.toolkit,
      env: { ...github, ...env },
      facts: async () => ({ ...now, ...facts }),
      http: { ...this.#http, send: this.#send },
      clock,
      signals: this.#signals,
    });
    expect(this.#signals.eventNames()).toEqual([]);
    return this;
  }

  readonly #send: HttpClient['send'] = async (request, options) => {
    const acts = this.#acts.filter(({ match }) => fits(match, request));
    const act = async (moment: string) => {
      for (const one of acts) if (one.when === moment && !this.isDead) await one.act();
      if (this.isDead) await new Promise<never>(() => undefined);
    };
    await act('before');
    const answer = await this.#http.send(request, options);
    await act('after');
    return answer;
  };

  /** Does something when a request is about to be sent, or as soon as it is answered, before the step can go on. */
  on(match: Match, when: 'before' | 'after', act: () => unknown): void {
    this.#acts.push({ match, when, act });
  }

  signal(name: CancelSignal = 'SIGINT'): void {
    this.#signals.emit(name, name);
  }

  /** Lets nothing be told. */
  mute(which: (told: { kind: string; name: string }) => boolean = () => true): void {
    this.onTell = (told) => {
      if (which(told)) throw new Error('EPIPE');
    };
  }

  get summary(): string {
    return readFileSync(this.#file, 'utf8');
  }

  get handover(): Handover | undefined {
    return readHandover(this.state[HANDOVER] ?? '');
  }

  /** The name of its record. */
  get record(): string {
    return this.handover?.recording?.name ?? '';
  }

  get envelope(): string {
    return this.outputs['recovery-envelope'] ?? '';
  }

  /** The envelopes in its log. */
  get shown(): string[] {
    return this.log.flatMap((line) => /^recovery-envelope: (.+)/.exec(line)?.slice(1) ?? []);
  }

  /** Exit status, the state that was told last (by a post step only in the log), and the error code, if any. */
  get end(): (number | string | undefined)[] {
    const [error] = this.texts('error');
    const [, state, code] = /token-state: (\w+)(?:, error: ([\w-]+)\])?/.exec(error ?? this.log.at(-1) ?? '') ?? [];
    const output = this.outputs['token-state'];
    if (error !== undefined && output !== undefined) expect(state).toBe(output);
    return [this.exit, output ?? state, ...(code === undefined ? [] : [code])];
  }

  /** The lines of the log, without durations. */
  get log(): string[] {
    return this.texts('info').map((line) => line.replace(/\(\d+ ms\)$/, '(… ms)'));
  }

  /** The one error, without the link to its page. */
  get error(): string {
    const errors = this.texts('error');
    expect(errors).toHaveLength(1);
    return (errors[0] ?? '').replace(/ see docs\/errors\.md$/, '');
  }
}

function fits(match: Match, request: HttpRequest): boolean {
  if (typeof match === 'function') return match(request);
  const { method, url } = request;
  return (match?.method ?? method) === method && (match?.path ?? /^/).test(url.pathname);
}
