"use strict";
exports.id = 989;
exports.ids = [989];
exports.modules = {

/***/ 989:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {


// EXPORTS
__webpack_require__.d(__webpack_exports__, {
  WriteBack: () => (/* binding */ WriteBack)
});

// EXTERNAL MODULE: ./build/src/errors.js
var errors = __webpack_require__(595);
// EXTERNAL MODULE: ./build/src/http.js + 5 modules
var http = __webpack_require__(392);
// EXTERNAL MODULE: ./build/src/retry.js
var retry = __webpack_require__(996);
// EXTERNAL MODULE: ./build/src/text.js
var src_text = __webpack_require__(263);
;// CONCATENATED MODULE: ./build/src/github/failure.js

class GitHubFailure extends Error {
    name = 'GitHubFailure';
    status;
    maybeDone;
    constructor(message, status, options) {
        super(message, options);
        this.status = status;
        this.maybeDone = options?.maybeDone ?? false;
    }
}
const WRITER = "The workflow's own `GITHUB_TOKEN` cannot be given that permission: use a fine-grained personal access token or a GitHub App token.";
function storeError(store, doing, failure, permission = store.permission) {
    const what = `${doing} the store \`${store.label}\` failed: ${failure.message}.`;
    const cause = { cause: failure };
    switch (failure.status) {
        case undefined:
            return new errors/* ActionError */.lZ('github-unavailable', what, 'Run the job again; nothing was spent.', cause);
        case 401:
            return new errors/* ActionError */.lZ('store-refused', what, 'GitHub does not know `github-token`: it is wrong, expired or revoked. Make a new one.', cause);
        case 404:
            return new errors/* ActionError */.lZ('store-missing', what, `The store does not exist, or \`github-token\` may not see it: check the name, and that the token covers it with the permission ${permission}. ${WRITER}`, cause);
        case 403:
            return new errors/* ActionError */.lZ('store-refused', what, `\`github-token\` needs the permission ${permission} there. ${WRITER}`, cause);
        default:
            return failure.status >= 500 || failure.status === 429
                ? new errors/* ActionError */.lZ('github-unavailable', what, 'Run the job again later; nothing was spent.', cause)
                : new errors/* ActionError */.lZ('github-refused', what, `Check the store, and that \`github-token\` has the permission ${permission} there.`, cause);
    }
}

;// CONCATENATED MODULE: ./build/src/github/limit.js
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

;// CONCATENATED MODULE: ./build/src/github/client.js





const MOST_IN_FLIGHT = 10;
const MAX_ANSWER_BYTES = 1024 * 1024;
const LONGEST_WAIT_MS = 3_600_000;
const SECONDARY_LIMIT_WAIT_MS = 60_000;
const HURRIED = { timeoutMs: 3_000, maxAttempts: 1 };
const CLOCK_NOISE_MS = 2_000;
function gitHub(access) {
    const limit = limiter(MOST_IN_FLIGHT);
    let waits;
    const waitSignal = () => {
        waits ??= AbortSignal.any([access.signal, access.impatience]);
        return waits;
    };
    let late;
    const lateSignal = () => {
        late ??= delayed(access.signal, access.clock);
        return late;
    };
    let offsetMs = 0;
    let quietUntil = 0;
    async function turn(method, path, options) {
        const quietMs = quietUntil - access.clock.now();
        if (quietMs > 0 && !options.hurried)
            await quiet(quietMs);
        return attempt(method, path, options);
    }
    async function quiet(ms) {
        try {
            await access.clock.sleep(ms, waitSignal());
        }
        catch (error) {
            throw new GitHubFailure('GitHub asked for a pause, which was cut short', undefined, { cause: error });
        }
    }
    async function attempt(method, path, options) {
        const { body, hurried, lingering } = options;
        const signal = lingering && !access.signal.aborted ? lateSignal() : access.signal;
        const sentAt = access.clock.now();
        const answer = await access.http.send({
            method,
            url: new URL(access.apiUrl + path),
            headers: {
                Accept: 'application/vnd.github+json',
                Authorization: `Bearer ${access.token}`,
                'User-Agent': 'cobo-refresh-action',
                'X-GitHub-Api-Version': '2022-11-28',
                ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
            },
            ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        }, {
            ...access.httpOptions,
            maxBytes: MAX_ANSWER_BYTES,
            ...(hurried ? { timeoutMs: HURRIED.timeoutMs } : { signal }),
        });
        offsetMs = clockOffset(answer, sentAt, access.clock.now()) ?? offsetMs;
        const json = (0,src_text/* parseJson */.qF)(answer.body.toString('utf8'));
        if (answer.status >= 200 && answer.status < 300)
            return json;
        const failure = new StatusFailure(answer, json);
        const pauseMs = isRefusedForNow(answer) ? tryAgain(failure, access.clock)?.afterMs : undefined;
        if (pauseMs !== undefined) {
            quietUntil = Math.max(quietUntil, access.clock.now() + Math.min(pauseMs, LONGEST_WAIT_MS));
        }
        throw failure;
    }
    return {
        clockOffsetMs: () => offsetMs,
        async call(method, path, options = {}) {
            let maybeDone = false;
            try {
                return await (0,retry/* retry */.L5)(() => limit(() => turn(method, path, options)), {
                    maxAttempts: options.hurried ? HURRIED.maxAttempts : access.maxAttempts,
                    clock: access.clock,
                    get signal() {
                        return waitSignal();
                    },
                    tryAgain: (error) => tryAgain(error, access.clock) ?? (options.stubborn ? tryStubbornly(error) : undefined),
                    maxWaitMs: LONGEST_WAIT_MS,
                    longerWait: 'clip',
                    onRetry: (error, waitMs, number) => {
                        maybeDone ||= isAnswerLost(error);
                        const reason = error instanceof Error ? error.message : '';
                        access.log.info(`Attempt ${number} at GitHub (${method} ${path}) failed: ${reason}. Trying again in ${(0,src_text/* duration */.p0)(waitMs)}.`);
                    },
                });
            }
            catch (error) {
                if (error instanceof StatusFailure)
                    throw new GitHubFailure(error.message, plainStatus(error, access.clock), { maybeDone });
                if (error instanceof http/* TransportError */.w)
                    throw new GitHubFailure(error.message, undefined, { cause: error, maybeDone });
                throw error;
            }
        },
    };
}
function delayed(signal, clock) {
    const controller = new AbortController();
    signal.addEventListener('abort', () => clock.sleep(HURRIED.timeoutMs).then(() => controller.abort()), {
        once: true,
    });
    return controller.signal;
}
class StatusFailure extends Error {
    answer;
    constructor(answer, json) {
        const message = (0,src_text/* remoteText */.SW)((0,src_text/* field */.ZZ)(json, 'message')).replace(/[.\s]+$/, '');
        super(`GitHub answered HTTP ${answer.status}${message ? `, "${message}"` : ''}`);
        this.answer = answer;
    }
}
function isRefusedForNow({ status }) {
    return status === 403 || status === 429;
}
function isAnswerLost(error) {
    return error instanceof http/* TransportError */.w
        ? error.sent
        : error instanceof StatusFailure && error.answer.status >= 500;
}
function plainStatus(failure, clock) {
    const { status } = failure.answer;
    return status === 403 && tryAgain(failure, clock) !== undefined ? 429 : status;
}
function tryAgain(error, clock) {
    if (error instanceof http/* TransportError */.w)
        return {};
    if (!(error instanceof StatusFailure))
        return undefined;
    const { status, headers } = error.answer;
    const asked = waitAsked(headers, clock);
    if (status === 403 && asked === undefined) {
        return /secondary rate limit/i.test(error.message) ? { afterMs: SECONDARY_LIMIT_WAIT_MS } : undefined;
    }
    if (status !== 403 && status !== 429 && status < 500)
        return undefined;
    return asked === undefined ? {} : { afterMs: asked };
}
function tryStubbornly(error) {
    return error instanceof StatusFailure && error.answer.status !== 422 ? {} : undefined;
}
function waitAsked(headers, clock) {
    const retryAfter = (0,retry/* retryAfterMs */.Vs)(headers, clock.now());
    if (retryAfter !== undefined)
        return retryAfter;
    const reset = headers['x-ratelimit-reset'];
    if (headers['x-ratelimit-remaining'] !== '0' || reset === undefined || !/^\d{1,12}$/.test(reset))
        return undefined;
    return Math.max(0, Number(reset) * 1000 - (0,retry/* serverNow */.c_)(headers, clock.now())) + 1000;
}
function clockOffset(answer, sentAt, receivedAt) {
    const date = Date.parse(answer.headers.date ?? '');
    if (Number.isNaN(date))
        return undefined;
    const offset = Math.round(date + 500 - (sentAt + receivedAt) / 2);
    return Math.abs(offset) < CLOCK_NOISE_MS ? 0 : offset;
}

;// CONCATENATED MODULE: ./build/src/github/encryption-key.js

class EncryptionKey {
    keyId;
    publicKey;
    #box;
    constructor(keyId, publicKey) {
        this.keyId = keyId;
        this.publicKey = publicKey;
    }
    async seal(text) {
        const ready = this.#box;
        this.#box = undefined;
        const box = ready ?? (await this.#makeBox());
        return box(text);
    }
    async makeReady() {
        this.#box ??= await this.#makeBox();
    }
    async #makeBox() {
        const { prepareBox } = await Promise.all(/* import() */[__webpack_require__.e(93), __webpack_require__.e(922)]).then(__webpack_require__.bind(__webpack_require__, 922));
        try {
            return prepareBox(this.publicKey);
        }
        catch (error) {
            throw new GitHubFailure('GitHub gave an encryption key that cannot be used', 200, { cause: error });
        }
    }
}

;// CONCATENATED MODULE: ./build/src/github/secrets.js



const MAX_SECRET_BYTES = (/* unused pure expression or super */ null && (48 * 1024));
const MOST_PAGES = 1000;
async function readEncryptionKey(github, store) {
    const json = await github.call('GET', `${store.secretsPath}/public-key`);
    const keyId = (0,src_text/* field */.ZZ)(json, 'key_id');
    const key = (0,src_text/* field */.ZZ)(json, 'key');
    const publicKey = Buffer.from(typeof key === 'string' ? key : '', 'base64');
    if (typeof keyId !== 'string' || keyId === '' || publicKey.length !== 32) {
        throw new GitHubFailure('GitHub answered with something that is no encryption key', 200);
    }
    return new EncryptionKey(keyId, publicKey);
}
async function readSecret(github, store, name) {
    const path = `${store.secretsPath}/${name}`;
    let json;
    try {
        json = await github.call('GET', path);
    }
    catch (error) {
        if (error instanceof GitHubFailure && error.status === 404)
            return undefined;
        throw error;
    }
    const visibility = store.kind === 'organization' ? await readVisibility(github, path, json) : undefined;
    const updatedAt = (0,src_text/* timeField */.kv)(json, 'updated_at');
    if (Number.isNaN(updatedAt))
        throw new GitHubFailure('GitHub answered without the time of the last update', 200);
    return { updatedAt, visibility };
}
async function readVisibility(github, path, json) {
    const visibility = (0,src_text/* field */.ZZ)(json, 'visibility');
    if (visibility === 'all' || visibility === 'private')
        return { visibility };
    if (visibility !== 'selected')
        throw new GitHubFailure('GitHub answered without the visibility of the secret', 200);
    const ids = new Set();
    for (let page = 1;; page++) {
        const list = await github.call('GET', `${path}/repositories?per_page=100&page=${page}`);
        const repositories = (0,src_text/* field */.ZZ)(list, 'repositories');
        const found = Array.isArray(repositories)
            ? repositories.map((repository) => (0,src_text/* field */.ZZ)(repository, 'id'))
            : [];
        const known = ids.size;
        for (const id of found)
            if (typeof id === 'number')
                ids.add(id);
        if (found.length < 100)
            return { visibility, selected_repository_ids: [...ids] };
        if (ids.size === known || page === MOST_PAGES)
            throw new GitHubFailure('GitHub answered with a list of repositories that does not end', 200);
    }
}
async function putSecret(github, store, name, value, key, visibility, manner) {
    await github.call('PUT', `${store.secretsPath}/${name}`, {
        body: {
            encrypted_value: await key.seal(value),
            key_id: key.keyId,
            ...(store.kind === 'organization' ? (visibility ?? { visibility: 'private' }) : {}),
        },
        ...manner,
    });
}
async function deleteSecret(github, store, name, hurried) {
    try {
        await github.call('DELETE', `${store.secretsPath}/${name}`, { hurried });
    }
    catch (error) {
        if (!(error instanceof GitHubFailure && error.status === 404))
            throw error;
    }
}
async function countSecrets(github, store) {
    const count = (0,src_text/* field */.ZZ)(await github.call('GET', `${store.secretsPath}?per_page=1`), 'total_count');
    return typeof count === 'number' ? count : 0;
}

;// CONCATENATED MODULE: ./build/src/github/together.js
async function together(tasks, giveUp) {
    try {
        return (await Promise.all(tasks));
    }
    catch (first) {
        giveUp.abort();
        await Promise.allSettled(tasks);
        throw first;
    }
}

;// CONCATENATED MODULE: ./build/src/github/variables.js

async function hasVariable(github, path, name) {
    try {
        await github.call('GET', `${path}/${name}`);
        return true;
    }
    catch (error) {
        if (error instanceof GitHubFailure && error.status === 404)
            return false;
        throw error;
    }
}
async function putVariable(github, store, path, name, value, exists) {
    const create = () => github.call('POST', path, {
        body: { name, value, ...(store.kind === 'organization' ? { visibility: 'private' } : {}) },
    });
    const update = () => github.call('PATCH', `${path}/${name}`, { body: { name, value } });
    try {
        await (exists ? update() : create());
    }
    catch (error) {
        if (!(error instanceof GitHubFailure))
            throw error;
        if (exists && error.status === 404)
            await create();
        else if (!exists && (error.status === 409 || error.status === 422))
            await update();
        else
            throw error;
    }
}

;// CONCATENATED MODULE: ./build/src/github/prepared-store.js




function targetSecrets(targets) {
    return [targets.refreshTokenSecret, targets.accessTokenSecret].filter((name) => name !== undefined);
}
class PreparedStore {
    store;
    #github;
    #secrets;
    #variableExists;
    #key;
    constructor(github, store, key, secrets, variableExists) {
        this.#github = github;
        this.store = store;
        this.#key = key;
        this.#secrets = secrets;
        this.#variableExists = variableExists;
    }
    static async read(github, store, targets, giveUp) {
        const named = async (doing, reading, permission) => {
            try {
                return await reading;
            }
            catch (error) {
                throw error instanceof GitHubFailure ? storeError(store, doing, error, permission) : error;
            }
        };
        const names = targetSecrets(targets);
        const { variablesPath } = store;
        const variable = targets.expiresAtVariable;
        const aboutSecrets = names.map((name) => named(`Reading about the secret ${name} in`, readSecret(github, store, name)));
        const aboutVariable = variable !== undefined && variablesPath !== undefined
            ? named(`Reading the variable ${variable} in`, hasVariable(github, variablesPath, variable), store.variablesPermission)
            : Promise.resolve(false);
        const [key, variableExists, ...facts] = await together([
            named('Reading the encryption key of', readEncryptionKey(github, store)),
            aboutVariable,
            ...aboutSecrets,
        ], giveUp);
        const secrets = new Map(names.map((name, index) => [name, facts[index]]));
        return new PreparedStore(github, store, key, secrets, variableExists);
    }
    holds(name) {
        return this.#secrets.get(name) !== undefined;
    }
    updatedAt(name) {
        return this.#secrets.get(name)?.updatedAt;
    }
    async write(name, value, manner = {}) {
        const visibility = this.#secrets.get(name)?.visibility;
        const used = this.#key;
        try {
            await putSecret(this.#github, this.store, name, value, used, visibility, manner);
        }
        catch (error) {
            if (!(error instanceof GitHubFailure) || error.status !== 422)
                throw error;
            this.#key = await readEncryptionKey(this.#github, this.store);
            if (this.#key.keyId === used.keyId)
                throw error;
            await putSecret(this.#github, this.store, name, value, this.#key, visibility, manner);
        }
    }
    async makeReady() {
        await this.#key.makeReady().catch(() => undefined);
    }
    async writeVariable(name, value) {
        const { variablesPath } = this.store;
        if (variablesPath === undefined)
            return;
        await putVariable(this.#github, this.store, variablesPath, name, value, this.#variableExists);
    }
    async remove(name, hurried) {
        await deleteSecret(this.#github, this.store, name, hurried);
    }
    async count() {
        return countSecrets(this.#github, this.store);
    }
}

// EXTERNAL MODULE: ./build/src/github/probe-name.js
var probe_name = __webpack_require__(288);
;// CONCATENATED MODULE: ./build/src/github/probe.js



const MOST_SECRETS = { repository: 100, environment: 100, dependabot: 100, organization: 1000 };
class Probe {
    name;
    #store;
    #planted = false;
    #refused = false;
    constructor(store, target) {
        this.#store = store;
        this.name = (0,probe_name/* probeName */.A)(target);
    }
    async plant(targets, log) {
        this.#planted = true;
        try {
            await this.#store.write(this.name, 'probe', { lingering: true });
        }
        catch (error) {
            if (!(error instanceof GitHubFailure))
                throw error;
            this.#refused = error.status !== undefined && error.status < 500 && !error.maybeDone;
            if (!(await this.#isFull(error)))
                throw storeError(this.#store.store, 'Writing a probe into', error);
            this.#planted = false;
            const { label } = this.#store.store;
            const missing = targets.filter((target) => !this.#store.holds(target));
            if (missing.length > 0) {
                throw new errors/* ActionError */.lZ('store-full', `The store \`${label}\` is full, so ${missing.join(' and ')} cannot be created there: ${error.message}.`, 'Delete a secret that nobody needs, or choose another store.', { cause: error });
            }
            log.warning(`The store ${label} is full, so no probe could be written. What has to be stored is there already and can be updated; make room to have it proved before a token is spent.`);
        }
    }
    get label() {
        return this.#store.store.label;
    }
    get refused() {
        return this.#refused;
    }
    get planted() {
        return this.#planted;
    }
    async remove(hurried) {
        if (!this.#planted)
            return;
        await this.#store.remove(this.name, hurried);
        this.#planted = false;
    }
    async #isFull(refused) {
        if (refused.status === undefined || ![403, 409, 422].includes(refused.status))
            return false;
        try {
            return (await this.#store.count()) >= MOST_SECRETS[this.#store.store.kind];
        }
        catch (error) {
            if (error instanceof GitHubFailure)
                return false;
            throw error;
        }
    }
}

;// CONCATENATED MODULE: ./build/src/github/staleness.js



const LONG_QUEUE_MS = 60_000;
async function queueTime(github, run) {
    if (run.repository === undefined || !Number.isSafeInteger(run.runId))
        return undefined;
    try {
        const json = await github.call('GET', `/repos/${run.repository}/actions/runs/${run.runId}`);
        const time = (0,src_text/* timeField */.kv)(json, run.runAttempt > 1 ? 'run_started_at' : 'created_at');
        return Number.isNaN(time) ? undefined : time;
    }
    catch (error) {
        if (!(error instanceof GitHubFailure))
            throw error;
        if (error.status !== undefined && error.status < 500 && error.status !== 429)
            return undefined;
        throw new errors/* ActionError */.lZ('github-unavailable', `Reading when this run was queued failed: ${error.message}.`, 'Run the job again; nothing was spent.', { cause: error });
    }
}
function refuseStaleToken(stores, secret, times) {
    for (const prepared of stores) {
        const updatedAt = prepared.updatedAt(secret);
        const { readAt, moment } = readTime(prepared.store, times);
        if (updatedAt === undefined || readAt === undefined || updatedAt <= readAt)
            continue;
        throw new errors/* ActionError */.lZ('token-stale', `The secret ${secret} in the store \`${prepared.store.label}\` was updated at ${(0,src_text/* utc */.n$)(updatedAt)}, after this run read it at ${(0,src_text/* utc */.n$)(readAt)} (${moment}): another run has rotated the token, and the one in hand is most likely spent.`, 'Run the job again: a re-run reads the secret afresh. To be safe from it, keep the token in an environment secret, which is read only when the job starts.');
    }
}
function warnOfLongQueue(stores, times, log) {
    const { queuedAt, jobStartedAt } = times;
    if (queuedAt === undefined || jobStartedAt === undefined)
        return;
    const waited = jobStartedAt - queuedAt;
    const atRisk = stores.find(({ store }) => store.kind === 'repository' || store.kind === 'organization');
    if (waited < LONG_QUEUE_MS || atRisk === undefined)
        return;
    log.warning(`This run waited ${(0,src_text/* duration */.p0)(waited)} between reading the secrets of ${atRisk.store.label} and starting. Another run may rotate the token in such a time; an environment secret is read only when the job starts.`);
}
function readTime(store, times) {
    if (store.kind !== 'environment' && times.queuedAt !== undefined) {
        return { readAt: times.queuedAt, moment: 'when the run was queued' };
    }
    return { readAt: times.jobStartedAt, moment: 'when the job started' };
}

;// CONCATENATED MODULE: ./build/src/github/write-back.js







class WriteBack {
    targets;
    #stores;
    #github;
    #log;
    #prepared = [];
    #probes = [];
    #removal;
    #storing = false;
    #giveUp = new AbortController();
    constructor(access, stores, targets) {
        this.#github = gitHub({ ...access, impatience: this.#giveUp.signal });
        this.#log = access.log;
        this.#stores = stores;
        this.targets = targets;
    }
    get labels() {
        return this.#stores.map(({ label }) => label);
    }
    async read(run) {
        const { refreshTokenSecret } = this.targets;
        const checked = run !== undefined && refreshTokenSecret !== undefined ? run : undefined;
        const queuedAt = checked ? queueTime(this.#github, checked) : Promise.resolve(undefined);
        const reading = this.#stores.map((store) => PreparedStore.read(this.#github, store, this.targets, this.#giveUp));
        this.#prepared = await this.#allOrFirstError(reading, queuedAt);
        if (checked === undefined || refreshTokenSecret === undefined)
            return;
        const { jobStartedAt } = checked;
        const times = {
            queuedAt: await queuedAt,
            jobStartedAt: jobStartedAt === undefined ? undefined : jobStartedAt + this.#github.clockOffsetMs(),
        };
        refuseStaleToken(this.#prepared, refreshTokenSecret, times);
        warnOfLongQueue(this.#prepared, times, this.#log);
    }
    async prove() {
        const secrets = targetSecrets(this.targets);
        const [first] = secrets;
        if (first === undefined)
            return;
        this.#probes = this.#prepared.map((store) => new Probe(store, first));
        await this.#allOrFirstError(this.#probes.map((probe) => probe.plant(secrets, this.#log)));
    }
    async makeReady() {
        if (targetSecrets(this.targets).length === 0)
            return;
        for (const store of this.#prepared) {
            await new Promise((resolve) => setImmediate(resolve));
            if (this.#storing)
                return;
            await store.makeReady();
        }
    }
    beginRemoval() {
        this.#removal ??= Promise.allSettled(this.#probes.map((probe) => probe.remove(false)));
    }
    async removeProbes() {
        this.beginRemoval();
        await this.#removal;
    }
    async clearUp() {
        await this.#removal;
        const left = this.#probes.filter((probe) => probe.planted);
        await Promise.all(left.map(async (probe) => {
            try {
                await probe.remove(true);
            }
            catch (error) {
                if (probe.refused)
                    return;
                const reason = error instanceof GitHubFailure ? error.message : 'an unexpected error';
                this.#log.warning(`The probe ${probe.name} could not be deleted from the store ${probe.label}: ${reason}. It holds no secret; delete it by hand, or leave it to the next run.`);
            }
        }));
    }
    async keepRefreshToken(refreshToken) {
        const { refreshTokenSecret } = this.targets;
        this.#storing = true;
        if (refreshTokenSecret === undefined)
            return [];
        return this.#everywhere(refreshTokenSecret, (store) => store.write(refreshTokenSecret, refreshToken, { stubborn: true }));
    }
    async keepExtras({ accessToken, expiresAt }) {
        this.#storing = true;
        const { accessTokenSecret, expiresAtVariable } = this.targets;
        const failed = await Promise.all([
            accessTokenSecret === undefined
                ? []
                : this.#everywhere(accessTokenSecret, (store) => store.write(accessTokenSecret, accessToken)),
            expiresAtVariable === undefined
                ? []
                : this.#everywhere(expiresAtVariable, (store) => store.writeVariable(expiresAtVariable, expiresAt)),
        ]);
        return failed.flat();
    }
    async #everywhere(name, write) {
        const failed = [];
        await Promise.all(this.#prepared.map(async (store) => {
            try {
                await write(store);
            }
            catch (error) {
                const reason = error instanceof GitHubFailure ? error.message : 'an unexpected error';
                failed.push({ label: store.store.label, name, reason });
            }
        }));
        return failed;
    }
    async #allOrFirstError(tasks, ...beside) {
        try {
            await together([...tasks, ...beside], this.#giveUp);
            return await Promise.all(tasks);
        }
        catch (first) {
            const ended = await Promise.allSettled([...tasks, ...beside]);
            const others = ended.filter(({ status }) => status === 'rejected').length - 1;
            if (!(first instanceof errors/* ActionError */.lZ) || others === 0)
                throw first;
            throw new errors/* ActionError */.lZ(first.code, `${first.message} (${others} more ${others === 1 ? 'check' : 'checks'} failed as well.)`, first.remedy, { cause: first });
        }
    }
}


/***/ }),

/***/ 996:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   L5: () => (/* binding */ retry),
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


/***/ })

};
;