"use strict";
exports.id = 759;
exports.ids = [759,140];
exports.modules = {

/***/ 86:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   A3: () => (/* binding */ reasonOf),
/* harmony export */   Lw: () => (/* binding */ Refused),
/* harmony export */   QC: () => (/* binding */ tryAgain),
/* harmony export */   Th: () => (/* binding */ onceMore),
/* harmony export */   a5: () => (/* binding */ isRateLimit),
/* harmony export */   iK: () => (/* binding */ GitHubFailure),
/* harmony export */   jr: () => (/* binding */ isAnswerLost),
/* harmony export */   zM: () => (/* binding */ isStatus)
/* harmony export */ });
/* harmony import */ var _errors_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(595);
/* harmony import */ var _http_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(299);
/* harmony import */ var _retry_js__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(996);
/* harmony import */ var _text_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(263);




const SECONDARY_LIMIT_WAIT_MS = 60_000;
class GitHubFailure extends _errors_js__WEBPACK_IMPORTED_MODULE_0__/* .ActionError */ .lZ {
    name = 'GitHubFailure';
    reason;
    status;
    stopped;
    constructor({ doing, permission }, reason, status, isLimit, options = {}) {
        const { code, remedy } = adviceFor(reason, status, isLimit, permission);
        super(code, `${doing} failed: ${reason}.`, remedy, options);
        this.reason = reason;
        this.status = status;
        this.stopped = options.stopped ?? false;
    }
}
const WRITER = "The workflow's own `GITHUB_TOKEN` cannot have that permission: use a fine-grained personal access token or a GitHub App token.";
function adviceFor(reason, status, isLimit, permission) {
    if (status === undefined || status >= 500 || status === 429 || isLimit) {
        return { code: 'github-unavailable', remedy: 'Re-run the job later.' };
    }
    if (status === 401) {
        return {
            code: 'store-refused',
            remedy: '`github-token` is wrong, expired or revoked. Create a new one and store it.',
        };
    }
    if (/archived/i.test(reason)) {
        return { code: 'store-refused', remedy: 'Unarchive the repository, or use another store.' };
    }
    if (status === 301 || status === 307 || status === 308) {
        return {
            code: 'store-missing',
            remedy: 'The repository was renamed or moved. Use its new name in `secret-stores`.',
        };
    }
    if (status === 404) {
        return {
            code: 'store-missing',
            remedy: `Check the name, and that \`github-token\` has access to it with the permission ${permission}. ${WRITER}`,
        };
    }
    if (status === 403) {
        return {
            code: 'store-refused',
            remedy: `\`github-token\` needs the permission ${permission}. ${WRITER}`,
        };
    }
    return {
        code: 'github-refused',
        remedy: `Check the store, and that \`github-token\` has the permission ${permission}.`,
    };
}
class Refused extends Error {
    answer;
    json;
    constructor(answer, json) {
        const message = (0,_text_js__WEBPACK_IMPORTED_MODULE_2__/* .remoteText */ .SW)((0,_text_js__WEBPACK_IMPORTED_MODULE_2__/* .field */ .ZZ)(json, 'message')).replace(/[.\s]+$/, '');
        super(`GitHub returned HTTP ${answer.status}${message ? `, "${message}"` : ''}`);
        this.answer = answer;
        this.json = json;
    }
}
function isStatus(error, status) {
    return error instanceof Refused && error.answer.status === status;
}
function reasonOf(error) {
    if (error instanceof GitHubFailure)
        return error.reason;
    return error instanceof Refused || error instanceof _http_js__WEBPACK_IMPORTED_MODULE_1__/* .TransportError */ .w ? error.message : 'an unexpected error';
}
function isRateLimit({ answer, message }) {
    const { status, headers } = answer;
    if (status === 429)
        return true;
    return (status === 403 &&
        (headers['retry-after'] !== undefined ||
            headers['x-ratelimit-remaining'] === '0' ||
            /secondary rate limit/i.test(message)));
}
function isAnswerLost(error) {
    return error instanceof _http_js__WEBPACK_IMPORTED_MODULE_1__/* .TransportError */ .w
        ? error.sent
        : error instanceof Refused && error.answer.status >= 500;
}
function tryAgain(error, clock) {
    if (error instanceof _http_js__WEBPACK_IMPORTED_MODULE_1__/* .TransportError */ .w)
        return {};
    if (!(error instanceof Refused))
        return undefined;
    const { status, headers } = error.answer;
    if (!isRateLimit(error))
        return status >= 500 ? afterMs((0,_retry_js__WEBPACK_IMPORTED_MODULE_3__/* .retryAfterMs */ .Vs)(headers, clock.now())) : undefined;
    const asked = waitAsked(headers, clock);
    return status === 403 ? { afterMs: asked ?? SECONDARY_LIMIT_WAIT_MS } : afterMs(asked);
}
function afterMs(ms) {
    return ms === undefined ? {} : { afterMs: ms };
}
function onceMore(error, { method, manner }, refusals) {
    const isKnown = error instanceof Refused || error instanceof GitHubFailure;
    if (isStatus(error, 422) && method === 'PUT' && refusals === 1)
        return { afterMs: 0 };
    return manner === 'keep' && isKnown ? {} : undefined;
}
function waitAsked(headers, clock) {
    const retryAfter = (0,_retry_js__WEBPACK_IMPORTED_MODULE_3__/* .retryAfterMs */ .Vs)(headers, clock.now());
    if (retryAfter !== undefined)
        return retryAfter;
    const reset = headers['x-ratelimit-reset'];
    if (headers['x-ratelimit-remaining'] !== '0' || reset === undefined || !/^\d{1,12}$/.test(reset))
        return undefined;
    return Math.max(0, Number(reset) * 1000 - (0,_retry_js__WEBPACK_IMPORTED_MODULE_3__/* .serverNow */ .c_)(headers, clock.now())) + 1000;
}


/***/ }),

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
    for (let number = 1;; number++) {
        try {
            return await attempt(number);
        }
        catch (error) {
            const again = number < policy.maxAttempts ? policy.tryAgain(error) : undefined;
            if (again === undefined)
                throw error;
            const wanted = again.afterMs ?? backoff(number, policy.clock);
            if (wanted > policy.maxWaitMs && policy.longerWait === 'give-up')
                throw error;
            const waitMs = Math.min(wanted, policy.maxWaitMs);
            policy.onRetry?.(error, waitMs, number);
            try {
                if (waitMs > 0)
                    await policy.clock.sleep(waitMs, policy.signal);
            }
            catch {
                throw error;
            }
        }
    }
}
function backoff(attempt, clock) {
    const full = Math.min(LONGEST_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** (attempt - 1));
    return Math.round(full / 2 + (full / 2) * clock.random());
}
function retryAfterMs(headers, nowMs) {
    const text = headers['retry-after']?.trim() ?? '';
    if (/^\d{1,9}$/.test(text))
        return Number(text) * 1000;
    const date = httpDate(text);
    return Number.isNaN(date) ? undefined : Math.max(0, date - serverNow(headers, nowMs));
}
function httpDate(text) {
    if (!/^[A-Za-z]{3,9},? /.test(text))
        return Number.NaN;
    return Date.parse(text.endsWith('GMT') ? text : `${text} GMT`);
}
function serverNow(headers, nowMs) {
    const date = Date.parse(headers.date ?? '');
    return Number.isNaN(date) ? nowMs : date;
}
function limiter(most) {
    let running = 0;
    const waiting = [];
    return async (task) => {
        if (running >= most)
            await new Promise((resolve) => waiting.push(resolve));
        else
            running++;
        try {
            return await task();
        }
        finally {
            const next = waiting.shift();
            if (next)
                next();
            else
                running--;
        }
    };
}


/***/ })

};
;