"use strict";
exports.id = 663;
exports.ids = [663];
exports.modules = {

/***/ 663:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

__webpack_require__.r(__webpack_exports__);
/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   finish: () => (/* binding */ finish)
/* harmony export */ });
/* harmony import */ var _errors_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(595);
/* harmony import */ var _fate_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(618);
/* harmony import */ var _run_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(895);
/* harmony import */ var _text_js__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(263);




const NOISE_MS = 2_000;
const LONGEST_RECORDING_MS = 5 * 60_000;
async function finish(world) {
    const left = (0,_fate_js__WEBPACK_IMPORTED_MODULE_1__/* .readHandover */ .IY)(world.toolkit.getState(_fate_js__WEBPACK_IMPORTED_MODULE_1__/* .HANDOVER */ .II));
    if (left === undefined)
        return 0;
    const { state, trusted, keepsRecord, recording } = left;
    const { safe, sentence } = _fate_js__WEBPACK_IMPORTED_MODULE_1__/* .MEANINGS */ .Lx[state];
    const hasRecords = recording !== null && recording.records.length > 0;
    if (safe && (keepsRecord || !hasRecords))
        return 0;
    const story = async (run) => {
        const { delivery, fate } = run;
        delivery.info(`The main step left token-state ${state}. ${sentence}`);
        if (state === 'sealed' && !trusted) {
            if (recording !== null && !keepsRecord)
                await lookAgain(run, recording).catch(() => undefined);
            throw new _errors_js__WEBPACK_IMPORTED_MODULE_0__/* .ActionError */ .lZ(...NOT_VERIFIED);
        }
        const { conclude, keep, obtain } = await (0,_run_js__WEBPACK_IMPORTED_MODULE_2__/* .loadKeep */ .Yt)();
        if (state === 'sealed' && recording !== null && run.inputs.writeBack?.refreshTokenSecret !== undefined) {
            await keep(run, undefined, (successor) => storeAgain(run, recording, successor));
        }
        else {
            const seen = recording === null ? undefined : await lookAgain(run, recording);
            if (seen === undefined && !safe)
                throw new _errors_js__WEBPACK_IMPORTED_MODULE_0__/* .ActionError */ .lZ(...(state === 'sealed' ? NOT_HANDED_OUT : NO_ANSWER));
            if (seen !== undefined && state === 'unknown')
                await keep(run, await obtain(run, await lockAgain(run, seen)));
        }
        await conclude(run);
        delivery.info(`✓ token-state: ${fate.state}. ${_fate_js__WEBPACK_IMPORTED_MODULE_1__/* .MEANINGS */ .Lx[fate.state].sentence}`);
        return 0;
    };
    return (0,_run_js__WEBPACK_IMPORTED_MODULE_2__/* .runStep */ .eg)(world, story, left);
}
const NOT_VERIFIED = [
    'answer-untrusted',
    'The new refresh token came in an answer that could not be verified, so it was not stored.',
    'If the main step ended with `answer-lost`, use the envelope. Otherwise see its error, then decide (docs/recovery.md).',
];
const NOT_HANDED_OUT = [
    'store-failed',
    'The main step ended before it could hand out the new refresh token.',
    `Start ${_run_js__WEBPACK_IMPORTED_MODULE_2__/* .A_RUN_WITH_IT */ .vH}`,
];
const NO_ANSWER = [
    'answer-lost',
    'The main step did not get a new token from Cobo.',
    'See its error. If there is none, re-run the job. If Cobo says that the token is not valid, have the organization install the app again, or give `org-id` (docs/recovery.md).',
];
const STORES = ['secret-stores', 'refresh-token-secret', 'access-token-secret', 'expires-at-variable'];
async function sameStores(run, { name, updatedAt }, isRefreshing) {
    const { writeBack } = run.inputs;
    if (writeBack === undefined)
        throw (0,_run_js__WEBPACK_IMPORTED_MODULE_2__/* .changedInput */ .xw)(...STORES);
    const { openStores } = await __webpack_require__.e(/* import() */ 736).then(__webpack_require__.bind(__webpack_require__, 736));
    const none = isRefreshing ? {} : { accessTokenSecret: undefined, expiresAtVariable: undefined };
    const stores = openStores(run, writeBack.refreshTokenSecret === undefined ? writeBack : { ...writeBack, ...none });
    const isSame = stores.isRecord(name) && [...stores.labels].sort().join() === Object.keys(updatedAt).sort().join();
    if (!isSame)
        throw (0,_run_js__WEBPACK_IMPORTED_MODULE_2__/* .changedInput */ .xw)(...STORES);
    return stores;
}
async function lookAgain(run, recording) {
    const { state } = run.fate;
    const stores = await sameStores(run, recording, state === 'unknown');
    const target = stores.targets.refreshTokenSecret;
    const [unread] = await stores.readAgain([recording.name]);
    if (unread !== undefined && state === 'unknown' && target !== undefined)
        throw unread.error;
    const own = takeOver(run, recording, stores);
    const others = stores.prepared.filter((store) => store.facts(recording.name) !== undefined && !own.includes(store));
    if (others.length > 0 && _fate_js__WEBPACK_IMPORTED_MODULE_1__/* .MEANINGS */ .Lx[state].safe) {
        run.delivery.info(`${recording.name} in ${named(others)} may be another run's: left alone`);
    }
    if (unread !== undefined)
        throw unread.error;
    if (target === undefined)
        return undefined;
    const { prepared, records } = stores;
    const updated = prepared.filter((store) => isUpdated(store, target, recording));
    return { stores, target, updated, foreign: records.locksNothing ? [] : others };
}
function takeOver(run, recording, stores) {
    run.stores = stores;
    const { prepared, records } = stores;
    const own = prepared.filter((store) => isOwn(store, recording));
    records.takeOver(records.isVariable ? prepared : own);
    return own;
}
function isUpdated(store, target, recording) {
    return (store.facts(target)?.updatedAt ?? null) !== recording.updatedAt[store.label];
}
function isOwn(store, { name, lookedAt, recordedAt, records }) {
    const { createdAt = Number.NaN, updatedAt } = store.facts(name) ?? {};
    if (recordedAt === null && updatedAt !== createdAt)
        return false;
    const latest = recordedAt ?? lookedAt + LONGEST_RECORDING_MS;
    return records.includes(store.label) && createdAt >= lookedAt - NOISE_MS && createdAt <= latest + NOISE_MS;
}
async function storeAgain(run, recording, successor) {
    const stores = await sameStores(run, recording, false);
    const { refreshTokenSecret: target = '' } = stores.targets;
    const used = stores.recordName(successor);
    const isLater = (store) => store.facts(target) !== undefined && isUpdated(store, target, recording);
    const isUsed = (store) => store.facts(used) !== undefined && !(used === recording.name && isOwn(store, recording));
    const isMissing = (store) => !isLater(store) && !isUsed(store);
    const { clock } = run.world;
    const until = clock.now() + NOISE_MS;
    const mayHold = new Set();
    const write = async (store) => {
        const onAttempt = async (last) => {
            if (last?.maybeDone)
                mayHold.add(store);
            if (clock.now() > until)
                await Promise.all([target, used].map((name) => store.lookAgain(name)));
            if (!isMissing(store))
                throw new Error('somebody came later');
        };
        if (isMissing(store))
            await stores.keepIn(store, successor, onAttempt);
    };
    const tried = await stores.readAgain([recording.name, used], write);
    takeOver(run, recording, stores);
    const { prepared } = stores;
    const later = prepared.filter(isLater);
    const failed = tried.filter(({ label }) => !prepared.some((store) => store.label === label && !isMissing(store)));
    if (later.length > 0) {
        run.delivery.info(`${target} has been updated in ${named(later)} since the main step read it: left alone`);
    }
    const users = prepared.filter((store) => !isLater(store) && isUsed(store));
    const written = prepared.filter((store) => isMissing(store) && !failed.some(({ label }) => label === store.label));
    if (users.length > 0)
        throw overtaken(run, target, [], users, written);
    const replaced = later.filter((store) => recording.refused.includes(store.label) && !mayHold.has(store));
    if (replaced.length > 0 && later.length === stores.labels.length)
        throw overtaken(run, target, replaced, []);
    const into = stores.labels.filter((label) => !later.some((store) => store.label === label));
    return { into, failed, others: stores.labels.length - failed.length - replaced.length };
}
async function lockAgain(run, { stores, target, updated, foreign }) {
    if (updated.length > 0 || foreign.length > 0)
        throw overtaken(run, target, updated, foreign);
    const { locksNothing, name } = stores.records;
    const isOther = locksNothing ? run.inputs.orgId === undefined : stores.recordName(run.held?.refreshToken) !== name;
    if (isOther)
        throw (0,_run_js__WEBPACK_IMPORTED_MODULE_2__/* .changedInput */ .xw)('refresh-token', 'org-id', 'recovery-envelope');
    stores.refuseShortBudget();
    const others = (await stores.record()).map(({ store }) => store);
    if (others.length > 0)
        throw overtaken(run, target, [], others);
    await stores.makeRoom();
    return locksNothing ? undefined : run.held?.refreshToken;
}
function overtaken({ fate }, target, updated, foreign, written = []) {
    const isSealed = fate.state === 'sealed';
    const token = isSealed ? 'new token out of the envelope' : 'same token';
    const updates = updated.length > 0 ? [`${target} was changed in ${named(updated)}`] : [];
    const runs = foreign.length > 0 ? [`another run began to use the ${token} in ${named(foreign)}`] : [];
    const stored = written.length > 0 ? `stored the token in ${named(written)}` : 'stored the token in no store';
    const done = isSealed ? `${stored}, and deleted nothing` : 'sent and deleted nothing';
    const message = `After the main step, ${[...updates, ...runs].join(', and ')}. The post step has ${done}.`;
    const check = 'Check the run that came later, or who set the secret. If the next run goes well, nothing is left to do.';
    const sealed = foreign.length > 0
        ? `${check} If it shows another recovery envelope, use that one (docs/recovery.md).`
        : `If the secret now holds a token that works, nothing is left to do. Otherwise start ${_run_js__WEBPACK_IMPORTED_MODULE_2__/* .A_RUN_WITH_IT */ .vH}`;
    return new _errors_js__WEBPACK_IMPORTED_MODULE_0__/* .ActionError */ .lZ('overtaken', message, isSealed ? sealed : check);
}
function named(stores) {
    return (0,_text_js__WEBPACK_IMPORTED_MODULE_3__/* .list */ .p_)(stores.map(({ label }) => `\`${label}\``));
}


/***/ })

};
;