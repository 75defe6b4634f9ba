"use strict";
exports.id = 101;
exports.ids = [101];
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

/***/ 146:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   A8: () => (/* binding */ isReadAtQueueTime),
/* harmony export */   T$: () => (/* binding */ readMoment),
/* harmony export */   jB: () => (/* binding */ holdsSuccessor),
/* harmony export */   lS: () => (/* binding */ queueTime),
/* harmony export */   refuseStaleToken: () => (/* binding */ refuseStaleToken),
/* harmony export */   ty: () => (/* binding */ doubtError),
/* harmony export */   warningsOf: () => (/* binding */ warningsOf)
/* harmony export */ });
/* harmony import */ var _errors_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(595);
/* harmony import */ var _text_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(263);
/* harmony import */ var _failure_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(86);



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
    try {
        const { json } = await github.call({
            method: 'GET',
            path: `/repos/${run.repository}/actions/runs/${run.runId}`,
            expect: [200],
            doing: 'Reading when this run was queued',
            permission: '"Actions: read"',
            manner: 'read',
        });
        const time = (0,_text_js__WEBPACK_IMPORTED_MODULE_2__/* .timeField */ .kv)(json, run.runAttempt > 1 ? 'run_started_at' : 'created_at');
        return Number.isNaN(time) ? undefined : time;
    }
    catch (error) {
        if (error instanceof _failure_js__WEBPACK_IMPORTED_MODULE_1__/* .GitHubFailure */ .iK && error.code !== 'github-unavailable')
            return undefined;
        throw error;
    }
}
function refuseStaleToken(stores, secret, times) {
    for (const prepared of stores) {
        const { store } = prepared;
        const updatedAt = prepared.facts(secret)?.updatedAt;
        const { readAt, moment } = readTime(store, times);
        if (updatedAt === undefined || readAt === undefined || seconds(updatedAt) <= seconds(readAt))
            continue;
        throw new _errors_js__WEBPACK_IMPORTED_MODULE_0__/* .ActionError */ .lZ('token-stale', `The secret ${secret} in the store \`${store.label}\` was updated at ${(0,_text_js__WEBPACK_IMPORTED_MODULE_2__/* .utc */ .n$)(updatedAt)}, after this run read it at ${(0,_text_js__WEBPACK_IMPORTED_MODULE_2__/* .utc */ .n$)(readAt)} (${moment}), so the token in hand has most likely been rotated.`, 'Re-run the job: it reads the secret again. To avoid this, keep the token in an environment secret, which is read when the job starts.');
    }
}
function readMoment(stores, times) {
    const queued = stores.some(({ store }) => isReadAtQueueTime(store));
    return queued && times.queuedAt === undefined
        ? "the refresh token is not stale, compared with the job's start, because `github-token` may not read when the run was queued"
        : 'the refresh token is not stale';
}
function readTime(store, times) {
    if (!isReadAtQueueTime(store))
        return { readAt: times.jobStartedAt, moment: 'when the job started' };
    if (times.queuedAt !== undefined)
        return { readAt: times.queuedAt, moment: 'when the run was queued' };
    return {
        readAt: times.jobStartedAt,
        moment: 'when the job started; `github-token` may not read when the run was queued',
    };
}
function seconds(ms) {
    return Math.floor(ms / 1000);
}
function doubtError(found, records) {
    const holders = found.filter((one) => holdsSuccessor(one));
    const doubtful = found.filter((one) => !holdsSuccessor(one));
    const names = (doubts) => (0,_text_js__WEBPACK_IMPORTED_MODULE_2__/* .list */ .p_)(doubts.map(({ store }) => `\`${store.label}\``));
    const commands = (0,_text_js__WEBPACK_IMPORTED_MODULE_2__/* .list */ .p_)(found.map(({ store }) => `\`${records.command(store)}\``));
    if (doubtful.length === 0) {
        return new _errors_js__WEBPACK_IMPORTED_MODULE_0__/* .ActionError */ .lZ('token-stale', `Another run has used this refresh token and stored its successor in ${names(holders)}.`, `Re-run the job: it reads the secret again. If the same token was stored again by hand, delete its in-flight record first: ${commands}.`);
    }
    const since = Math.min(...doubtful.map(({ createdAt }) => createdAt));
    const others = holders.length > 0 ? ` Its successor is in ${names(holders)}.` : '';
    return new _errors_js__WEBPACK_IMPORTED_MODULE_0__/* .ActionError */ .lZ('token-in-doubt', `Another run began to use this refresh token at ${(0,_text_js__WEBPACK_IMPORTED_MODULE_2__/* .utc */ .n$)(since)}, and its successor is not in ${names(doubtful)}.${others}`, `If that run is still in progress, re-run this job after it. If it shows a recovery envelope, start a run with it as the input \`recovery-envelope\`. Otherwise set the secret again, with a token of a new installation or of another store, or give \`org-id\`. If you know that the token was not used, delete its in-flight record: ${commands}.`);
}
function holdsSuccessor({ createdAt, updatedAt }) {
    return updatedAt !== undefined && updatedAt >= createdAt;
}
function warningsOf(stores, secret, times, github) {
    const warnings = [];
    const now = github.now();
    const expiresAt = github.tokenExpiresAt;
    if (expiresAt !== undefined && expiresAt - now < TOKEN_EXPIRES_SOON_MS) {
        warnings.push(`\`github-token\` expires at ${(0,_text_js__WEBPACK_IMPORTED_MODULE_2__/* .utc */ .n$)(expiresAt)}. Create a new one and store it before then.`);
    }
    const updates = stores.flatMap((store) => secret === undefined ? [] : (store.facts(secret)?.updatedAt ?? []));
    const lastUpdate = Math.max(...updates);
    if (updates.length > 0 && now - lastUpdate > TOKEN_IS_OLD_MS) {
        warnings.push(`The secret ${secret} was last updated at ${(0,_text_js__WEBPACK_IMPORTED_MODULE_2__/* .utc */ .n$)(lastUpdate)}. A refresh token expires after 30 days: rotate it on a schedule.`);
    }
    const { queuedAt, jobStartedAt } = times;
    const waited = queuedAt !== undefined && jobStartedAt !== undefined ? jobStartedAt - queuedAt : 0;
    const atRisk = stores.find(({ store }) => isReadAtQueueTime(store));
    if (waited >= LONG_QUEUE_MS && atRisk !== undefined) {
        warnings.push(`This run waited ${(0,_text_js__WEBPACK_IMPORTED_MODULE_2__/* .duration */ .p0)(waited)} in the queue after the secrets of \`${atRisk.label}\` were read. Another run may rotate the token in that time. An environment secret is read when the job starts.`);
    }
    return warnings;
}


/***/ }),

/***/ 101:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

__webpack_require__.r(__webpack_exports__);
/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   openStores: () => (/* binding */ openStores),
/* harmony export */   prepare: () => (/* binding */ prepare),
/* harmony export */   recordOf: () => (/* binding */ recordOf)
/* harmony export */ });
/* harmony import */ var _errors_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(595);
/* harmony import */ var _github_staleness_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(146);
/* harmony import */ var _recovery_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(307);
/* harmony import */ var _run_js__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(615);
/* harmony import */ var _text_js__WEBPACK_IMPORTED_MODULE_4__ = __webpack_require__(263);





async function prepare(run) {
    const { inputs, masks, delivery } = run;
    const envelope = inputs.recoveryEnvelope === undefined
        ? undefined
        : (0,_recovery_js__WEBPACK_IMPORTED_MODULE_2__/* .openEnvelope */ .h)(inputs.recoveryEnvelope, inputs.keys.appSecret, inputs.clientId);
    if (envelope !== undefined)
        masks.add(envelope.refreshToken);
    const token = envelope?.refreshToken ?? inputs.refreshToken;
    const stores = await openStores(run);
    if (stores === undefined) {
        if (!inputs.dryRun)
            await rehearse(run);
        return token;
    }
    const checked = await delivery.step(`Check ${(0,_text_js__WEBPACK_IMPORTED_MODULE_4__/* .list */ .p_)(stores.labels)}`, () => check(run, stores, token, envelope), ({ line }) => line);
    if (!inputs.dryRun)
        await stores.makeRoom();
    return checked.token;
}
async function openStores(run) {
    const { inputs, world, delivery, cancellation } = run;
    if (inputs.writeBack === undefined)
        return undefined;
    const { Stores } = await __webpack_require__.e(/* import() */ 199).then(__webpack_require__.bind(__webpack_require__, 199));
    const { stores, token, apiUrl, ...targets } = inputs.writeBack;
    run.stores = new Stores({
        http: world.http,
        httpOptions: { timeoutMs: inputs.timeoutMs, onDone: (0,_run_js__WEBPACK_IMPORTED_MODULE_3__/* .debugRequests */ .SL)(run) },
        clock: world.clock,
        log: delivery,
        maxAttempts: inputs.maxAttempts,
        apiUrl,
        token,
    }, stores, targets, cancellation);
    return run.stores;
}
async function recordOf({ inputs }, token) {
    const { recordName } = await __webpack_require__.e(/* import() */ 140).then(__webpack_require__.bind(__webpack_require__, 759));
    return recordName(inputs.writeBack?.firstTarget ?? '', token, inputs.keys.appSecret);
}
async function check(run, stores, token, envelope) {
    const { world, delivery } = run;
    const { refuseStaleToken, warningsOf } = await Promise.resolve(/* import() */).then(__webpack_require__.bind(__webpack_require__, 146));
    const secret = stores.targets.refreshTokenSecret;
    const fromSecret = envelope === undefined && token !== undefined && secret !== undefined;
    const facts = fromSecret ? await world.facts() : undefined;
    const [times] = await run.cancellation.together([
        stores.read(await recordOf(run, token), facts),
        rehearse(run),
    ]);
    for (const warning of warningsOf(stores.prepared, secret, times, stores.github))
        delivery.warning(warning);
    if (envelope !== undefined && secret !== undefined)
        refuseSpentEnvelope(stores, secret, envelope);
    if (fromSecret)
        refuseStaleToken(stores.prepared, secret, times);
    const usable = await record(run, stores, token);
    const moment = fromSecret && usable !== undefined ? `, and ${(0,_github_staleness_js__WEBPACK_IMPORTED_MODULE_1__/* .readMoment */ .T$)(stores.prepared, times)}` : '';
    return { token: usable, line: `✓ Checked ${(0,_text_js__WEBPACK_IMPORTED_MODULE_4__/* .list */ .p_)(stores.labels)}: writing works${moment}` };
}
function refuseSpentEnvelope({ prepared }, secret, { lookedAt }) {
    if (lookedAt === undefined)
        return;
    const updatedSince = prepared.every((store) => {
        const updatedAt = store.facts(secret)?.updatedAt;
        return updatedAt !== undefined && updatedAt > lookedAt;
    });
    if (!updatedSince)
        return;
    throw new _errors_js__WEBPACK_IMPORTED_MODULE_0__/* .ActionError */ .lZ('envelope-spent', `The secret ${secret} was updated in every store after the run of this recovery envelope read it: the token has been stored or replaced since.`, `Run the job without \`recovery-envelope\`. If the token in ${secret} does not work, delete that secret and run again with the envelope.`);
}
async function record(run, stores, token) {
    const { inputs, delivery } = run;
    stores.refuseShortBudget();
    let doubts = stores.doubts;
    if (doubts.length === 0)
        doubts = await writeRecords(run, stores);
    if (doubts.length === 0)
        return token;
    const isStale = stores.prepared.every((store) => doubts.some((doubt) => doubt.store === store && (0,_github_staleness_js__WEBPACK_IMPORTED_MODULE_1__/* .holdsSuccessor */ .jB)(doubt)));
    const error = (0,_github_staleness_js__WEBPACK_IMPORTED_MODULE_1__/* .doubtError */ .ty)(doubts, stores.records);
    if (inputs.orgId === undefined || isStale)
        throw error;
    delivery.info(`${error.message} It is not used: a fresh pair will be obtained with org_implicit.`);
    await stores.records.remove();
    stores.useRecord(await recordOf(run, undefined));
    await writeRecords(run, stores);
    return undefined;
}
async function writeRecords(run, stores) {
    const { handover, inputs, world } = run;
    const secret = stores.targets.refreshTokenSecret;
    handover.record = stores.records.name;
    handover.lookedAt = stores.lookedAt;
    handover.recordedAt = null;
    handover.stores = stores.prepared.map((store) => ({
        label: store.label,
        updatedAt: secret === undefined ? null : (store.facts(secret)?.updatedAt ?? null),
        record: true,
    }));
    (0,_run_js__WEBPACK_IMPORTED_MODULE_3__/* .leaveBehind */ .kh)(run);
    if (!inputs.dryRun)
        world.http.connectAhead(new URL(inputs.cobo.apiUrl));
    const doubts = await stores.record();
    handover.recordedAt = stores.github.now();
    const own = stores.records.labels;
    for (const store of handover.stores)
        store.record = own.includes(store.label);
    return doubts;
}
async function rehearse(run) {
    const { inputs, masks, world, stores } = run;
    if (stores === undefined)
        world.http.connectAhead(new URL(inputs.cobo.apiUrl));
    await new Promise((resolve) => setImmediate(resolve));
    if (inputs.dryRun)
        return;
    const { rehearseSigning } = await Promise.all(/* import() */[__webpack_require__.e(802), __webpack_require__.e(841)]).then(__webpack_require__.bind(__webpack_require__, 841));
    rehearseSigning(inputs.keys);
    (0,_run_js__WEBPACK_IMPORTED_MODULE_3__/* .seal */ .od)({ refreshToken: '', lookedAt: undefined }, inputs, masks);
    if (stores === undefined)
        return;
    const { rehearseSealing } = await Promise.all(/* import() */[__webpack_require__.e(93), __webpack_require__.e(922)]).then(__webpack_require__.bind(__webpack_require__, 922));
    rehearseSealing();
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