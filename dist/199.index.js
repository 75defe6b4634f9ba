"use strict";
exports.id = 199;
exports.ids = [199,140];
exports.modules = {

/***/ 759:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   K: () => (/* binding */ recordPrefix),
/* harmony export */   locksNothing: () => (/* binding */ locksNothing),
/* harmony export */   recordName: () => (/* binding */ recordName),
/* harmony export */   t: () => (/* binding */ Records)
/* harmony export */ });
/* harmony import */ var node_crypto__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(598);
/* harmony import */ var node_crypto__WEBPACK_IMPORTED_MODULE_0___default = /*#__PURE__*/__webpack_require__.n(node_crypto__WEBPACK_IMPORTED_MODULE_0__);
/* harmony import */ var _errors_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(595);
/* harmony import */ var _failure_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(86);
/* harmony import */ var _store_js__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(346);




const MARK = '_IN_FLIGHT_';
const NO_TOKEN = 'ORG';
const FINGERPRINT_DIGITS = 12;
const VALUE = 'A run of cobo-refresh-action used a refresh token. The name of this secret says which one.';
function recordName(target, token, appSecret) {
    if (token === undefined)
        return target + MARK + NO_TOKEN;
    const key = (0,node_crypto__WEBPACK_IMPORTED_MODULE_0__.hkdfSync)('sha256', appSecret, '', 'cobo-refresh-action in-flight record v1', 32);
    const digest = (0,node_crypto__WEBPACK_IMPORTED_MODULE_0__.createHmac)('sha256', Buffer.from(key)).update(token, 'utf8').digest('hex');
    return target + MARK + digest.slice(0, FINGERPRINT_DIGITS).toUpperCase();
}
function recordPrefix(target) {
    return target + MARK;
}
function locksNothing(record) {
    return record.endsWith(MARK + NO_TOKEN);
}
class Records {
    name;
    #targets;
    #stores;
    #since;
    #own = new Map();
    constructor(name, targets, stores, since) {
        this.name = name;
        this.#targets = targets;
        this.#stores = stores;
        this.#since = since;
    }
    get labels() {
        return [...this.#own.keys()].map(({ label }) => label);
    }
    takeOver(stores) {
        for (const store of stores)
            this.#own.set(store, 'created');
    }
    async write(room, all, log) {
        const [first, ...others] = this.#stores.filter((store) => !this.#own.has(store));
        if (first === undefined)
            return [];
        const doubt = await this.#writeTo(first, room, log);
        if (doubt !== undefined)
            return [doubt];
        const doubts = await all(others.map((store) => this.#writeTo(store, room, log)));
        return doubts.filter((one) => one !== undefined);
    }
    async #writeTo(store, room, log) {
        await room();
        this.#own.set(store, 'asked');
        if ((0,_store_js__WEBPACK_IMPORTED_MODULE_3__/* .targetSecrets */ .$)(this.#targets).length === 0) {
            await store.tryVariable(this.name, VALUE);
            this.#own.set(store, 'created');
            return undefined;
        }
        try {
            const { status, maybeDone } = await store.write(this.name, VALUE, 'record');
            if (status === 201 || locksNothing(this.name))
                this.#own.set(store, 'created');
            else if (!maybeDone || !(await this.#isOwn(store, 'record'))) {
                this.#own.delete(store);
                return await this.#doubt(store);
            }
            return undefined;
        }
        catch (error) {
            if (!(error instanceof _failure_js__WEBPACK_IMPORTED_MODULE_2__/* .GitHubFailure */ .iK))
                throw error;
            if (error.status !== undefined && error.status < 500)
                this.#own.delete(store);
            this.#goOnWhenFull(store, error, log);
            return undefined;
        }
    }
    async #isOwn(store, manner) {
        const facts = await store.look(this.name, manner);
        return facts !== undefined && facts.createdAt >= this.#since;
    }
    async #doubt(store) {
        const { refreshTokenSecret: target } = this.#targets;
        const [record, secret] = await Promise.all([
            store.look(this.name),
            target === undefined ? undefined : store.look(target),
        ]);
        return { store, createdAt: record?.createdAt ?? this.#since, updatedAt: secret?.updatedAt };
    }
    #goOnWhenFull(store, error, log) {
        const mayBeFull = error.status !== undefined && [403, 409, 422].includes(error.status);
        if (!mayBeFull || !store.isFull)
            throw error;
        const missing = (0,_store_js__WEBPACK_IMPORTED_MODULE_3__/* .targetSecrets */ .$)(this.#targets).filter((name) => store.facts(name) === undefined);
        if (missing.length > 0) {
            throw new _errors_js__WEBPACK_IMPORTED_MODULE_1__/* .ActionError */ .lZ('store-full', `The store \`${store.label}\` is full, so ${missing.join(' and ')} cannot be created there: ${error.reason}.`, 'Delete a secret that is not needed, or use another store.', { cause: error });
        }
        log.warning(`The store \`${store.label}\` is full, so it has no in-flight record of this run. The secrets that have to be stored exist and can be updated. Delete a secret that is not needed.`);
    }
    async remove() {
        const failed = [];
        await Promise.all([...this.#own].map(async ([store, certainty]) => {
            try {
                if ((0,_store_js__WEBPACK_IMPORTED_MODULE_3__/* .targetSecrets */ .$)(this.#targets).length === 0)
                    await store.removeVariable(this.name);
                else if (certainty === 'created' || (await this.#isOwn(store, 'tidy')))
                    await store.remove(this.name, 'tidy');
                this.#own.delete(store);
            }
            catch (error) {
                failed.push({
                    store,
                    reason: error instanceof _failure_js__WEBPACK_IMPORTED_MODULE_2__/* .GitHubFailure */ .iK ? error.reason : 'an unexpected error',
                });
            }
        }));
        return failed;
    }
    command({ store }) {
        const kind = (0,_store_js__WEBPACK_IMPORTED_MODULE_3__/* .targetSecrets */ .$)(this.#targets).length === 0 ? 'variable' : 'secret';
        return `gh ${kind} delete ${this.name} ${store.gh}`;
    }
}


/***/ }),

/***/ 346:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {


// EXPORTS
__webpack_require__.d(__webpack_exports__, {
  f: () => (/* binding */ PreparedStore),
  $: () => (/* binding */ targetSecrets)
});

// EXTERNAL MODULE: ./build/src/github/failure.js
var failure = __webpack_require__(86);
// EXTERNAL MODULE: ./build/src/text.js
var src_text = __webpack_require__(263);
;// CONCATENATED MODULE: ./build/src/github/reading.js


const PAGE = 100;
const MOST_PAGES = 1000;
const MAX_PAGE_BYTES = 16 * 1024 * 1024;
async function readKey(github, store, within) {
    const what = 'the encryption key';
    const call = reading(store, what, '/public-key');
    const { json } = await (within === undefined
        ? github.call(call)
        : github.once({ ...call, manner: within }));
    const keyId = (0,src_text/* field */.ZZ)(json, 'key_id');
    const key = (0,src_text/* field */.ZZ)(json, 'key');
    const publicKey = Buffer.from(typeof key === 'string' ? key : '', 'base64');
    if (typeof keyId !== 'string' || keyId === '' || publicKey.length !== 32)
        throw malformed(store, what);
    return { keyId, publicKey };
}
async function listSecrets(github, store) {
    const what = 'the list of secrets';
    const { json } = await github.call(reading(store, what, `?per_page=${PAGE}`));
    const total = (0,src_text/* field */.ZZ)(json, 'total_count');
    const list = (0,src_text/* field */.ZZ)(json, 'secrets');
    if (!Array.isArray(list) || typeof total !== 'number')
        throw malformed(store, what);
    const entries = list.map((entry) => {
        return [String((0,src_text/* field */.ZZ)(entry, 'name')).toUpperCase(), factsOf(store, entry)];
    });
    return { total, secrets: new Map(entries) };
}
async function readSecret(github, store, name, manner = 'read') {
    const call = reading(store, `the secret ${name}`, `/${name}`);
    const { status, json } = await github.call({ ...call, expect: [200, 404], manner });
    return status === 404 ? undefined : factsOf(store, json);
}
function factsOf(store, entry) {
    const createdAt = (0,src_text/* timeField */.kv)(entry, 'created_at');
    const updatedAt = (0,src_text/* timeField */.kv)(entry, 'updated_at');
    if (Number.isNaN(createdAt) || Number.isNaN(updatedAt))
        throw malformed(store, 'the times of a secret');
    return { createdAt, updatedAt, visibility: (0,src_text/* field */.ZZ)(entry, 'visibility') };
}
async function readVisibility(github, store, name, { visibility }) {
    if (visibility === 'all' || visibility === 'private')
        return { visibility };
    if (visibility !== 'selected')
        throw malformed(store, `the visibility of the secret ${name}`);
    const what = `the repositories of the secret ${name}`;
    const ids = new Set();
    for (let page = 1; page <= MOST_PAGES; page++) {
        const below = `/${name}/repositories?per_page=${PAGE}&page=${page}`;
        const { json } = await github.call({ ...reading(store, what, below), maxBytes: MAX_PAGE_BYTES });
        const total = (0,src_text/* field */.ZZ)(json, 'total_count');
        const list = (0,src_text/* field */.ZZ)(json, 'repositories');
        if (!Array.isArray(list) || typeof total !== 'number')
            throw malformed(store, what);
        const known = ids.size;
        for (const repository of list) {
            const id = (0,src_text/* field */.ZZ)(repository, 'id');
            if (typeof id === 'number')
                ids.add(id);
        }
        if (ids.size >= total)
            return { visibility, selected_repository_ids: [...ids] };
        if (ids.size === known)
            break;
    }
    throw malformed(store, what);
}
function reading(store, what, below) {
    return {
        method: 'GET',
        path: store.secretsPath + below,
        expect: [200],
        doing: `Reading ${what} of the store \`${store.label}\``,
        permission: store.permission,
        manner: 'read',
    };
}
function malformed(store, what) {
    return new failure/* GitHubFailure */.iK(reading(store, what, ''), 'the answer is malformed or incomplete', 200, false);
}

;// CONCATENATED MODULE: ./build/src/github/variables.js
async function hasVariable(github, store, name) {
    const { variablesPath: path } = store;
    if (path === undefined)
        return false;
    const call = about(store, 'Reading', name, 'read');
    const reply = await github.call({ ...call, method: 'GET', path: `${path}/${name}`, expect: [200, 404] });
    return reply.status === 200;
}
async function createVariable(github, store, name, value, manner) {
    const { variablesPath: path } = store;
    if (path === undefined)
        return false;
    const visibility = store.kind === 'organization' ? { visibility: 'private' } : {};
    const reply = await github.call({
        ...about(store, 'Writing', name, manner),
        method: 'POST',
        path,
        expect: [201, 409],
        body: async () => ({ name, value, ...visibility }),
    });
    return reply.status === 201;
}
async function putVariable(github, store, name, value, exists) {
    const { variablesPath: path } = store;
    if (path === undefined)
        return;
    if (!exists && (await createVariable(github, store, name, value, 'extra')))
        return;
    const reply = await github.call({
        ...about(store, 'Writing', name, 'extra'),
        method: 'PATCH',
        path: `${path}/${name}`,
        expect: exists ? [204, 404] : [204],
        body: async () => ({ name, value }),
    });
    if (reply.status === 404)
        await createVariable(github, store, name, value, 'extra');
}
async function deleteVariable(github, store, name) {
    const { variablesPath: path } = store;
    if (path === undefined)
        return;
    const call = about(store, 'Deleting', name, 'tidy');
    await github.call({ ...call, method: 'DELETE', path: `${path}/${name}`, expect: [204, 404] });
}
function about(store, doing, name, manner) {
    return {
        doing: `${doing} the variable ${name} of the store \`${store.label}\``,
        permission: store.variablesPermission,
        manner,
    };
}

;// CONCATENATED MODULE: ./build/src/github/store.js



function targetSecrets({ refreshTokenSecret, accessTokenSecret }) {
    return [refreshTokenSecret, accessTokenSecret].filter((name) => name !== undefined);
}
const MOST_SECRETS = { repository: 100, environment: 100, dependabot: 100, organization: 1000 };
class PreparedStore {
    store;
    #github;
    #key;
    #secrets;
    #total;
    #visibilities;
    #variableExists;
    constructor(github, store, key, known) {
        this.#github = github;
        this.store = store;
        this.#key = key;
        this.#secrets = known.secrets;
        this.#total = known.total;
        this.#visibilities = known.visibilities;
        this.#variableExists = known.variableExists;
    }
    static async read(github, store, targets, record) {
        const { expiresAtVariable: variable } = targets;
        const [key, secrets, variableExists] = await Promise.all([
            readKey(github, store),
            readSecrets(github, store, targetSecrets(targets), record),
            variable !== undefined && hasVariable(github, store, variable),
        ]);
        return new PreparedStore(github, store, key, { ...secrets, variableExists });
    }
    get label() {
        return this.store.label;
    }
    facts(name) {
        return this.#secrets.get(name);
    }
    names(prefix) {
        return [...this.#secrets.keys()].filter((name) => name.startsWith(prefix));
    }
    get isFull() {
        return this.#total >= MOST_SECRETS[this.store.kind];
    }
    look(name, manner = 'read') {
        return readSecret(this.#github, this.store, name, manner);
    }
    write(name, value, manner) {
        const { store } = this;
        const audience = store.kind === 'organization' ? (this.#visibilities.get(name) ?? { visibility: 'private' }) : {};
        const purpose = {
            doing: `Writing the secret ${name} into the store \`${store.label}\``,
            permission: store.permission,
        };
        return this.#github.call({
            ...purpose,
            method: 'PUT',
            path: `${store.secretsPath}/${name}`,
            expect: [201, 204],
            manner,
            body: async (refused) => {
                if (refused)
                    this.#key = await readKey(this.#github, store, manner);
                const { sealedBox } = await Promise.all(/* import() */[__webpack_require__.e(93), __webpack_require__.e(922)]).then(__webpack_require__.bind(__webpack_require__, 922));
                const { keyId, publicKey } = this.#key;
                try {
                    return { encrypted_value: sealedBox(publicKey, value), key_id: keyId, ...audience };
                }
                catch (error) {
                    throw new failure/* GitHubFailure */.iK(purpose, 'the encryption key of the store is invalid', 200, false, {
                        cause: error,
                    });
                }
            },
        });
    }
    async remove(name, manner) {
        const { store } = this;
        await this.#github.call({
            method: 'DELETE',
            path: `${store.secretsPath}/${name}`,
            expect: [204, 404],
            doing: `Deleting the secret ${name} from the store \`${store.label}\``,
            permission: store.permission,
            manner,
        });
    }
    writeVariable(name, value) {
        return putVariable(this.#github, this.store, name, value, this.#variableExists);
    }
    async tryVariable(name, value) {
        await createVariable(this.#github, this.store, name, value, 'record');
    }
    removeVariable(name) {
        return deleteVariable(this.#github, this.store, name);
    }
}
async function readSecrets(github, store, targets, record) {
    const { total, secrets } = await listSecrets(github, store);
    if (total > secrets.size) {
        const wanted = [...targets, ...(record === undefined ? [] : [record])];
        const missing = wanted.filter((name) => !secrets.has(name));
        await Promise.all(missing.map(async (name) => {
            const facts = await readSecret(github, store, name);
            if (facts !== undefined)
                secrets.set(name, facts);
        }));
    }
    const visibilities = new Map();
    for (const name of store.kind === 'organization' ? targets : []) {
        const facts = secrets.get(name);
        if (facts !== undefined)
            visibilities.set(name, await readVisibility(github, store, name, facts));
    }
    return { total, secrets, visibilities };
}


/***/ }),

/***/ 199:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {


// EXPORTS
__webpack_require__.d(__webpack_exports__, {
  Stores: () => (/* binding */ Stores)
});

// EXTERNAL MODULE: ./build/src/errors.js
var errors = __webpack_require__(595);
// EXTERNAL MODULE: ./build/src/text.js
var src_text = __webpack_require__(263);
// EXTERNAL MODULE: ./build/src/http.js + 5 modules
var src_http = __webpack_require__(299);
// EXTERNAL MODULE: ./build/src/retry.js
var retry = __webpack_require__(996);
;// CONCATENATED MODULE: ./build/src/github/budget.js
const WINDOW_MS = 60_000;
const MOST_POINTS = 900;
const MOST_WRITES = 80;
const READ_POINTS = 1;
const WRITE_POINTS = 5;
class Budget {
    #clock;
    #sent = [];
    #reserving = Promise.resolve();
    #remaining;
    #resetAt;
    constructor(clock) {
        this.#clock = clock;
    }
    count(method) {
        const isWrite = method !== 'GET';
        const points = isWrite ? WRITE_POINTS : READ_POINTS;
        this.#sent.push({ at: this.#clock.now(), points, writes: isWrite ? 1 : 0 });
    }
    heed(headers) {
        const remaining = headers['x-ratelimit-remaining'] ?? '';
        const reset = headers['x-ratelimit-reset'] ?? '';
        if (!/^\d{1,9}$/.test(remaining) || !/^\d{1,12}$/.test(reset))
            return;
        const resetAt = Number(reset) * 1000;
        if (this.#resetAt === resetAt && Number(remaining) > (this.#remaining ?? 0))
            return;
        this.#remaining = Number(remaining);
        this.#resetAt = resetAt;
    }
    shortOf(requests) {
        if (this.#remaining === undefined || this.#resetAt === undefined)
            return undefined;
        return this.#remaining < requests ? { remaining: this.#remaining, resetAt: this.#resetAt } : undefined;
    }
    async reserve(writes, sleep) {
        const turn = this.#reserving.then(async () => {
            for (let ms = this.#waitMs(writes); ms > 0; ms = this.#waitMs(writes))
                await sleep(ms);
            const fitting = Math.min(writes, MOST_WRITES);
            for (let count = 0; count < fitting; count++)
                this.count('PUT');
            return fitting;
        });
        this.#reserving = turn.then(() => undefined, () => undefined);
        return turn;
    }
    #waitMs(writes) {
        const now = this.#clock.now();
        this.#sent = this.#sent.filter(({ at }) => at > now - WINDOW_MS && at <= now);
        if (writes > MOST_WRITES)
            return this.#freeAt(this.#sent.length, now);
        let points = this.#sent.reduce((sum, one) => sum + one.points, writes * WRITE_POINTS);
        let count = this.#sent.reduce((sum, one) => sum + one.writes, writes);
        let leaving = 0;
        for (const one of this.#sent) {
            if (points <= MOST_POINTS && count <= MOST_WRITES)
                break;
            points -= one.points;
            count -= one.writes;
            leaving++;
        }
        return this.#freeAt(leaving, now);
    }
    #freeAt(count, now) {
        const last = this.#sent[count - 1];
        return last === undefined ? 0 : last.at + WINDOW_MS - now;
    }
}

// EXTERNAL MODULE: ./build/src/github/failure.js
var failure = __webpack_require__(86);
;// CONCATENATED MODULE: ./build/src/github/client.js





const MOST_IN_FLIGHT = 10;
const MAX_ANSWER_BYTES = 1024 * 1024;
const LONGEST_WAIT_MS = 3_600_000;
const LINGER_MS = 3_000;
const CLOCK_NOISE_MS = 2_000;
class GitHub {
    budget;
    #access;
    #limit = (0,retry/* limiter */.TA)(MOST_IN_FLIGHT);
    #offsetMs = 0;
    #lastDate;
    #quietUntil = 0;
    #tokenExpiry = '';
    constructor(access) {
        this.#access = access;
        this.budget = new Budget(access.clock);
    }
    now() {
        return this.#access.clock.now() + this.#offsetMs;
    }
    get lastDate() {
        return this.#lastDate ?? Math.floor(this.now() / 1000) * 1000;
    }
    get offsetMs() {
        return this.#offsetMs;
    }
    get tokenExpiresAt() {
        const time = Date.parse(this.#tokenExpiry.replace(/^(\S+) (\S+) UTC$/, '$1T$2Z'));
        return Number.isNaN(time) ? undefined : time;
    }
    async call(call) {
        const { clock, log, maxAttempts } = this.#access;
        let maybeDone = false;
        let last;
        let refusals = 0;
        try {
            const reply = await (0,retry/* retry */.L5)(() => this.#turn(call, last), {
                maxAttempts: this.#isHurried(call) ? 1 : maxAttempts,
                clock,
                ...(call.manner === 'keep' ? {} : { signal: this.#access.stop() }),
                tryAgain: (error) => {
                    if ((0,failure/* isStatus */.zM)(error, 422))
                        refusals++;
                    return (0,failure/* tryAgain */.QC)(error, clock) ?? (0,failure/* onceMore */.Th)(error, call, refusals);
                },
                maxWaitMs: LONGEST_WAIT_MS,
                longerWait: 'clip',
                onRetry: (error, waitMs, number) => {
                    maybeDone ||= (0,failure/* isAnswerLost */.jr)(error);
                    last = error;
                    log.info(`Attempt ${number} at GitHub (${call.method} ${call.path}) failed: ${(0,failure/* reasonOf */.A3)(error)}. Trying again in ${(0,src_text/* duration */.p0)(waitMs)}.`);
                },
            });
            return { ...reply, maybeDone };
        }
        catch (error) {
            throw await this.#failure(call, error);
        }
    }
    async once(call) {
        try {
            return { ...(await this.#attempt(call, undefined)), maybeDone: false };
        }
        catch (error) {
            throw await this.#failure(call, error);
        }
    }
    #isHurried({ manner }) {
        return manner === 'sweep' || (manner === 'tidy' && this.#access.stop().reason === 'cancelled');
    }
    async #turn(call, last) {
        const { clock, stop } = this.#access;
        const quietMs = this.#quietUntil - clock.now();
        if (quietMs > 0 && call.manner !== 'keep' && !this.#isHurried(call))
            await clock.sleep(quietMs, stop());
        return this.#limit(() => {
            if (['read', 'record', 'sweep'].includes(call.manner))
                stop().throwIfAborted();
            return this.#attempt(call, last);
        });
    }
    async #attempt(call, last) {
        const { apiUrl, clock, http, httpOptions, token } = this.#access;
        const body = call.body === undefined ? undefined : await call.body((0,failure/* isStatus */.zM)(last, 422));
        const sentAt = clock.now();
        if (last !== undefined || (call.manner !== 'record' && call.manner !== 'keep')) {
            this.budget.count(call.method);
        }
        const { options, done } = this.#limits(call);
        const answer = await http
            .send({
            method: call.method,
            url: new URL(apiUrl + call.path),
            headers: {
                Accept: 'application/vnd.github+json',
                Authorization: `Bearer ${token}`,
                'User-Agent': 'cobo-refresh-action',
                'X-GitHub-Api-Version': '2022-11-28',
                ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
            },
            ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        }, {
            ...httpOptions,
            ...options,
            maxBytes: call.maxBytes ?? MAX_ANSWER_BYTES,
            newConnection: last instanceof src_http/* TransportError */.w,
        })
            .finally(done);
        const date = Date.parse(answer.headers.date ?? '');
        if (!Number.isNaN(date)) {
            this.#lastDate = date;
            this.#offsetMs = clockOffset(date, sentAt, clock.now());
        }
        this.#tokenExpiry = answer.headers['github-authentication-token-expiration'] ?? this.#tokenExpiry;
        this.budget.heed(answer.headers);
        const json = (0,src_text/* parseJson */.qF)(answer.body.toString('utf8'));
        if (call.expect.includes(answer.status))
            return { status: answer.status, json };
        const refused = new failure/* Refused */.Lw(answer, json);
        const pauseMs = (0,failure/* isRateLimit */.a5)(refused) ? (0,failure/* tryAgain */.QC)(refused, clock)?.afterMs : undefined;
        if (pauseMs !== undefined) {
            this.#quietUntil = Math.max(this.#quietUntil, clock.now() + Math.min(pauseMs, LONGEST_WAIT_MS));
        }
        throw refused;
    }
    #limits(call) {
        const { manner } = call;
        const { clock, httpOptions } = this.#access;
        const stop = this.#access.stop();
        const done = () => undefined;
        if (manner === 'keep' || manner === 'extra')
            return { options: {}, done };
        if (this.#isHurried(call)) {
            const timeoutMs = Math.min(LINGER_MS, httpOptions.timeoutMs);
            return { options: { timeoutMs, ...(manner === 'sweep' ? { signal: stop } : {}) }, done };
        }
        if (manner !== 'record')
            return { options: { signal: stop }, done };
        const late = new AbortController();
        const linger = () => void clock.sleep(LINGER_MS).then(() => late.abort());
        stop.addEventListener('abort', linger, { once: true });
        return { options: { signal: late.signal }, done: () => stop.removeEventListener('abort', linger) };
    }
    async #failure(call, error) {
        if (error instanceof failure/* GitHubFailure */.iK)
            return error;
        const cause = { cause: error };
        if (error instanceof failure/* Refused */.Lw) {
            const moved = await this.#newName(error);
            const reason = `${error.message}${moved === undefined ? '' : `, the repository is now \`${moved}\``}`;
            return new failure/* GitHubFailure */.iK(call, reason, error.answer.status, (0,failure/* isRateLimit */.a5)(error), cause);
        }
        const stopped = this.#access.stop().aborted;
        if (error instanceof src_http/* TransportError */.w) {
            return new failure/* GitHubFailure */.iK(call, error.message, undefined, false, { ...cause, stopped });
        }
        if (!stopped)
            return error;
        return new failure/* GitHubFailure */.iK(call, 'the run stopped first', undefined, false, { ...cause, stopped });
    }
    async #newName({ answer, json }) {
        const target = `${answer.headers.location ?? ''} ${(0,src_text/* remoteText */.SW)((0,src_text/* field */.ZZ)(json, 'url'))}`;
        const id = /\/repositories\/(\d{1,15})\b/.exec(target)?.[1];
        if (answer.status < 300 || answer.status > 399 || id === undefined)
            return undefined;
        try {
            const path = `/repositories/${id}`;
            const found = await this.#attempt({ method: 'GET', path, expect: [200], manner: 'read', doing: '', permission: '' }, undefined);
            return (0,src_text/* remoteText */.SW)((0,src_text/* field */.ZZ)(found.json, 'full_name')) || undefined;
        }
        catch {
            return undefined;
        }
    }
}
function clockOffset(date, sentAt, receivedAt) {
    const offset = Math.round(date + 500 - (sentAt + receivedAt) / 2);
    return Math.abs(offset) < CLOCK_NOISE_MS ? 0 : offset;
}

// EXTERNAL MODULE: ./build/src/github/record.js
var record = __webpack_require__(759);
// EXTERNAL MODULE: ./build/src/github/staleness.js
var staleness = __webpack_require__(146);
// EXTERNAL MODULE: ./build/src/github/store.js + 2 modules
var github_store = __webpack_require__(346);
;// CONCATENATED MODULE: ./build/src/github/stores.js







const REQUESTS_PER_STORE = 3;
class Stores {
    targets;
    github;
    #stores;
    #cancellation;
    #clock;
    #log;
    #prepared = [];
    #records;
    #reserved = 0;
    #lookedAt = 0;
    constructor(access, stores, targets, cancellation) {
        this.github = new GitHub({ ...access, stop: () => cancellation.stop });
        this.targets = targets;
        this.#stores = stores;
        this.#cancellation = cancellation;
        this.#clock = access.clock;
        this.#log = access.log;
    }
    get labels() {
        return this.#stores.map(({ label }) => label);
    }
    get prepared() {
        return this.#prepared;
    }
    get lookedAt() {
        return this.#lookedAt;
    }
    get records() {
        if (this.#records === undefined)
            throw new Error('the stores have not been read');
        return this.#records;
    }
    async read(record, run) {
        const queued = run !== undefined && this.#stores.some(staleness/* isReadAtQueueTime */.A8);
        const reading = this.#stores.map((store) => github_store/* PreparedStore */.f.read(this.github, store, this.targets, record));
        const asking = queued ? (0,staleness/* queueTime */.lS)(this.github, run) : Promise.resolve(undefined);
        const [queuedAt, ...prepared] = await this.#all([
            asking,
            ...reading,
        ]);
        this.#prepared = prepared;
        this.#lookedAt = this.github.lastDate;
        this.useRecord(record);
        const startedAt = run?.jobStartedAt;
        return {
            queuedAt,
            jobStartedAt: startedAt === undefined ? undefined : startedAt + this.github.offsetMs,
        };
    }
    useRecord(name) {
        this.#records = new record/* Records */.t(name, this.targets, this.#prepared, this.#lookedAt);
    }
    get doubts() {
        const { name } = this.records;
        if ((0,record.locksNothing)(name))
            return [];
        return this.#prepared.flatMap((store) => {
            const record = store.facts(name);
            if (record === undefined)
                return [];
            const target = this.targets.refreshTokenSecret;
            const updatedAt = target === undefined ? undefined : store.facts(target)?.updatedAt;
            return [{ store, createdAt: record.createdAt, updatedAt }];
        });
    }
    refuseShortBudget() {
        const needed = this.#stores.length * REQUESTS_PER_STORE;
        const short = this.github.budget.shortOf(needed);
        if (short === undefined)
            return;
        throw new errors/* ActionError */.lZ('rate-limited', `GitHub allows \`github-token\` ${short.remaining} more requests until ${(0,src_text/* utc */.n$)(short.resetAt)}, and this run needs ${needed}.`, `Re-run the job after ${(0,src_text/* utc */.n$)(short.resetAt)}, or use a token that is not shared with other jobs.`);
    }
    async record() {
        const sleep = (ms) => this.#waitForRoom(ms, 'the in-flight records');
        const room = async () => void (await this.github.budget.reserve(1, sleep));
        return this.records.write(room, (tasks) => this.#all(tasks), this.#log);
    }
    async makeRoom() {
        if (this.targets.refreshTokenSecret === undefined)
            return;
        this.#reserved = await this.github.budget.reserve(this.#stores.length, (ms) => this.#waitForRoom(ms, 'the refresh token'));
    }
    async #waitForRoom(ms, what) {
        this.#log.info(`Waiting ${(0,src_text/* duration */.p0)(ms)}: GitHub allows 80 writes a minute, and there is no room for ${what} yet.`);
        await this.#clock.sleep(ms, this.#cancellation.stop);
    }
    async keepToken(refreshToken, into = this.#prepared) {
        const { refreshTokenSecret: name } = this.targets;
        if (name === undefined)
            return [];
        return this.#everywhere(into, name, async (store, index) => {
            if (index >= this.#reserved)
                await this.github.budget.reserve(1, (ms) => this.#clock.sleep(ms));
            await store.write(name, refreshToken, 'keep');
        });
    }
    async keepExtras({ accessToken, expiresAt }) {
        const { accessTokenSecret: secret, expiresAtVariable: variable } = this.targets;
        const failed = await Promise.all([
            secret === undefined
                ? []
                : this.#everywhere(this.#prepared, secret, async (store) => {
                    await store.write(secret, accessToken, 'extra');
                }),
            variable === undefined
                ? []
                : this.#everywhere(this.#prepared, variable, (store) => store.writeVariable(variable, expiresAt)),
        ]);
        return failed.flat();
    }
    async sweep(keep) {
        const { refreshTokenSecret: target } = this.targets;
        if (target === undefined)
            return;
        const own = this.records.name;
        const old = this.#prepared.flatMap((store) => {
            const names = new Set(store.names((0,record/* recordPrefix */.K)(target)));
            if ((0,record.locksNothing)(own))
                names.add(own);
            return [...names].filter((name) => name !== keep).map((name) => ({ store, name }));
        });
        const ended = await Promise.allSettled(old.map(({ store, name }) => store.remove(name, 'sweep')));
        const failed = ended.filter(({ status }) => status === 'rejected').length;
        this.#log.debug(`deleted ${old.length - failed} of ${old.length} records of older runs`);
    }
    async #everywhere(stores, name, write) {
        const failed = [];
        await Promise.all(stores.map(async (store, index) => {
            try {
                await write(store, index);
            }
            catch (error) {
                const reason = error instanceof failure/* GitHubFailure */.iK ? error.reason : 'an unexpected error';
                failed.push({ label: store.label, name, reason });
            }
        }));
        return failed;
    }
    async #all(tasks) {
        try {
            return await this.#cancellation.together(tasks);
        }
        catch (first) {
            const ended = await Promise.allSettled(tasks);
            const others = ended.filter((one) => one.status === 'rejected' &&
                one.reason !== first &&
                !(one.reason instanceof failure/* GitHubFailure */.iK && one.reason.stopped)).length;
            if (!(first instanceof errors/* ActionError */.lZ) || others === 0)
                throw first;
            throw new errors/* ActionError */.lZ(first.code, `${first.message} (${others} more ${others === 1 ? 'check' : 'checks'} failed as well.)`, first.remedy, { cause: first });
        }
    }
}


/***/ })

};
;