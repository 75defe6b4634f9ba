import { EventEmitter } from 'node:events';
import { ResponseSigner } from '../../emulators/cobo/keys.ts';
import type { Toolkit } from '../../src/delivery.ts';
import type { HttpAnswer, HttpRequest } from '../../src/http.ts';
import { ENVELOPE } from '../scenarios/support/crypto.ts';
import { isTarget, type Target } from './faults.ts';
import type { Change } from './in-process.ts';

type Send = (request: HttpRequest) => Promise<HttpAnswer>;

/** Stands between the action and the network. */
function network(around: (request: HttpRequest, send: Send) => Promise<HttpAnswer>): Change {
  return ({ http }) => ({
    http: { ...http, send: (request, options) => around(request, (other) => http.send(other, options)) },
  });
}

/** Stands between the action and the runner. */
function runner(change: (toolkit: Toolkit) => Partial<Toolkit>): Change {
  return ({ toolkit }) => ({ toolkit: { ...toolkit, ...change(toolkit) } });
}

/** Changes everything that is told. */
function telling(edit: (text: string) => string): Change {
  return runner((toolkit) => ({
    setOutput: (name, value) => toolkit.setOutput(name, edit(String(value))),
    saveState: (name, value) => toolkit.saveState(name, edit(String(value))),
    info: (line) => toolkit.info(edit(line)),
    error: (line, properties) => toolkit.error(edit(String(line)), properties),
  }));
}

/** Gives the action another input. */
function input(given: string, value: string): Change {
  return runner(({ getInput }) => ({
    getInput: (name, options) => (name === given ? value : getInput(name, options)),
  }));
}

/** Gives the post step another state. */
function left(edit: (text: string) => string): Change {
  return runner(({ getState }) => ({ getState: (name) => edit(getState(name)) }));
}

function is(target: Target, { method, url }: HttpRequest): boolean {
  return isTarget(target, { method, path: url.pathname });
}

function answer(status: number, body = '{}'): HttpAnswer {
  return { status, headers: { 'content-type': 'application/json' }, body: Buffer.from(body) };
}

/** Answers such requests without asking anybody. */
function instead(target: Target, status: number): () => Change {
  return () => network(async (request, send) => (is(target, request) ? answer(status) : send(request)));
}

/** Gives up a write of the refresh token after such an end. */
function givingUp(isEnd: (status: number) => boolean): () => Change {
  return () => {
    const given = new Set<string>();
    return network(async (request, send) => {
      if (!is('store', request)) return send(request);
      if (given.has(request.url.href)) return answer(500);
      const reply = await send(request).catch(() => answer(500));
      if (isEnd(reply.status)) given.add(request.url.href);
      return reply;
    });
  };
}

/** Changes the answers to such requests. */
function answering(target: Target, edit: (reply: HttpAnswer) => Partial<HttpAnswer>): Change {
  return network(async (request, send) => {
    const reply = await send(request);
    return is(target, request) ? { ...reply, ...edit(reply) } : reply;
  });
}

function edited({ body }: HttpAnswer, from: RegExp, to: string): Partial<HttpAnswer> {
  return { body: Buffer.from(body.toString().replace(from, to)) };
}

/** Answers each such request as the first one of the job. */
function remembering(target: Target): () => Change {
  return () => {
    const known = new Map<string, Promise<HttpAnswer>>();
    return network((request, send) => {
      const { href } = request.url;
      if (!is(target, request)) return send(request);
      const reply = known.get(href) ?? send(request);
      known.set(href, reply);
      return reply;
    });
  };
}

/**
 * Protections that are taken away, from outside: the action finds another network, runner or machine. Made anew for
 * each job. Some rule has to notice.
 */
export const SABOTAGES: Record<string, () => Change> = {
  'no-record': instead('record', 201),
  'leaves-records': instead('delete', 204),
  'fails-for-nothing': instead('list', 404),
  'stores-once': givingUp((status) => status >= 300),
  'gives-up-when-refused': givingUp((status) => status >= 400 && status < 500),
  'keeps-an-old-key': remembering('key'),
  'post-step-does-not-look': remembering('list'),
  'no-lock': () => answering('record', ({ status }) => ({ status: status === 204 ? 201 : status })),
  'record-deleted-after-storing': () => {
    const records: HttpRequest[] = [];
    return network(async (request, send) => {
      const reply = await send(request);
      if (is('record', request)) records.push(request);
      for (const { url, headers } of is('store', request) ? records : [])
        await send({ method: 'DELETE', url, headers });
      return reply;
    });
  },
  'younger-records-swept': () =>
    answering('list', (reply) => edited(reply, /(_IN_FLIGHT_\w+","created_at":")20/g, '$119')),
  'access-token-first': () =>
    network(async (request, send) => {
      const url = new URL(request.url.href.replace(/REFRESH_TOKEN$/, 'ACCESS_TOKEN'));
      if (is('store', request)) await send({ ...request, url });
      return send(request);
    }),
  'no-staleness': () => (outside) => ({
    ...answering('run', (reply) => edited(reply, /(_at":")\d{4}/g, '$12100'))(outside),
    facts: async () => ({ ...(await outside.facts()), jobStartedAt: Date.UTC(2100, 0) }),
  }),
  'no-verification': () => (outside) => {
    const signer = new ResponseSigner();
    const signed = answering('refresh', ({ body, headers }) => {
      const timestamp = String(outside.clock.now());
      return {
        headers: { ...headers, 'biz-timestamp': timestamp, 'biz-resp-signature': signer.sign(body, timestamp) },
      };
    });
    return { ...signed(outside), ...input('response-public-key', signer.publicKeyHex)(outside) };
  },
  'ends-on-a-signal': () => () => ({ signals: new EventEmitter() }),
  'ignores-signals':
    () =>
    ({ signals }) => ({
      signals: { on: (name) => signals.on(name, () => undefined), off: () => undefined },
    }),
  'no-envelope': () => (outside) => ({
    ...telling((text) => text.replace(ENVELOPE, ''))(outside),
    env: { ...outside.env, GITHUB_STEP_SUMMARY: undefined },
  }),
  'a-lost-answer-is-unspent': () => telling((text) => text.replace('unknown', 'unspent')),
  'says-kept': () => telling((text) => text.replace(/^stored$/, 'kept')),
  'never-heals': () => input('org-id', ''),
  'forgets-the-dry-run': () => input('dry-run', 'false'),
  'no-post-step': () => left(() => ''),
  'post-step-trusts': () => left((text) => text.replace('"trusted":false', '"trusted":true')),
  'prints-the-token': () => runner(({ info }) => ({ setSecret: info })),
  'masks-nothing': () => runner(() => ({ setSecret: () => undefined })),
  'tells-no-error': () => runner(() => ({ error: () => undefined })),
  'chatty-post-step': () =>
    runner(({ info, getState }) => ({
      getState(name) {
        info('Nothing to do');
        return getState(name);
      },
    })),
  'state-lags-behind': () => {
    let save = () => {};
    return runner(({ saveState }) => ({
      saveState: (...given) => {
        save();
        save = () => saveState(...given);
      },
    }));
  },
};
