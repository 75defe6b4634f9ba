"use strict";
exports.id = 114;
exports.ids = [114];
exports.modules = {

/***/ 114:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {


// EXPORTS
__webpack_require__.d(__webpack_exports__, {
  rotate: () => (/* binding */ rotate)
});

;// CONCATENATED MODULE: ./build/src/cancellation.js
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGBREAK'];
const EXIT_STATUS = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129, SIGBREAK: 149 };
class Cancellation {
    #controller = new AbortController();
    #source;
    #held = false;
    #received;
    #onHeld;
    constructor(source) {
        this.#source = source;
        for (const name of SIGNALS)
            source.on(name, this.#listener);
    }
    #listener = (name) => {
        this.#received ??= name;
        if (this.#held)
            this.#tell();
        else
            this.#controller.abort();
    };
    get signal() {
        return this.#controller.signal;
    }
    get received() {
        return this.#received;
    }
    get exitStatus() {
        return this.#received ? EXIT_STATUS[this.#received] : 0;
    }
    hold() {
        if (this.#received)
            return false;
        this.#held = true;
        return true;
    }
    onHeld(listener) {
        this.#onHeld = listener;
        if (this.#held && this.#received)
            this.#tell();
    }
    #tell() {
        const listener = this.#onHeld;
        this.#onHeld = undefined;
        listener?.();
    }
    release() {
        this.#held = false;
        this.#onHeld = undefined;
        if (this.#received)
            this.#controller.abort();
    }
    close() {
        for (const name of SIGNALS)
            this.#source.off(name, this.#listener);
    }
}

// EXTERNAL MODULE: ./build/src/errors.js
var errors = __webpack_require__(595);
// EXTERNAL MODULE: ./build/src/http.js + 5 modules
var http = __webpack_require__(392);
// EXTERNAL MODULE: external "node:crypto"
var external_node_crypto_ = __webpack_require__(598);
// EXTERNAL MODULE: ./build/src/text.js
var src_text = __webpack_require__(263);
;// CONCATENATED MODULE: ./build/src/recovery.js



const PREFIX = 'cobo-envelope-v1.';
const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const SHAPE = new RegExp(`^${PREFIX.replaceAll('.', '\\.')}[A-Za-z0-9_-]+$`);
function sealEnvelope(refreshToken, appSecret, clientId) {
    const nonce = (0,external_node_crypto_.randomBytes)(NONCE_BYTES);
    const cipher = (0,external_node_crypto_.createCipheriv)('aes-256-gcm', envelopeKey(appSecret), nonce);
    cipher.setAAD(associatedData(clientId));
    const plain = JSON.stringify({ refresh_token: refreshToken });
    const sealed = Buffer.concat([nonce, cipher.update(plain, 'utf8'), cipher.final(), cipher.getAuthTag()]);
    return PREFIX + sealed.toString('base64url');
}
function openEnvelope(envelope, appSecret, clientId) {
    const text = envelope.replace(/\s+/g, '');
    if (!SHAPE.test(text)) {
        throw invalid('is not a recovery envelope', `Copy it whole, from \`${PREFIX}\` to its last character.`);
    }
    const bytes = Buffer.from(text.slice(PREFIX.length), 'base64url');
    if (bytes.length <= NONCE_BYTES + TAG_BYTES)
        throw invalid('is cut short', 'Copy it whole.');
    let plain;
    try {
        const decipher = (0,external_node_crypto_.createDecipheriv)('aes-256-gcm', envelopeKey(appSecret), bytes.subarray(0, NONCE_BYTES), {
            authTagLength: TAG_BYTES,
        });
        decipher.setAAD(associatedData(clientId));
        decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
        plain =
            decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES)).toString('utf8') + decipher.final('utf8');
    }
    catch {
        throw invalid('does not open: it was sealed with another `private-key` or for another `client-id`, or a part of it was lost or changed', 'Give the `private-key` and `client-id` of the run that printed it, and copy it whole.');
    }
    const token = (0,src_text/* field */.ZZ)((0,src_text/* parseJson */.qF)(plain), 'refresh_token');
    if (typeof token !== 'string' || token === '')
        throw invalid('holds no refresh token', 'Was it made by this action?');
    return token;
}
function envelopeKey(appSecret) {
    return Buffer.from((0,external_node_crypto_.hkdfSync)('sha256', appSecret, '', 'cobo-refresh-action recovery envelope v1', KEY_BYTES));
}
function associatedData(clientId) {
    return Buffer.from(PREFIX + clientId, 'utf8');
}
function invalid(problem, remedy) {
    return new errors/* ActionError */.lZ('envelope-invalid', `The input \`recovery-envelope\` ${problem}.`, remedy);
}

;// CONCATENATED MODULE: ./build/src/run.js



const MOST_SEALS = 100;
function seal({ inputs, masks }, refreshToken) {
    let envelope = '';
    for (let seals = 0; seals < MOST_SEALS; seals++) {
        envelope = sealEnvelope(refreshToken, inputs.keys.appSecret, inputs.clientId);
        if (masks.redact(envelope) === envelope)
            break;
    }
    return envelope;
}
function debugRequests(run) {
    return ({ method, url }, ms, outcome) => {
        const ended = outcome instanceof http/* TransportError */.w ? outcome.message : `HTTP ${outcome.status}${idOf(outcome)}`;
        run.delivery.debug(`${method} ${url.host}${url.pathname}: ${ended} (${Math.round(ms)} ms)`);
    };
}
function idOf({ headers }) {
    const id = (0,src_text/* remoteText */.SW)(headers['x-github-request-id'] ?? headers['x-request-id'], 80);
    return id === '' ? '' : `, request ${id}`;
}

;// CONCATENATED MODULE: ./build/src/keep.js



async function keep(run, stores, granted, used) {
    const { fate, inputs } = run;
    const access = handedOut(granted);
    if (access !== undefined)
        fate.won = access;
    const target = inputs.writeBack?.refreshTokenSecret;
    const kept = fate.state === 'kept' && inputs.recoveryEnvelope !== undefined ? used : undefined;
    const worthKeeping = granted.refreshToken ?? kept;
    let failed = [];
    if (stores !== undefined && target !== undefined && worthKeeping !== undefined) {
        fate.successor = worthKeeping;
        failed = await store(run, stores, worthKeeping, target);
        if (failed.length === 0)
            fate.state = 'stored';
    }
    else if (granted.refreshToken !== undefined) {
        fate.state = 'delivered';
        if (stores !== undefined) {
            run.delivery.insure(seal(run, granted.refreshToken));
        }
    }
    const extras = stores !== undefined && access !== undefined ? await storeExtras(run, stores, access) : [];
    const others = (stores?.labels.length ?? 0) - failed.length;
    refuseHalfMeasures(granted, failed, extras, others);
}
function handedOut({ access, at }) {
    return access === undefined ? undefined : { ...access, expiresAt: at + access.expiresIn * 1000 };
}
async function store(run, stores, refreshToken, target) {
    const envelope = seal(run, refreshToken);
    run.delivery.insure(envelope);
    run.cancellation.onHeld(() => run.delivery.showEnvelope(envelope));
    const failed = await run.delivery.step(`Store the refresh token as ${target}`, () => stores.keepRefreshToken(refreshToken), (failures) => failures.length === 0
        ? `\u2713 Stored the refresh token as ${target} in ${(0,src_text/* list */.p_)(stores.labels)}`
        : `\u2717 ${failures.length} of ${stores.labels.length} stores did not take the refresh token`);
    run.cancellation.onHeld(undefined);
    return failed;
}
async function storeExtras(run, stores, access) {
    const { accessTokenSecret, expiresAtVariable } = stores.targets;
    const names = [accessTokenSecret, expiresAtVariable].filter((name) => name !== undefined);
    if (names.length === 0)
        return [];
    return run.delivery.step(`Store ${(0,src_text/* list */.p_)(names)}`, () => stores.keepExtras({ accessToken: access.accessToken, expiresAt: (0,src_text/* utc */.n$)(access.expiresAt) }), (failures) => failures.length === 0
        ? `\u2713 Stored ${(0,src_text/* list */.p_)(names)}`
        : `\u2717 ${failures.length === 1 ? '1 write' : `${failures.length} writes`} of ${(0,src_text/* list */.p_)(names)} failed`);
}
function refuseHalfMeasures(granted, failed, extras, others) {
    if (failed.length > 0) {
        throw new errors/* ActionError */.lZ('store-failed', `The rotated refresh token could not be stored in ${describe(failed)}.${others > 0 ? ` The other ${others === 1 ? 'store holds' : `${others} stores hold`} it.` : ''}`, 'Take it from the output, the log or the summary, and start that run before any other: it stores the token everywhere (docs/recovery.md).');
    }
    if (granted.problem !== undefined) {
        throw new errors/* ActionError */.lZ('answer-malformed', `Cobo's answer is signed but malformed: ${granted.problem}.`, 'Please report it, to Cobo and to this action. No access token was handed out.');
    }
    if (extras.length > 0) {
        throw new errors/* ActionError */.lZ('extra-failed', `After the refresh, not everything could be stored: ${describe(extras)}.`, 'Check the permissions of `github-token` before the next run. The access token is in the outputs of this step.');
    }
}
function describe(failed) {
    return (0,src_text/* list */.p_)(failed.map(({ label, name, reason }) => `\`${label}\` (${name}: ${reason})`));
}

;// CONCATENATED MODULE: ./build/src/obtain.js



const START_OVER = 'Give `org-id` to have a fresh pair obtained, or have the organization install the app again (docs/recovery.md, "Start over").';
async function obtain(run, refreshToken, first) {
    const { exchange, ExchangeFailure } = await __webpack_require__.e(/* import() */ 786).then(__webpack_require__.bind(__webpack_require__, 786));
    const { inputs, world, fate } = run;
    if (refreshToken !== undefined)
        fate.state = 'unknown';
    try {
        const grant = await exchange(access(run), refreshToken, inputs.orgId, first);
        if (grant.refreshToken !== undefined) {
            run.masks.add(grant.refreshToken);
            fate.successor = grant.refreshToken;
        }
        else if (grant.problem === undefined)
            fate.state = 'kept';
        if (grant.access !== undefined)
            run.masks.add(grant.access.accessToken);
        return { ...grant, at: world.clock.now() };
    }
    catch (error) {
        if (!(error instanceof ExchangeFailure))
            throw error;
        throw explain(run, error);
    }
}
async function signAhead(run, refreshToken) {
    const { signFirst } = await __webpack_require__.e(/* import() */ 786).then(__webpack_require__.bind(__webpack_require__, 786));
    return signFirst(access(run), refreshToken);
}
function access(run) {
    const { inputs, world } = run;
    return {
        http: world.http,
        httpOptions: { timeoutMs: inputs.timeoutMs, onDone: debugRequests(run) },
        clock: world.clock,
        log: run.delivery,
        maxAttempts: inputs.maxAttempts,
        apiUrl: inputs.cobo.apiUrl,
        responseKey: inputs.cobo.responseKey,
        keys: inputs.keys,
        clientId: inputs.clientId,
    };
}
function obtainedLine({ access, healed, at }) {
    const how = healed ? '\u2713 Obtained a fresh pair with org_implicit' : '\u2713 Refreshed';
    return access === undefined
        ? how
        : `${how}: the access token is valid until ${(0,src_text/* utc */.n$)(at + access.expiresIn * 1000)}`;
}
function explain(run, { failure, maybeSpent }) {
    const { facts } = failure;
    run.fate.state = maybeSpent ? 'unknown' : 'unspent';
    if (facts.carried !== undefined) {
        run.masks.add(facts.carried);
        run.fate.successor = facts.carried;
        run.delivery.insure(seal(run, facts.carried));
    }
    const cause = { cause: failure };
    if (facts.dead) {
        return maybeSpent
            ? new errors/* ActionError */.lZ('answer-lost', `An answer of Cobo was lost, and now the refresh token is dead: the lost answer held its successor. ${failure.message}`, START_OVER, cause)
            : new errors/* ActionError */.lZ('token-dead', `The refresh token is spent, revoked or expired. ${failure.message}`, `If another run has rotated it, run the job again to read the secret afresh. Otherwise: ${START_OVER}`, cause);
    }
    if (facts.untrusted || !maybeSpent)
        return failure;
    return new errors/* ActionError */.lZ(failure.code, failure.message, `${failure.remedy} Run the job again: if Cobo still takes the token, nothing was lost. If it says that the token is dead: ${START_OVER}`.trim(), cause);
}

;// CONCATENATED MODULE: ./build/src/prepare.js



async function openStores(run) {
    const { inputs, world } = run;
    if (inputs.writeBack === undefined)
        return undefined;
    const { WriteBack } = await __webpack_require__.e(/* import() */ 989).then(__webpack_require__.bind(__webpack_require__, 989));
    const { stores, token, apiUrl, ...targets } = inputs.writeBack;
    return new WriteBack({
        http: world.http,
        httpOptions: { timeoutMs: inputs.timeoutMs, onDone: debugRequests(run) },
        clock: world.clock,
        log: run.delivery,
        maxAttempts: inputs.maxAttempts,
        apiUrl,
        token,
        signal: run.cancellation.signal,
    }, stores, targets);
}
async function checkStores(run, stores, token) {
    const { recoveryEnvelope, refreshToken } = run.inputs;
    const fromSecret = recoveryEnvelope === undefined && refreshToken !== undefined;
    return await run.delivery.step(`Check ${(0,src_text/* list */.p_)(stores.labels)}`, async () => {
        await Promise.all([stores.read(fromSecret ? run.world.facts : undefined), makeSealingReady(run)]);
        const [, first] = await Promise.all([stores.prove(), makeCoboReady(run, token)]);
        return first;
    }, () => checkedLine(stores, fromSecret));
}
function checkedLine(stores, fromSecret) {
    const { refreshTokenSecret, accessTokenSecret } = stores.targets;
    const secrets = refreshTokenSecret ?? accessTokenSecret;
    const proved = secrets === undefined ? 'the variables can be read' : 'secrets can be written';
    const fresh = fromSecret && refreshTokenSecret !== undefined ? ', and the refresh token is not stale' : '';
    return `\u2713 Checked ${(0,src_text/* list */.p_)(stores.labels)}: ${proved}${fresh}`;
}
async function makeSealingReady({ delivery }) {
    await requestsAreSent();
    delivery.tellAppKey();
    const { warmUpSealing } = await Promise.all(/* import() */[__webpack_require__.e(93), __webpack_require__.e(922)]).then(__webpack_require__.bind(__webpack_require__, 922));
    warmUpSealing();
}
async function makeCoboReady(run, token) {
    const { inputs, world } = run;
    if (inputs.dryRun)
        return undefined;
    await requestsAreSent();
    world.http.connectAhead(new URL(inputs.cobo.apiUrl));
    seal(run, '');
    return token === undefined ? undefined : await signAhead(run, token);
}
function requestsAreSent() {
    return new Promise((resolve) => setImmediate(() => setImmediate(resolve)));
}

;// CONCATENATED MODULE: ./build/src/rotate.js







async function rotate(begun) {
    const cancellation = new Cancellation(begun.world.signals);
    const run = { ...begun, cancellation, fate: { state: 'unspent' } };
    try {
        return await story(run);
    }
    catch (thrown) {
        return fail(run, thrown);
    }
    finally {
        cancellation.close();
    }
}
async function story(run) {
    const { inputs, cancellation, delivery } = run;
    const token = inputs.recoveryEnvelope === undefined
        ? inputs.refreshToken
        : openEnvelope(inputs.recoveryEnvelope, inputs.keys.appSecret, inputs.clientId);
    if (token !== undefined)
        run.masks.add(token);
    const stores = await openStores(run);
    try {
        const first = stores === undefined ? undefined : await checkStores(run, stores, token);
        delivery.phase('prepare');
        if (cancellation.received !== undefined)
            throw cancelled();
        if (inputs.dryRun)
            return stopShort(run, stores);
        return await spend(run, stores, token, first);
    }
    finally {
        if (cancellation.received === undefined)
            await stores?.removeProbes();
        await stores?.clearUp();
        if (stores !== undefined)
            delivery.debug('no probe is left behind, unless a warning says so');
    }
}
function stopShort(run, stores) {
    run.delivery.info('\u2713 Dry run: everything was checked up to the refresh. Nothing was spent, nothing stays behind');
    const checked = [
        ['Dry run', 'inputs and key are right'],
        ['App key', `\`${run.inputs.keys.appKey}\``],
        ...(stores?.labels ?? []).map((label) => ['Store', `\`${label}\` can be written`]),
        ['Staleness', staleness(run, stores)],
    ];
    run.delivery.succeeded({ state: 'unspent', facts: checked });
    return 0;
}
function staleness({ inputs }, stores) {
    if (stores?.targets.refreshTokenSecret === undefined)
        return 'not checked, no refresh token is written back';
    if (inputs.recoveryEnvelope !== undefined)
        return 'not checked, the refresh token comes from the envelope';
    return inputs.refreshToken === undefined
        ? 'not checked, there is no refresh token'
        : 'the refresh token is not stale';
}
async function spend(run, stores, token, first) {
    const { cancellation, delivery } = run;
    delivery.tellAppKey();
    if (!cancellation.hold())
        throw cancelled();
    try {
        setImmediate(() => {
            stores?.beginRemoval();
            void stores?.makeReady();
        });
        const granted = await delivery.step('Call Cobo', () => obtain(run, token, first), obtainedLine);
        delivery.phase('refresh');
        await keep(run, stores, granted, token);
        delivery.phase('store');
        delivery.succeeded(resultOf(run, stores));
        delivery.phase('deliver');
    }
    finally {
        cancellation.release();
    }
    if (cancellation.received === undefined)
        return 0;
    delivery.warning(`Cancelled (${cancellation.received}) while the token was in flight. The run finished first: token-state ${run.fate.state}.`);
    return cancellation.exitStatus;
}
function resultOf(run, stores) {
    const { state, successor, won } = run.fate;
    const secret = stores?.targets.refreshTokenSecret;
    return {
        state,
        access: won,
        refreshToken: state === 'delivered' ? successor : undefined,
        facts: state === 'stored' && stores !== undefined
            ? stores.labels.map((label) => ['Stored', `\`${secret}\` in \`${label}\``])
            : [],
    };
}
function fail(run, thrown) {
    const { cancellation, delivery, fate } = run;
    const unspent = fate.state === 'unspent' && fate.successor === undefined;
    const ended = cancellation.received !== undefined && unspent && cancellation.signal.aborted;
    const error = ended ? cancelled() : (0,errors/* asActionError */.z6)(thrown);
    delivery.failed(error, resultOfFailure(run, error));
    return ended ? cancellation.exitStatus : 1;
}
function resultOfFailure(run, error) {
    const { fate } = run;
    const result = { access: fate.won };
    if (fate.successor === undefined || fate.state === 'stored')
        return { ...result, state: fate.state };
    if (fate.state === 'delivered' && error.code !== 'internal') {
        return { ...result, state: 'delivered', refreshToken: fate.successor };
    }
    return { ...result, state: 'sealed', envelope: seal(run, fate.successor) };
}
function cancelled() {
    return new errors/* ActionError */.lZ('cancelled', 'The run was cancelled before anything was spent.', 'Run the job again.');
}


/***/ })

};
;