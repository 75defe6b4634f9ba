"use strict";
exports.id = 736;
exports.ids = [736];
exports.modules = {

/***/ 736:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

// ESM COMPAT FLAG
__webpack_require__.r(__webpack_exports__);

// EXPORTS
__webpack_require__.d(__webpack_exports__, {
  openStores: () => (/* binding */ openStores),
  prepare: () => (/* binding */ prepare)
});

// EXTERNAL MODULE: ./build/src/errors.js
var errors = __webpack_require__(595);
// EXTERNAL MODULE: ./build/src/text.js
var src_text = __webpack_require__(263);
// EXTERNAL MODULE: ./build/src/retry.js
var retry = __webpack_require__(996);
;// CONCATENATED MODULE: ./build/src/github/budget.js

const WINDOW_MS = 60_000;
const MOST_WRITES = 80;
const MOST_POINTS = 900;
const POINTS_OF_A_WRITE = 5;
const LONGEST_RESERVED_MS = 10 * WINDOW_MS;
function rateLimitIn(headers) {
    const { 'x-ratelimit-remaining': remaining = '', 'x-ratelimit-reset': reset = '' } = headers;
    if (!/^\d{1,9}$/.test(remaining) || !/^\d{1,12}$/.test(reset))
        return undefined;
    return { remaining: Number(remaining), resetAt: Number(reset) * 1000 };
}
class Budget {
    clock;
    #sent = [];
    #reserved = [];
    #inTurn = (0,retry/* limiter */.TA)(1);
    #hourly = { remaining: Number.POSITIVE_INFINITY, resetAt: 0 };
    constructor(clock) {
        this.clock = clock;
    }
    count(method, isReserved = false) {
        const isWrite = method !== 'GET';
        if (isWrite && isReserved)
            this.#reserved.shift();
        this.#sent.push({ at: this.clock.now(), isWrite });
    }
    heed(headers) {
        const told = rateLimitIn(headers);
        if (told === undefined)
            return;
        const { remaining, resetAt } = this.#hourly;
        if (told.resetAt > resetAt || (told.resetAt === resetAt && told.remaining < remaining))
            this.#hourly = told;
    }
    shortOf(requests) {
        return this.#hourly.remaining < requests ? this.#hourly : undefined;
    }
    reserve(writes, sleep) {
        return this.#inTurn(async () => {
            for (let ms = this.#waitMs(writes); ms > 0; ms = this.#waitMs(writes))
                await sleep(ms);
            const fitting = Math.min(writes, MOST_WRITES);
            this.#reserved.push(...Array(fitting).fill(this.clock.now()));
            return fitting;
        });
    }
    renew() {
        this.#reserved.fill(this.clock.now());
    }
    #waitMs(writes) {
        const now = this.clock.now();
        this.#reserved = this.#reserved.filter((at) => at > now - LONGEST_RESERVED_MS);
        const counted = [...this.#sent, ...this.#reserved.map(() => ({ at: now, isWrite: true }))];
        let start = now - WINDOW_MS;
        const taken = counted.filter(({ at }) => at > start && at <= now);
        for (const { at } of taken) {
            const left = taken.filter((one) => one.at > start);
            const allWrites = writes + left.filter(({ isWrite }) => isWrite).length;
            const reads = left.length + writes - allWrites;
            if (allWrites <= MOST_WRITES && reads + allWrites * POINTS_OF_A_WRITE <= MOST_POINTS)
                break;
            start = at;
        }
        return start + WINDOW_MS - now;
    }
}

;// CONCATENATED MODULE: ./build/src/github/failure.js




const SECONDARY_LIMIT_WAIT_MS = 60_000;
const LONGEST_WAIT_MS = 3_600_000;
class GitHubFailure extends errors/* ActionError */.lZ {
    reason;
    name = 'GitHubFailure';
    status;
    again;
    movedTo;
    maybeDone;
    stopped = false;
    constructor(purpose, reason, { status, again, movedTo, maybeDone = false, cause } = {}) {
        const isUnavailable = status === undefined || again !== undefined;
        const [code, remedy] = isUnavailable
            ? ['github-unavailable', 'Re-run the job later.']
            : adviceFor(status, reason, purpose.permission);
        super(code, `${purpose.doing} failed: ${reason}.`, remedy, { cause });
        this.reason = reason;
        this.status = status;
        this.again = again;
        this.movedTo = movedTo;
        this.maybeDone = maybeDone;
    }
}
const WRITER = "The workflow's own `GITHUB_TOKEN` cannot have that permission: use a fine-grained personal access token or a GitHub App token.";
function adviceFor(status, reason, permission) {
    if (/archived/i.test(reason))
        return ['store-refused', 'Unarchive the repository, or use another store.'];
    const needed = `the permission ${permission}`;
    const moved = ['store-missing', 'The repository was renamed or moved. Use its new name in `secret-stores`.'];
    const advice = {
        301: moved,
        307: moved,
        308: moved,
        401: ['store-refused', '`github-token` is wrong, expired or revoked. Create a new one and store it.'],
        403: ['store-refused', `\`github-token\` needs ${needed}. ${WRITER}`],
        404: ['store-missing', `Check the name, and that \`github-token\` has access to it with ${needed}. ${WRITER}`],
    };
    return advice[status] ?? ['github-refused', `Check the store, and that \`github-token\` has ${needed}.`];
}
function refused(purpose, answer, json, nowMs) {
    const { status, headers } = answer;
    const message = (0,src_text/* remoteText */.SW)((0,src_text/* field */.ZZ)(json, 'message')).replace(/[.\s]+$/, '');
    const hint = status < 300 ? ', which is not the status of success, so a proxy may have answered' : '';
    const moved = status < 400 ? /\/repositories\/\d+/.exec(headers['location'] ?? '') : null;
    return new GitHubFailure(purpose, `GitHub returned HTTP ${status}${hint}${message && `, "${message}"`}`, {
        status,
        again: againAfter(answer, message, nowMs),
        movedTo: moved?.[0],
        maybeDone: purpose.method !== 'GET' && (status < 300 || status >= 500),
    });
}
function againAfter({ status, headers }, message, nowMs) {
    let ms = (0,retry/* retryAfterMs */.Vs)(headers, nowMs);
    if (status < 500) {
        const { 'retry-after': retryAfter, 'x-ratelimit-remaining': remaining } = headers;
        const saysSo = retryAfter !== undefined || remaining === '0' || /secondary rate limit/i.test(message);
        if (status !== 429 && !(status === 403 && saysSo))
            return undefined;
        const limit = rateLimitIn(headers);
        if (limit?.remaining === 0)
            ms ??= Math.max(0, limit.resetAt - (0,retry/* serverNow */.c_)(headers, nowMs)) + 1000;
        if (status === 403)
            ms ??= SECONDARY_LIMIT_WAIT_MS;
    }
    return ms === undefined ? {} : { afterMs: Math.min(ms, LONGEST_WAIT_MS) };
}
function failedWrite(label, name, error) {
    const isFailure = error instanceof GitHubFailure;
    const reason = isFailure ? error.reason : 'an unexpected error';
    return { label, name, reason, refused: isFailure && !error.maybeDone };
}
async function everywhere(stores, name, task) {
    const outcomes = stores.map(async (store, index) => {
        try {
            await task(store, index);
            return [];
        }
        catch (error) {
            return [{ store, ...failedWrite(store.label, name, error) }];
        }
    });
    return (await Promise.all(outcomes)).flat();
}

;// CONCATENATED MODULE: ./build/src/github/staleness.js



const DAY_MS = 24 * 3_600_000;
const LONG_QUEUE_MS = 60_000;
const TOKEN_EXPIRES_SOON_MS = 14 * DAY_MS;
const TOKEN_IS_OLD_MS = 25 * DAY_MS;
function isReadAtQueueTime({ kind }) {
    return kind !== 'environment';
}
async function queueTime(github, run) {
    if (run.repository === undefined || !Number.isSafeInteger(run.runId))
        return undefined;
    const call = {
        method: 'GET',
        path: `/repos/${run.repository}/actions/runs/${run.runId}`,
        expect: [200],
        doing: 'Reading when this run was queued',
        permission: '"Actions: read"',
        manner: 'read',
    };
    const reply = await github.call(call).catch((error) => {
        const isRefused = error instanceof GitHubFailure && error.again === undefined;
        if (!isRefused || ![401, 403, 404].includes(error.status ?? 0))
            throw error;
    });
    if (reply === undefined)
        return undefined;
    const time = (0,src_text/* timeField */.kv)(reply.json, run.runAttempt > 1 ? 'run_started_at' : 'created_at');
    if (Number.isNaN(time))
        throw new GitHubFailure(call, 'the answer is malformed or incomplete', { status: 200 });
    return time;
}
function refuseStaleToken(stores, secret, times) {
    const { queuedAt, jobStartedAt } = times;
    for (const store of stores) {
        const isQueued = isReadAtQueueTime(store.store);
        const updatedAt = store.facts(secret)?.updatedAt;
        const readAt = (isQueued ? queuedAt : undefined) ?? jobStartedAt;
        if (updatedAt === undefined || readAt === undefined || updatedAt <= readAt)
            continue;
        const started = `when the job started${isQueued ? '; `github-token` may not read when the run was queued' : ''}`;
        const moment = isQueued && queuedAt !== undefined ? 'when the run was queued' : started;
        const advice = isQueued
            ? 'keep the token in an environment secret, which is read when the job starts.'
            : 'make this step the first of its job, and give all jobs that rotate the token one `concurrency` group.';
        throw new errors/* ActionError */.lZ('token-stale', `The secret ${secret} in the store \`${store.label}\` was updated at ${(0,src_text/* utc */.n$)(updatedAt)}, after this run read it at ${(0,src_text/* utc */.n$)(readAt)} (${moment}), so the token in hand has most likely been rotated.`, `Re-run the job: it reads the secret again. To avoid this, ${advice}`);
    }
}
function readMoment(stores, { queuedAt }) {
    const isFallback = queuedAt === undefined && stores.some(({ store }) => isReadAtQueueTime(store));
    const fallback = ", compared with the job's start, because `github-token` may not read when the run was queued";
    return `the refresh token is not stale${isFallback ? fallback : ''}`;
}
function doubtError(found, records) {
    const holders = found.filter(holdsSuccessor);
    const doubtful = found.filter((one) => !holdsSuccessor(one));
    const names = (doubts) => (0,src_text/* list */.p_)(doubts.map(({ store }) => `\`${store.label}\``));
    const recorded = found.filter(({ store }) => store.places > 0 || store.facts(records.name) !== undefined);
    const commands = (0,src_text/* list */.p_)(recorded.map(({ store }) => `\`${records.command(store)}\``));
    const since = (0,src_text/* utc */.n$)(Math.min(...(doubtful.length > 0 ? doubtful : holders).map(({ createdAt }) => createdAt)));
    const began = `Another run began to use this refresh token at ${since}`;
    if (!records.areOfToken) {
        const remedy = `Find that run. If it is still in progress, re-run this job after it, with the token that it hands out. If it shows a recovery envelope, start a run with it as the input \`recovery-envelope\`. If it has handed out a token, give \`refresh-token\` that one. If none of this, delete the in-flight record and re-run this job: ${commands}.`;
        return new errors/* ActionError */.lZ('token-in-doubt', `${began}.`, remedy);
    }
    if (doubtful.length === 0) {
        return new errors/* ActionError */.lZ('token-stale', `${began}, and the secret was updated after that in ${names(holders)}, so it most likely holds the successor.`, `Re-run the job: it reads the secret again. If it ends like this again, check that \`refresh-token\` reads the secret that \`refresh-token-secret\` and \`secret-stores\` name. If the old token was stored again by hand, use the recovery envelope of that run; only if it shows none, delete the in-flight record: ${commands}.`);
    }
    const others = holders.length > 0 ? ` Its successor is in ${names(holders)}.` : '';
    const rest = holders.length > 0
        ? `If neither, let the job read the secret of a store that holds the successor, set the secret again, or give \`org-id\`. Only if you know that the token in hand still works, delete its in-flight record: ${commands}.`
        : `If neither, nobody has a new token: delete the in-flight record and re-run this job: ${commands}. If Cobo then says that the token is not valid, set the secret again, with a token of a new installation, or give \`org-id\`.`;
    return new errors/* ActionError */.lZ('token-in-doubt', `${began}, and its successor is not in ${names(doubtful)}.${others}`, `Find that run; it may be an earlier attempt of this job. If it is still in progress, re-run this job after it. If it shows a recovery envelope, start a run with it as the input \`recovery-envelope\`. ${rest}`);
}
function holdsSuccessor({ createdAt, updatedAt }) {
    return updatedAt !== undefined && updatedAt >= createdAt;
}
function warningsOf(stores, secret, { queuedAt = Number.NaN, jobStartedAt = Number.NaN }, github) {
    const now = github.now();
    const expiresAt = github.tokenExpiresAt ?? Number.POSITIVE_INFINITY;
    const updates = stores.flatMap((store) => store.facts(secret ?? '')?.updatedAt ?? []);
    const updatedAt = updates.length === 0 ? Number.POSITIVE_INFINITY : Math.max(...updates);
    const waitedMs = jobStartedAt - queuedAt;
    const atRisk = stores.find(({ store }) => isReadAtQueueTime(store));
    const warnings = [
        [
            expiresAt - now < TOKEN_EXPIRES_SOON_MS,
            `\`github-token\` expires at ${(0,src_text/* utc */.n$)(expiresAt)}. Create a new one and store it before then.`,
        ],
        [
            now - updatedAt > TOKEN_IS_OLD_MS,
            `The secret ${secret} was last updated at ${(0,src_text/* utc */.n$)(updatedAt)}. A refresh token expires after 30 days: rotate it on a schedule.`,
        ],
        [
            waitedMs >= LONG_QUEUE_MS && atRisk !== undefined,
            `This run waited ${(0,src_text/* duration */.p0)(waitedMs)} in the queue after the secrets of \`${atRisk?.label}\` were read. Another run may rotate the token in that time. An environment secret is read when the job starts.`,
        ],
    ];
    return warnings.flatMap(([applies, text]) => (applies ? text : []));
}

// EXTERNAL MODULE: ./build/src/http.js + 1 modules
var src_http = __webpack_require__(886);
// EXTERNAL MODULE: ./build/src/github/grammar.js
var grammar = __webpack_require__(165);
;// CONCATENATED MODULE: ./build/src/github/client.js






const MANNERS = {
    read: { beginsLate: false, underWay: 'ends', inPause: 'waits' },
    record: { beginsLate: false, underWay: 'lingers', inPause: 'waits' },
    need: { beginsLate: true, underWay: 'goes on', inPause: 'goes on' },
    keep: { beginsLate: true, underWay: 'goes on', inPause: 'goes on' },
    extra: { beginsLate: true, underWay: 'goes on', inPause: 'waits' },
    tidy: { beginsLate: true, underWay: 'lingers', inPause: 'waits unless stopped' },
    sweep: { beginsLate: false, underWay: 'ends', inPause: 'fails' },
};
const LINGER_MS = 3_000;
const MOST_IN_FLIGHT = 10;
const MAX_ANSWER_BYTES = 16 * 1024 * 1024;
const CLOCK_NOISE_MS = 2_000;
class GitHub {
    access;
    budget;
    offsetMs = 0;
    tokenExpiresAt;
    #limit = (0,retry/* limiter */.TA)(MOST_IN_FLIGHT);
    #lastDate;
    #quietUntil = 0;
    constructor(access) {
        this.access = access;
        this.budget = new Budget(access.clock);
    }
    now() {
        return this.access.clock.now() + this.offsetMs;
    }
    get lastDate() {
        return this.#lastDate ?? Math.floor(this.now() / 1000) * 1000;
    }
    async call(call) {
        const { clock, log, maxAttempts, stop } = this.access;
        const what = `at GitHub (${call.method} ${call.path})`;
        let last;
        let maybeDone = false;
        try {
            const reply = await (0,retry/* retry */.L5)(() => this.#attempt(call, last), {
                maxAttempts: call.manner === 'sweep' ? 1 : maxAttempts,
                clock,
                signal: MANNERS[call.manner].inPause === 'goes on' ? undefined : stop(),
                tryAgain(error) {
                    if (!(error instanceof GitHubFailure))
                        return undefined;
                    const isRefusedAnew = error.status === 422 && last?.status !== 422;
                    maybeDone ||= error.maybeDone;
                    last = error;
                    if (error.again !== undefined)
                        return error.again;
                    if (isRefusedAnew && call.method === 'PUT')
                        return { afterMs: 0 };
                    return call.manner === 'keep' ? {} : undefined;
                },
                onRetry(waitMs, number) {
                    log.info(`Attempt ${number} ${what} failed: ${last?.reason}. Trying again in ${(0,src_text/* duration */.p0)(waitMs)}.`);
                },
            });
            return { ...reply, maybeDone };
        }
        catch (error) {
            const stopped = stop().aborted;
            if (!(error instanceof GitHubFailure || stopped))
                throw error;
            const failure = error instanceof GitHubFailure ? error : new GitHubFailure(call, 'the run stopped first');
            failure.maybeDone ||= maybeDone;
            failure.stopped = stopped && failure.status === undefined;
            const { movedTo, reason, status } = failure;
            const name = movedTo === undefined || call.manner === 'sweep' ? undefined : await newName(this, movedTo);
            if (name === undefined)
                throw failure;
            throw new GitHubFailure(call, `${reason}, the repository is now \`${name}\``, { status, maybeDone });
        }
    }
    async #attempt(call, last) {
        const body = await call.body?.(last);
        return this.#limit(async () => {
            await this.#mayBegin(call);
            return this.#send(call, body, last);
        });
    }
    async #mayBegin(call) {
        const { clock, stop } = this.access;
        const { beginsLate, inPause } = MANNERS[call.manner];
        while (inPause !== 'goes on' && this.#quietUntil > clock.now()) {
            if (inPause === 'fails')
                throw new GitHubFailure(call, 'GitHub asked for a pause');
            if (inPause === 'waits unless stopped' && stop().aborted)
                return;
            const pause = clock.sleep(this.#quietUntil - clock.now(), stop());
            await (inPause === 'waits unless stopped' ? pause.catch(() => undefined) : pause);
        }
        if (!beginsLate)
            stop().throwIfAborted();
    }
    async #send(call, body, last) {
        const { apiUrl, clock, http, httpOptions, token } = this.access;
        const { manner, method } = call;
        const headers = {
            Accept: 'application/vnd.github+json',
            Authorization: `Bearer ${token}`,
            'User-Agent': 'cobo-refresh-action',
            'X-GitHub-Api-Version': '2022-11-28',
            ...(body && { 'Content-Type': 'application/json' }),
        };
        const request = { method, url: new URL(apiUrl + call.path), headers, ...(body && { body: JSON.stringify(body) }) };
        const over = new AbortController();
        const options = {
            ...httpOptions,
            ...this.#limits(manner, over.signal),
            maxBytes: MAX_ANSWER_BYTES,
            newConnection: last !== undefined && last.status === undefined,
        };
        const sentAt = clock.now();
        this.budget.count(method, last === undefined && (manner === 'record' || manner === 'keep'));
        const sending = http.send(request, options).catch((cause) => {
            if (!(cause instanceof src_http/* TransportError */.w))
                throw cause;
            throw new GitHubFailure(call, cause.message, { cause, again: {}, maybeDone: method !== 'GET' && cause.sent });
        });
        const answer = await sending.finally(() => over.abort());
        this.#heed(answer, sentAt);
        const { status } = answer;
        const json = (0,src_text/* parseJson */.qF)(answer.body.toString('utf8'));
        if (call.expect.includes(status))
            return { status, json };
        const failure = refused(call, answer, json, clock.now());
        const pauseMs = status < 500 ? (failure.again?.afterMs ?? 0) : 0;
        this.#quietUntil = Math.max(this.#quietUntil, clock.now() + pauseMs);
        throw failure;
    }
    #limits(manner, over) {
        const { clock, stop } = this.access;
        const { timeoutMs } = this.access.httpOptions;
        const { underWay } = MANNERS[manner];
        const shortMs = Math.min(LINGER_MS, timeoutMs);
        const signal = stop();
        if (underWay === 'goes on')
            return { timeoutMs };
        if (underWay === 'ends')
            return { timeoutMs: manner === 'sweep' ? shortMs : timeoutMs, signal };
        if (signal.aborted)
            return { timeoutMs: shortMs };
        const late = new AbortController();
        const end = () => late.abort();
        const linger = () => void clock.sleep(LINGER_MS, over).then(end, () => undefined);
        signal.addEventListener('abort', linger, { signal: over });
        return { timeoutMs, signal: late.signal };
    }
    #heed({ headers }, sentAt) {
        const receivedAt = this.access.clock.now();
        const date = Date.parse(headers.date ?? '');
        if (!Number.isNaN(date)) {
            this.#lastDate = date;
            const offset = Math.round(date + 500 - (sentAt + receivedAt) / 2);
            const noise = CLOCK_NOISE_MS + Math.abs(receivedAt - sentAt) / 2;
            if (Math.abs(offset - this.offsetMs) >= noise)
                this.offsetMs = offset;
        }
        const expiresAt = Date.parse(headers['github-authentication-token-expiration'] ?? '');
        if (!Number.isNaN(expiresAt))
            this.tokenExpiresAt = expiresAt;
        this.budget.heed(headers);
    }
}
async function newName(github, path) {
    const doing = 'Reading the new name of a repository';
    const call = { method: 'GET', path, expect: [200], doing, permission: '"Metadata: read"', manner: 'sweep' };
    const reply = await github.call(call).catch(() => undefined);
    const name = (0,src_text/* field */.ZZ)(reply?.json, 'full_name');
    return typeof name === 'string' && (0,grammar/* isRepository */.Z6)(name) ? name : undefined;
}

// EXTERNAL MODULE: external "node:crypto"
var external_node_crypto_ = __webpack_require__(598);
;// CONCATENATED MODULE: ./build/src/github/store.js


function targetSecrets({ refreshTokenSecret, accessTokenSecret }) {
    return [refreshTokenSecret, accessTokenSecret].filter((name) => name !== undefined);
}
const PAGE = 100;
const VARIABLE = {
    GET: ['Reading', 200, 404],
    POST: ['Writing', 201, 409],
    PATCH: ['Writing', 204, 404],
    DELETE: ['Deleting', 204, 404],
};
class PreparedStore {
    github;
    store;
    reading;
    #keyId = '';
    #publicKey = Buffer.alloc(0);
    #total = 0;
    secrets = new Map();
    #audiences = new Map();
    #hasVariable = false;
    constructor(github, store, reading) {
        this.github = github;
        this.store = store;
        this.reading = reading;
    }
    static async read(github, store, targets, records, reading = 'read') {
        const prepared = new PreparedStore(github, store, reading);
        const { expiresAtVariable: variable } = targets;
        const [, , found] = await Promise.all([
            prepared.#readKey(reading),
            prepared.#readSecrets(targetSecrets(targets), records),
            variable === undefined ? undefined : prepared.#variable('GET', variable, reading),
        ]);
        prepared.#hasVariable = found?.status === 200;
        return prepared;
    }
    get label() {
        return this.store.label;
    }
    facts(name) {
        return this.secrets.get(name);
    }
    get places() {
        return (this.store.kind === 'organization' ? 1000 : 100) - this.#total;
    }
    async readOn() {
        for (let page = 2; (page - 1) * PAGE < this.#total; page++) {
            const list = await this.#readList('the list of secrets', `?per_page=${PAGE}&page=${page}`, 'secrets', 'sweep');
            for (const entry of list.entries)
                this.#take(entry);
        }
    }
    async lookAgain(name) {
        const facts = await this.look(name);
        if (facts === undefined)
            this.secrets.delete(name);
        else
            this.secrets.set(name, facts);
    }
    async look(name, manner = this.reading) {
        const expect = [200, 404];
        const { status, json } = await this.#call('GET', `Reading the secret ${name} of`, `/${name}`, { expect, manner });
        return status === 404 ? undefined : this.#factsOf(json);
    }
    write(name, value, manner, onAttempt) {
        const audience = this.#audiences.get(name) ?? this.#newAudience;
        return this.#call('PUT', `Writing the secret ${name} into`, `/${name}`, {
            expect: [201, 204],
            manner,
            body: async (last) => {
                await onAttempt?.(last);
                if (last?.status === 422)
                    await this.#readKey(manner);
                const { sealedBox } = await Promise.all(/* import() */[__webpack_require__.e(763), __webpack_require__.e(922)]).then(__webpack_require__.bind(__webpack_require__, 922));
                return { encrypted_value: sealedBox(this.#publicKey, value), key_id: this.#keyId, ...audience };
            },
        });
    }
    remove(name, manner) {
        return this.#call('DELETE', `Deleting the secret ${name} from`, `/${name}`, { expect: [204, 404], manner });
    }
    async writeVariable(name, value) {
        if (!this.#hasVariable && (await this.createVariable(name, value, 'extra')).status === 201)
            return;
        const { status } = await this.#variable('PATCH', name, 'extra', { name, value });
        if (status === 404)
            await this.createVariable(name, value, 'extra');
    }
    createVariable(name, value, manner) {
        return this.#variable('POST', name, manner, { name, value, ...this.#newAudience });
    }
    removeVariable(name) {
        return this.#variable('DELETE', name, 'tidy');
    }
    async #readKey(manner) {
        const what = 'the encryption key';
        const { json } = await this.#call('GET', `Reading ${what} of`, '/public-key', { manner });
        const id = (0,src_text/* field */.ZZ)(json, 'key_id');
        const key = (0,src_text/* field */.ZZ)(json, 'key');
        const publicKey = Buffer.from(typeof key === 'string' ? key : '', 'base64');
        if (typeof id !== 'string' || id === '' || publicKey.length !== 32)
            throw this.#unreadable(what);
        this.#keyId = id;
        this.#publicKey = publicKey;
    }
    async #readSecrets(targets, records) {
        const { secrets } = this;
        const { total, entries } = await this.#readList('the list of secrets', `?per_page=${PAGE}`, 'secrets');
        this.#total = total;
        for (const entry of entries)
            this.#take(entry);
        const isOrganization = this.store.kind === 'organization';
        const isCut = total > secrets.size;
        const reading = [...targets, ...records].map(async (name) => {
            const facts = secrets.get(name) ?? (isCut ? await this.look(name) : undefined);
            if (facts === undefined)
                return;
            secrets.set(name, facts);
            if (isOrganization && targets.includes(name))
                this.#audiences.set(name, await this.#readAudience(name, facts));
        });
        await Promise.all(reading);
    }
    async #readAudience(name, { visibility }) {
        if (visibility === 'all' || visibility === 'private')
            return { visibility };
        if (visibility !== 'selected')
            throw this.#unreadable(`the visibility of the secret ${name}`);
        const what = `the repositories of the secret ${name}`;
        const ids = new Set();
        for (let page = 1;; page++) {
            const path = `/${name}/repositories?per_page=${PAGE}&page=${page}`;
            const { total, entries } = await this.#readList(what, path, 'repositories');
            const known = ids.size;
            for (const id of entries.map((entry) => (0,src_text/* field */.ZZ)(entry, 'id')))
                if (typeof id === 'number')
                    ids.add(id);
            if (ids.size >= total)
                return { visibility, selected_repository_ids: [...ids] };
            if (ids.size > known)
                continue;
            const counts = `GitHub lists only ${ids.size} of ${total}`;
            throw this.#unreadable(what, `${counts}, so \`github-token\` may not see all of them`);
        }
    }
    async #readList(what, below, name, manner = this.reading) {
        const { json } = await this.#call('GET', `Reading ${what} of`, below, { manner });
        const total = (0,src_text/* field */.ZZ)(json, 'total_count');
        const entries = (0,src_text/* field */.ZZ)(json, name);
        if (!Array.isArray(entries) || typeof total !== 'number')
            throw this.#unreadable(what);
        return { total, entries: entries };
    }
    #take(entry) {
        this.secrets.set(String((0,src_text/* field */.ZZ)(entry, 'name')).toUpperCase(), this.#factsOf(entry));
    }
    #factsOf(entry) {
        const createdAt = (0,src_text/* timeField */.kv)(entry, 'created_at');
        const updatedAt = (0,src_text/* timeField */.kv)(entry, 'updated_at');
        const isWhole = typeof (0,src_text/* field */.ZZ)(entry, 'name') === 'string' && !Number.isNaN(createdAt) && !Number.isNaN(updatedAt);
        if (!isWhole)
            throw this.#unreadable('the name and the times of a secret');
        return { createdAt, updatedAt, visibility: (0,src_text/* field */.ZZ)(entry, 'visibility') };
    }
    #unreadable(what, reason = 'the answer is malformed or incomplete') {
        const { label, permission } = this.store;
        const doing = `Reading ${what} of the store \`${label}\``;
        return new GitHubFailure({ method: 'GET', doing, permission }, reason, { status: 200 });
    }
    async #variable(method, name, manner, body) {
        const { variablesPath, variablesPermission: permission } = this.store;
        if (variablesPath === undefined)
            return {};
        const [verb, ...expect] = VARIABLE[method];
        const path = method === 'POST' ? variablesPath : `${variablesPath}/${name}`;
        const more = { path, expect, permission, manner, ...(body && { body: async () => body }) };
        return this.#call(method, `${verb} the variable ${name} of`, '', more);
    }
    #call(method, begin, below, more = {}) {
        const { label, permission, secretsPath } = this.store;
        const usual = { expect: [200], doing: `${begin} the store \`${label}\``, permission, manner: this.reading };
        return this.github.call({ method, path: secretsPath + below, ...usual, ...more });
    }
    get #newAudience() {
        return this.store.kind === 'organization' ? { visibility: 'private' } : {};
    }
}

;// CONCATENATED MODULE: ./build/src/github/record.js






const MARK = '_IN_FLIGHT_';
const NO_TOKEN = 'ORG';
const UNSURE_MS = 10_000;
const SURELY = Number.NEGATIVE_INFINITY;
const VALUE = 'A run of cobo-refresh-action used a refresh token. The name of this secret says which one.';
function recordName(target, token, appSecret) {
    if (token === undefined)
        return target + MARK + NO_TOKEN;
    const key = (0,external_node_crypto_.hkdfSync)('sha256', appSecret, '', 'cobo-refresh-action in-flight record v1', 32);
    const digest = (0,external_node_crypto_.createHmac)('sha256', Buffer.from(key)).update(token, 'utf8').digest('hex');
    return target + MARK + digest.slice(0, 12).toUpperCase();
}
function isRecordOf(target, name) {
    const mark = name.startsWith(target + MARK) ? name.slice(target.length + MARK.length) : '';
    return mark === NO_TOKEN || /^[0-9A-F]{12}$/.test(mark);
}
class Records {
    name;
    targets;
    github;
    log;
    #since;
    #own = new Map();
    constructor(name, targets, github, log) {
        this.name = name;
        this.targets = targets;
        this.github = github;
        this.log = log;
        this.#since = github.lastDate;
    }
    get locksNothing() {
        return this.name.endsWith(MARK + NO_TOKEN);
    }
    get kind() {
        return targetSecrets(this.targets).length === 0 ? 'variable' : 'secret';
    }
    get areOfToken() {
        return this.targets.refreshTokenSecret !== undefined;
    }
    get isVariable() {
        return this.kind === 'variable';
    }
    get labels() {
        return [...this.#own.keys()].map(({ label }) => label);
    }
    takeOver(stores) {
        for (const store of stores)
            this.#own.set(store, SURELY);
    }
    doubt(store) {
        const record = store.facts(this.name);
        if (record === undefined || this.locksNothing)
            return undefined;
        const updatedAt = store.facts(this.targets.refreshTokenSecret ?? '')?.updatedAt;
        return { store, createdAt: record.createdAt, updatedAt };
    }
    async write(store, onDoubt) {
        this.#refuseLastPlace(store);
        let since = this.#now();
        this.#own.set(store, since);
        let isLost = false;
        const onAttempt = (last) => {
            isLost ||= last?.maybeDone === true;
            if (!isLost)
                since = this.#now();
            this.#own.set(store, since);
        };
        let reply;
        try {
            reply = await (this.isVariable
                ? store.createVariable(this.name, VALUE, 'record')
                : store.write(this.name, VALUE, 'record', onAttempt));
        }
        catch (error) {
            if (!(error instanceof GitHubFailure))
                throw error;
            if (!error.maybeDone)
                this.#own.delete(store);
            this.#goOnWhenFull(store, error);
            return undefined;
        }
        const { status, maybeDone } = reply;
        if (status === 201 || this.locksNothing || this.isVariable || (maybeDone && (await this.#isOwn(store, 'record')))) {
            this.#own.set(store, SURELY);
            return undefined;
        }
        this.#own.delete(store);
        onDoubt?.(store);
        const { refreshTokenSecret: target } = this.targets;
        const looking = [store.look(this.name), target === undefined ? undefined : store.look(target)];
        const [record, secret] = await Promise.all(looking);
        return { store, createdAt: record?.createdAt ?? since, updatedAt: secret?.updatedAt };
    }
    #now() {
        const surely = Math.floor((this.github.now() - UNSURE_MS) / 1000) * 1000;
        return Math.max(this.#since, this.github.lastDate, surely);
    }
    async #isOwn(store, manner) {
        const since = this.#own.get(store) ?? SURELY;
        if (since === SURELY)
            return true;
        const facts = await store.look(this.name, manner);
        return facts !== undefined && facts.createdAt >= since;
    }
    #refuseLastPlace(store) {
        const takesNone = this.isVariable || store.facts(this.name) !== undefined;
        const missing = this.#missing(store).length;
        const isFull = takesNone ? missing > 0 && store.places < missing : store.places > 0 && store.places <= missing;
        if (isFull)
            throw this.#full(store);
    }
    #missing(store) {
        return targetSecrets(this.targets).filter((name) => store.facts(name) === undefined);
    }
    #full(store, cause) {
        const places = store.places > 0 ? ` but for ${store.places}, and an in-flight record needs one` : '';
        const why = cause === undefined ? '' : `: ${cause.reason}`;
        const targets = (0,src_text/* list */.p_)(this.#missing(store));
        const message = `The store \`${store.label}\` is full${places}, so ${targets} cannot be created there${why}.`;
        const remedy = 'Delete a secret that is not needed, or use another store.';
        return new errors/* ActionError */.lZ('store-full', message, remedy, { cause });
    }
    #goOnWhenFull(store, error) {
        const isOther = error.again !== undefined || /not accessible|archived/i.test(error.reason);
        const mayBeFull = !isOther && [403, 409, 422].includes(error.status ?? 0);
        if (this.isVariable || !mayBeFull || store.places > 0)
            throw error;
        if (this.#missing(store).length > 0)
            throw this.#full(store, error);
        this.log.warning(`The store \`${store.label}\` is full, so it has no in-flight record of this run. The secrets that have to be stored exist and can be updated. Delete a secret that is not needed.`);
    }
    remove() {
        return everywhere([...this.#own.keys()], this.name, async (store) => {
            if (this.isVariable)
                await store.removeVariable(this.name);
            else if (await this.#isOwn(store, 'tidy'))
                await store.remove(this.name, 'tidy');
            this.#own.delete(store);
        });
    }
    command({ store }) {
        return (0,grammar/* deletion */.jo)(store, this.kind, this.name);
    }
}

;// CONCATENATED MODULE: ./build/src/github/stores.js







class Stores {
    access;
    stores;
    targets;
    appSecret;
    cancellation;
    github;
    labels;
    prepared = [];
    lookedAt = 0;
    records;
    #reserved = 0;
    constructor(access, stores, targets, appSecret, cancellation) {
        this.access = access;
        this.stores = stores;
        this.targets = targets;
        this.appSecret = appSecret;
        this.cancellation = cancellation;
        this.github = new GitHub({ ...access, stop: () => cancellation.stop });
        this.labels = stores.map(({ label }) => label);
        this.records = this.#recordsNamed(this.recordName(undefined));
    }
    async read(token, run) {
        const record = this.recordName(token);
        const reading = this.stores.map((store) => PreparedStore.read(this.github, store, this.targets, [record]));
        const isQueued = run !== undefined && this.stores.some(isReadAtQueueTime);
        const asking = isQueued ? queueTime(this.github, run) : Promise.resolve(undefined);
        const tasks = [asking, ...reading];
        const [queuedAt, ...prepared] = await this.cancellation.together(tasks);
        this.#take(prepared, record);
        const startedAt = run?.jobStartedAt;
        return { queuedAt, jobStartedAt: startedAt === undefined ? undefined : startedAt + this.github.offsetMs };
    }
    async readAgain(records, then) {
        const { github, stores, targets } = this;
        const prepared = [];
        const read = async (store, index) => {
            try {
                const one = await PreparedStore.read(github, store, targets, records, then === undefined ? 'tidy' : 'need');
                prepared[index] = [one];
                await then?.(one);
                return [];
            }
            catch (error) {
                return [{ ...failedWrite(store.label, targets.refreshTokenSecret ?? '', error), error }];
            }
        };
        const failed = (await Promise.all(stores.map(read))).flat();
        if (prepared.length === 0)
            throw failed[0]?.error;
        this.#take(prepared.flat(), records[0]);
        return failed;
    }
    #take(prepared, record) {
        this.prepared = prepared;
        this.lookedAt = this.github.lastDate;
        this.records = this.#recordsNamed(record);
    }
    useRecordOf(token) {
        this.records = this.#recordsNamed(this.recordName(token));
    }
    #recordsNamed(name) {
        return new Records(name, this.targets, this.github, this.access.log);
    }
    get time() {
        return Math.max(this.github.now(), this.github.lastDate);
    }
    recordName(token) {
        return recordName(this.#first, token, this.appSecret);
    }
    isRecord(name) {
        return isRecordOf(this.#first, name);
    }
    get #first() {
        const { refreshTokenSecret, accessTokenSecret, expiresAtVariable } = this.targets;
        return refreshTokenSecret ?? accessTokenSecret ?? expiresAtVariable ?? '';
    }
    get doubts() {
        const found = this.prepared.flatMap((store) => this.records.doubt(store) ?? []);
        if (found.length === 0)
            return [];
        const createdAt = Math.min(...found.map((one) => one.createdAt));
        const others = this.prepared.filter((store) => !found.some((one) => one.store === store) && store.places <= 0);
        const updatedAt = (store) => store.facts(this.targets.refreshTokenSecret ?? '')?.updatedAt;
        return [...found, ...others.map((store) => ({ store, createdAt, updatedAt: updatedAt(store) }))];
    }
    refuseShortBudget(needed = 3 * this.stores.length) {
        const short = this.github.budget.shortOf(needed);
        if (short === undefined)
            return;
        throw new errors/* ActionError */.lZ('rate-limited', `GitHub allows \`github-token\` ${short.remaining} more requests until ${(0,src_text/* utc */.n$)(short.resetAt)}, and this run needs ${needed}.`, `Re-run the job after ${(0,src_text/* utc */.n$)(short.resetAt)}, or use a token that is not shared with other jobs.`);
    }
    async record(onDoubt) {
        const { records } = this;
        const own = records.labels;
        const [first, ...others] = this.prepared.filter(({ label }) => !own.includes(label));
        const write = async (store) => {
            await this.#room(1, 'the in-flight records');
            return records.write(store, onDoubt);
        };
        if (first === undefined)
            return [];
        const doubt = await write(first);
        if (doubt !== undefined)
            return [doubt];
        const doubts = await this.cancellation.together(others.map(write));
        return doubts.filter((one) => one !== undefined);
    }
    async makeRoom() {
        if (this.targets.refreshTokenSecret === undefined)
            return;
        this.refuseShortBudget(this.stores.length);
        this.#reserved = await this.#room(this.stores.length, 'the refresh token');
    }
    #room(writes, what, mayStop = true) {
        const { clock, log } = this.access;
        return this.github.budget.reserve(writes, (ms) => {
            const why = `GitHub allows 80 writes a minute, and there is no room for ${what} yet`;
            log.info(`Waiting ${(0,src_text/* duration */.p0)(ms)}: ${why}.`);
            return clock.sleep(ms, mayStop ? this.cancellation.stop : undefined).catch(() => {
                throw new errors/* ActionError */.lZ('cancelled', 'The run was cancelled while it waited for GitHub.', 'Re-run the job.');
            });
        });
    }
    async keepToken(refreshToken) {
        const { labels: into, prepared, targets } = this;
        const { refreshTokenSecret: name } = targets;
        if (name === undefined)
            return { into: [], failed: [], others: 0 };
        this.github.budget.renew();
        const failed = await everywhere(prepared, name, async (store, index) => {
            if (index >= this.#reserved)
                await this.#room(1, 'the other stores', false);
            await store.write(name, refreshToken, 'keep');
        });
        return { into, failed, others: into.length - failed.length };
    }
    async keepIn(store, refreshToken, onAttempt) {
        await this.#room(1, 'the refresh token', false);
        await store.write(this.targets.refreshTokenSecret ?? '', refreshToken, 'keep', onAttempt);
    }
    async keepExtras(accessToken, expiresAt) {
        const { accessTokenSecret: secret = '', expiresAtVariable: variable = '' } = this.targets;
        const into = (name) => (name === '' ? [] : this.prepared);
        const failed = await everywhere(into(secret), secret, (store) => store.write(secret, accessToken, 'extra'));
        const holders = into(variable).filter((one) => !failed.some(({ store }) => store === one));
        const others = await everywhere(holders, variable, (store) => store.writeVariable(variable, expiresAt));
        return [...failed, ...others];
    }
    async sweep(tokens, until) {
        const { records } = this;
        const keep = [records.name, ...tokens.flatMap((token) => (token === undefined ? [] : this.recordName(token)))];
        await Promise.allSettled(this.prepared.map((store) => store.readOn()));
        const old = this.prepared.flatMap((store) => {
            const known = [...store.secrets].filter(([name, { createdAt }]) => this.isRecord(name) && createdAt <= until);
            const names = known.map(([name]) => name).filter((name) => !keep.includes(name));
            return [...names, ...(records.locksNothing ? [records.name] : [])].map((name) => ({ store, name }));
        });
        const ended = await Promise.allSettled(old.map(({ store, name }) => store.remove(name, 'sweep')));
        const failed = ended.filter(({ status }) => status === 'rejected').length;
        this.access.log.debug(`deleted ${old.length - failed} of ${old.length} records of older runs`);
    }
}

;// CONCATENATED MODULE: ./build/src/prepare.js




async function prepare(run, writeBack) {
    const stores = openStores(run, writeBack);
    const { token } = await run.delivery.step(() => check(run, stores), ({ line }) => line);
    if (!run.inputs.dryRun)
        await stores.makeRoom();
    return token;
}
function openStores(run, { stores, token, apiUrl, ...targets }) {
    return new Stores({ ...run.network, apiUrl, token }, stores, targets, run.inputs.keys.appSecret, run.cancellation);
}
async function check(run, stores) {
    const { world, delivery, held, inputs } = run;
    const secret = stores.targets.refreshTokenSecret;
    const isEnvelope = inputs.recoveryEnvelope !== undefined;
    const fromSecret = !isEnvelope && held !== undefined && secret !== undefined;
    const facts = fromSecret ? await world.facts() : undefined;
    const reading = stores.read(held?.refreshToken, facts);
    const [times] = await run.cancellation.together([reading, rehearseMeanwhile(run)]);
    run.stores = stores;
    for (const warning of warningsOf(stores.prepared, secret, times, stores.github))
        delivery.warning(warning);
    if (isEnvelope && secret !== undefined)
        refuseSpentEnvelope(stores, secret, held?.lookedAt);
    if (fromSecret)
        refuseStaleToken(stores.prepared, secret, times);
    const token = await record(run, stores, held?.refreshToken);
    const moment = fromSecret && token !== undefined ? `, and ${readMoment(stores.prepared, times)}` : '';
    return { token, line: `✓ Checked ${(0,src_text/* list */.p_)(stores.labels)}: writing works${moment}` };
}
async function rehearseMeanwhile(run) {
    await new Promise((resolve) => setImmediate(resolve));
    if (run.inputs.dryRun)
        return;
    await run.rehearse();
    (await Promise.all(/* import() */[__webpack_require__.e(763), __webpack_require__.e(922)]).then(__webpack_require__.bind(__webpack_require__, 922))).rehearseSealing();
}
function refuseSpentEnvelope({ prepared }, secret, lookedAt = Number.POSITIVE_INFINITY) {
    if (!prepared.every((store) => (store.facts(secret)?.updatedAt ?? 0) > lookedAt))
        return;
    throw new errors/* ActionError */.lZ('envelope-spent', `The secret ${secret} was updated in every store after the run of this recovery envelope read it: the token has been stored or replaced since.`, `Run the job without \`recovery-envelope\`. Only if that run ends with \`token-dead\`, delete the secret ${secret} and run again with the envelope.`);
}
async function record(run, stores, token) {
    const found = stores.doubts;
    const doubts = found.length > 0 ? found : await writeRecords(run, stores);
    if (doubts.length === 0)
        return token;
    const isAll = found.length === 0 || found.length === stores.prepared.length;
    const isStale = isAll && doubts.every(holdsSuccessor);
    const error = doubtError(doubts, stores.records);
    if (run.inputs.orgId === undefined || isStale)
        throw error;
    run.delivery.info(`${error.message} It is not used: a fresh pair will be obtained with org_implicit.`);
    run.doubt = error;
    await run.removeRecords();
    stores.useRecordOf(undefined);
    await writeRecords(run, stores);
    return undefined;
}
async function writeRecords({ fate }, stores) {
    stores.refuseShortBudget();
    const { labels, lookedAt, prepared, records } = stores;
    const secret = stores.targets.refreshTokenSecret ?? '';
    const updates = prepared.map((store) => [store.label, store.facts(secret)?.updatedAt ?? null]);
    const { kind, name } = records;
    const recording = { name, kind, lookedAt, updatedAt: Object.fromEntries(updates), refused: [] };
    fate.note({ ...recording, recordedAt: null, records: labels });
    let own = labels;
    const doubts = await stores.record(({ label }) => {
        own = own.filter((one) => one !== label);
        fate.note({ ...recording, recordedAt: null, records: own });
    });
    fate.note({ ...recording, recordedAt: stores.time, records: records.labels });
    return doubts;
}


/***/ }),

/***/ 996:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   L5: () => (/* binding */ retry),
/* harmony export */   TA: () => (/* binding */ limiter),
/* harmony export */   Vs: () => (/* binding */ retryAfterMs),
/* harmony export */   c_: () => (/* binding */ serverNow)
/* harmony export */ });
const FIRST_BACKOFF_MS = 500;
const LONGEST_BACKOFF_MS = 8_000;
async function retry(attempt, policy) {
    const { clock, signal } = policy;
    for (let number = 1;; number++) {
        try {
            return await attempt();
        }
        catch (error) {
            const again = number < policy.maxAttempts && !signal?.aborted ? policy.tryAgain(error) : undefined;
            if (again === undefined)
                throw error;
            const longest = Math.min(LONGEST_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** (number - 1));
            const waitMs = again.afterMs ?? Math.round((longest / 2) * (1 + clock.random()));
            policy.onRetry(waitMs, number);
            const wait = waitMs > 0 ? clock.sleep(waitMs, signal) : undefined;
            await wait?.catch(() => {
                throw error;
            });
        }
    }
}
function retryAfterMs(headers, nowMs) {
    const text = headers['retry-after']?.trim() ?? '';
    if (/^\d{1,9}$/.test(text))
        return Number(text) * 1000;
    const date = /^[A-Z][a-z]+, .* GMT$/.test(text) ? Date.parse(text) : Number.NaN;
    return Number.isNaN(date) ? undefined : Math.max(0, date - serverNow(headers, nowMs));
}
function serverNow(headers, nowMs) {
    const date = Date.parse(headers.date ?? '');
    return Number.isNaN(date) ? nowMs : date;
}
function limiter(most) {
    let free = most;
    const waiting = [];
    return async (task) => {
        if (free > 0)
            free--;
        else
            await new Promise((resolve) => waiting.push(resolve));
        try {
            return await task();
        }
        finally {
            const next = waiting.shift();
            if (next)
                next();
            else
                free++;
        }
    };
}


/***/ })

};
;