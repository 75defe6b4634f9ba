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
        const isUntrusted = state === 'sealed' && !trusted;
        const looking = recording === null || (isUntrusted && keepsRecord) ? undefined : lookAgain(run, recording);
        const seen = await (isUntrusted ? looking?.catch(() => undefined) : looking);
        if (isUntrusted)
            throw new _errors_js__WEBPACK_IMPORTED_MODULE_0__/* .ActionError */ .lZ(...NOT_VERIFIED);
        const { conclude, keep, obtain } = await (0,_run_js__WEBPACK_IMPORTED_MODULE_2__/* .loadKeep */ .Yt)();
        if (seen === undefined && !safe)
            throw new _errors_js__WEBPACK_IMPORTED_MODULE_0__/* .ActionError */ .lZ(...(state === 'sealed' ? NOT_HANDED_OUT : NO_ANSWER));
        if (seen !== undefined && state === 'sealed')
            await keep(run, undefined, missing(run, seen), seen.unread);
        if (seen !== undefined && state === 'unknown')
            await keep(run, await obtain(run, await lockAgain(run, seen)));
        await conclude(run);
        delivery.info(`✓ token-state: ${fate.state}. ${_fate_js__WEBPACK_IMPORTED_MODULE_1__/* .MEANINGS */ .Lx[fate.state].sentence}`);
        return 0;
    };
    return (0,_run_js__WEBPACK_IMPORTED_MODULE_2__/* .runStep */ .eg)(world, story, left);
}
const NOT_VERIFIED = [
    'answer-untrusted',
    'The new refresh token came in an answer that could not be verified, so it was not stored.',
    'See the error of the main step, then decide whether to use the envelope (docs/recovery.md).',
];
const NOT_HANDED_OUT = [
    'store-failed',
    'The main step ended before it could hand out the new refresh token.',
    `Start ${_run_js__WEBPACK_IMPORTED_MODULE_2__/* .A_RUN_WITH_IT */ .vH}`,
];
const NO_ANSWER = [
    'answer-lost',
    "The main step ended before it had Cobo's answer.",
    'Re-run the job. If Cobo says that the token is not valid, have the organization install the app again, or give `org-id` (docs/recovery.md).',
];
const OTHER_TOKEN = [
    'input-invalid',
    'The input `refresh-token` is not what it was in the main step, so nothing was sent.',
    'Give the input a value that stays the same until the job ends. Then re-run the job.',
];
async function lookAgain(run, recording) {
    const { inputs, held, fate } = run;
    const { writeBack } = inputs;
    if (writeBack === undefined)
        return undefined;
    const { openStores } = await __webpack_require__.e(/* import() */ 736).then(__webpack_require__.bind(__webpack_require__, 736));
    const isAlone = fate.state === 'sealed' && writeBack.refreshTokenSecret !== undefined;
    const none = { accessTokenSecret: undefined, expiresAtVariable: undefined };
    const stores = openStores(run, isAlone ? { ...writeBack, ...none } : writeBack);
    const unread = await stores.readSome(held?.refreshToken);
    const [first] = unread;
    if (first !== undefined && fate.state === 'unknown')
        throw first.error;
    run.stores = stores;
    if (stores.records.name !== recording.name)
        stores.useRecordOf(undefined);
    const { prepared, records } = stores;
    const own = prepared.filter((store) => isOwn(store, recording));
    records.takeOver(records.isVariable ? prepared : own);
    if (first !== undefined && fate.state !== 'sealed')
        throw first.error;
    const target = stores.targets.refreshTokenSecret;
    if (target === undefined)
        return undefined;
    const updatedAt = (store) => store.facts(target)?.updatedAt ?? null;
    const updated = prepared.filter((store) => updatedAt(store) !== recording.updatedAt[store.label]);
    const locking = records.locksNothing ? [] : prepared.filter((store) => store.facts(records.name) !== undefined);
    return { stores, target, updated, unread, foreign: locking.filter((store) => !own.includes(store)) };
}
function isOwn(store, { name, lookedAt, recordedAt, records }) {
    const createdAt = store.facts(name)?.createdAt ?? Number.NaN;
    const latest = recordedAt ?? lookedAt + LONGEST_RECORDING_MS;
    return records.includes(store.label) && createdAt >= lookedAt - NOISE_MS && createdAt <= latest + NOISE_MS;
}
function missing(run, { stores, target, updated: changed }) {
    const { recording } = run.fate.left;
    const updated = changed.filter((store) => store.facts(target) !== undefined);
    if (updated.length > 0) {
        run.delivery.info(`${target} has been updated in ${named(updated)} since the main step read it: left alone`);
    }
    const replaced = updated.filter(({ label }) => recording?.refused.includes(label));
    if (replaced.length > 0 && updated.length === stores.prepared.length)
        throw overtaken(run, target, replaced, []);
    return stores.prepared.filter((store) => !updated.includes(store));
}
async function lockAgain(run, { stores, target, updated, foreign }) {
    if (updated.length > 0 || foreign.length > 0)
        throw overtaken(run, target, updated, foreign);
    if (stores.records.name !== run.fate.left.recording?.name)
        throw new _errors_js__WEBPACK_IMPORTED_MODULE_0__/* .ActionError */ .lZ(...OTHER_TOKEN);
    stores.refuseShortBudget();
    const others = (await stores.record()).map(({ store }) => store);
    if (others.length > 0)
        throw overtaken(run, target, [], others);
    await stores.makeRoom();
    return stores.records.locksNothing ? undefined : run.held?.refreshToken;
}
function overtaken({ fate }, target, updated, foreign) {
    const updates = updated.length > 0 ? [`${target} was updated in ${named(updated)}`] : [];
    const runs = foreign.length > 0 ? [`another run began to use the same token in ${named(foreign)}`] : [];
    const message = `After the main step, ${[...updates, ...runs].join(', and ')}. The post step has sent and deleted nothing.`;
    const remedy = fate.state === 'sealed'
        ? `If the secret now holds a token that works, nothing is left to do. Otherwise start ${_run_js__WEBPACK_IMPORTED_MODULE_2__/* .A_RUN_WITH_IT */ .vH}`
        : 'Check the run that came later. If it went well, nothing is left to do.';
    return new _errors_js__WEBPACK_IMPORTED_MODULE_0__/* .ActionError */ .lZ('overtaken', message, remedy);
}
function named(stores) {
    return (0,_text_js__WEBPACK_IMPORTED_MODULE_3__/* .list */ .p_)(stores.map(({ label }) => `\`${label}\``));
}


/***/ })

};
;