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
/* harmony import */ var _run_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(615);
/* harmony import */ var _step_js__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(432);
/* harmony import */ var _text_js__WEBPACK_IMPORTED_MODULE_4__ = __webpack_require__(263);





const NOISE_MS = 2_000;
async function finish(world) {
    const left = (0,_fate_js__WEBPACK_IMPORTED_MODULE_1__/* .readHandover */ .IY)(world.toolkit.getState(_fate_js__WEBPACK_IMPORTED_MODULE_1__/* .HANDOVER */ .II));
    if (left === undefined || isDone(left))
        return 0;
    return await (0,_step_js__WEBPACK_IMPORTED_MODULE_3__/* .runStep */ .eg)(world, left, async (run) => {
        const { delivery, fate } = run;
        delivery.info(`The main step left token-state ${left.state}. ${_fate_js__WEBPACK_IMPORTED_MODULE_1__/* .MEANINGS */ .Lx[left.state].sentence}`);
        await takeUp(run);
        delivery.info(`✓ token-state: ${fate.state}. ${_fate_js__WEBPACK_IMPORTED_MODULE_1__/* .MEANINGS */ .Lx[fate.state].sentence}`);
        return 0;
    });
}
function isDone({ state, recording, keepsRecord }) {
    if (!_fate_js__WEBPACK_IMPORTED_MODULE_1__/* .MEANINGS */ .Lx[state].safe)
        return false;
    return keepsRecord || recording === null || !recording.stores.some(({ record }) => record);
}
async function takeUp(run) {
    const { fate } = run;
    const isSealed = fate.state === 'sealed';
    if (isSealed && !fate.left.trusted) {
        throw new _errors_js__WEBPACK_IMPORTED_MODULE_0__/* .ActionError */ .lZ('answer-untrusted', 'The new refresh token came in an answer that could not be verified, so it was not stored.', 'See the error of the main step, then decide whether to use the envelope (docs/recovery.md).');
    }
    const opened = await reopen(run);
    if (opened?.target === undefined) {
        if (!_fate_js__WEBPACK_IMPORTED_MODULE_1__/* .MEANINGS */ .Lx[fate.state].safe)
            throw notStored(isSealed);
    }
    else if (isSealed)
        await storeNow(run, opened, opened.target);
    else if (fate.state === 'unknown')
        return await beginAgain(run, opened, opened.target);
    const { conclude } = await (0,_run_js__WEBPACK_IMPORTED_MODULE_2__/* .loadKeep */ .Yt)();
    await conclude(run);
}
function notStored(isSealed) {
    return isSealed
        ? new _errors_js__WEBPACK_IMPORTED_MODULE_0__/* .ActionError */ .lZ('store-failed', 'The main step ended before it could hand out the new refresh token.', 'Start a run with the envelope as the input `recovery-envelope` (docs/recovery.md).')
        : new _errors_js__WEBPACK_IMPORTED_MODULE_0__/* .ActionError */ .lZ('answer-lost', "The main step ended before it had Cobo's answer.", 'Re-run the job. If Cobo says that the token is not valid, have the organization install the app again, or give `org-id` (docs/recovery.md).');
}
async function reopen(run) {
    const { inputs, held, recording } = run;
    if (inputs.writeBack === undefined || recording === undefined)
        return undefined;
    const { openStores } = await __webpack_require__.e(/* import() */ 939).then(__webpack_require__.bind(__webpack_require__, 939));
    const stores = openStores(run, inputs.writeBack);
    await stores.read(held?.refreshToken, undefined);
    run.stores = stores;
    if (stores.records.name !== recording.name)
        stores.useRecordOf(undefined);
    const { isVariable } = stores.records;
    stores.records.takeOver(stores.prepared.filter((store) => isVariable || isOwn(store, recording)));
    return { stores, recording, target: stores.targets.refreshTokenSecret };
}
function isOwn(store, recording) {
    const { name, lookedAt, recordedAt } = recording;
    const facts = store.facts(name);
    return (facts !== undefined &&
        seen(store, recording)?.record === true &&
        facts.createdAt >= lookedAt - NOISE_MS &&
        facts.createdAt <= (recordedAt ?? Number.POSITIVE_INFINITY) + NOISE_MS);
}
function seen({ label }, { stores }) {
    return stores.find((store) => store.label === label);
}
function isUntouched(store, recording, target) {
    return (store.facts(target)?.updatedAt ?? null) === (seen(store, recording)?.updatedAt ?? null);
}
async function storeNow(run, { stores, recording }, target) {
    const missing = stores.prepared.filter((one) => isUntouched(one, recording, target));
    const others = stores.prepared.filter((one) => !missing.includes(one));
    if (others.length > 0) {
        run.delivery.info(`${target} has been updated in ${named(others)} since the main step read it: left alone`);
    }
    const foreign = others.filter((one) => seen(one, recording)?.refused === true);
    if (foreign.length > 0 && missing.length === 0)
        throw overtaken(run, target, foreign, []);
    const { keep } = await (0,_run_js__WEBPACK_IMPORTED_MODULE_2__/* .loadKeep */ .Yt)();
    await keep(run, { access: undefined, problem: undefined }, missing);
}
async function beginAgain(run, { stores, recording }, target) {
    const { name, locksNothing } = stores.records;
    const touched = stores.prepared.filter((store) => !isUntouched(store, recording, target));
    const isForeign = (store) => store.facts(name) !== undefined && !isOwn(store, recording);
    const foreign = locksNothing ? [] : stores.prepared.filter(isForeign);
    if (touched.length > 0 || foreign.length > 0)
        throw overtaken(run, target, touched, foreign);
    stores.refuseShortBudget();
    const doubts = await stores.record();
    if (doubts.length > 0) {
        const others = doubts.map(({ store }) => store);
        throw overtaken(run, target, [], others);
    }
    await stores.makeRoom();
    const { spend } = await (0,_run_js__WEBPACK_IMPORTED_MODULE_2__/* .loadKeep */ .Yt)();
    await spend(run, locksNothing ? undefined : run.held?.refreshToken);
}
function overtaken({ fate }, target, touched, foreign) {
    const parts = [
        ...(touched.length > 0 ? [`${target} was updated in ${named(touched)}`] : []),
        ...(foreign.length > 0 ? [`another run began to use the same token in ${named(foreign)}`] : []),
    ];
    return new _errors_js__WEBPACK_IMPORTED_MODULE_0__/* .ActionError */ .lZ('overtaken', `After the main step, ${parts.join(', and ')}. The post step has sent and deleted nothing.`, fate.state === 'sealed'
        ? 'If the secret now holds a token that works, nothing is left to do. Otherwise start a run with the envelope as the input `recovery-envelope` (docs/recovery.md).'
        : 'Check the run that came later. If it went well, nothing is left to do.');
}
function named(stores) {
    return (0,_text_js__WEBPACK_IMPORTED_MODULE_4__/* .list */ .p_)(stores.map(({ label }) => `\`${label}\``));
}


/***/ })

};
;