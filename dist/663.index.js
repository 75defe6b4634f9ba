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
/* harmony import */ var _cancellation_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(91);
/* harmony import */ var _ending_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(851);
/* harmony import */ var _errors_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(595);
/* harmony import */ var _fate_js__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(618);
/* harmony import */ var _handover_js__WEBPACK_IMPORTED_MODULE_4__ = __webpack_require__(83);
/* harmony import */ var _inputs_js__WEBPACK_IMPORTED_MODULE_5__ = __webpack_require__(490);
/* harmony import */ var _keep_js__WEBPACK_IMPORTED_MODULE_6__ = __webpack_require__(201);
/* harmony import */ var _recovery_js__WEBPACK_IMPORTED_MODULE_7__ = __webpack_require__(307);
/* harmony import */ var _refresh_js__WEBPACK_IMPORTED_MODULE_8__ = __webpack_require__(811);
/* harmony import */ var _run_js__WEBPACK_IMPORTED_MODULE_9__ = __webpack_require__(615);
/* harmony import */ var _text_js__WEBPACK_IMPORTED_MODULE_10__ = __webpack_require__(263);











const NOISE_MS = 2_000;
async function finish(world) {
    const left = (0,_handover_js__WEBPACK_IMPORTED_MODULE_4__/* .readHandover */ .IY)(world.toolkit.getState(_handover_js__WEBPACK_IMPORTED_MODULE_4__/* .HANDOVER */ .II));
    if (left === undefined || isDone(left))
        return 0;
    const { delivery, masks } = (0,_refresh_js__WEBPACK_IMPORTED_MODULE_8__/* .tellers */ .k)(world, true);
    delivery.endure();
    const cancellation = new _cancellation_js__WEBPACK_IMPORTED_MODULE_0__/* .Cancellation */ .m(world.signals);
    let run;
    try {
        const inputs = (0,_inputs_js__WEBPACK_IMPORTED_MODULE_5__/* .readInputs */ .K)(world.toolkit, masks, world.env);
        delivery.begin(inputs);
        const successor = successorIn(left, inputs.keys, inputs.clientId);
        if (successor !== undefined)
            masks.add(successor);
        run = (0,_run_js__WEBPACK_IMPORTED_MODULE_9__/* .startRun */ .AD)({ world, inputs, masks, delivery, cancellation }, left, successor);
        await takeUp(run, left);
        return _fate_js__WEBPACK_IMPORTED_MODULE_3__/* .MEANINGS */ .L[run.fate.state].safe ? 0 : 1;
    }
    catch (thrown) {
        if (run !== undefined)
            return await (0,_ending_js__WEBPACK_IMPORTED_MODULE_1__/* .fail */ .fJ)(run, thrown);
        delivery.failed((0,_errors_js__WEBPACK_IMPORTED_MODULE_2__/* .asActionError */ .z6)(thrown), { state: left.state, envelope: left.envelope });
        return 1;
    }
    finally {
        cancellation.close();
    }
}
function isDone({ state, stores, record, keepsRecord }) {
    if (!_fate_js__WEBPACK_IMPORTED_MODULE_3__/* .MEANINGS */ .L[state].safe)
        return false;
    return keepsRecord || record === null || !stores.some((store) => store.record);
}
function successorIn({ envelope }, keys, clientId) {
    return envelope === null ? undefined : (0,_recovery_js__WEBPACK_IMPORTED_MODULE_7__/* .openEnvelope */ .h)(envelope, keys.appSecret, clientId).refreshToken;
}
async function takeUp(run, left) {
    const { delivery, fate, inputs } = run;
    delivery.info(`The main step left token-state ${left.state}. ${_fate_js__WEBPACK_IMPORTED_MODULE_3__/* .MEANINGS */ .L[left.state].sentence}`);
    const target = inputs.writeBack?.refreshTokenSecret;
    if (fate.state === 'sealed' && !left.trusted) {
        throw new _errors_js__WEBPACK_IMPORTED_MODULE_2__/* .ActionError */ .lZ('answer-untrusted', 'The new refresh token came in an answer that could not be verified, so it was not stored.', 'See the error of the main step, then decide whether to use the envelope (docs/recovery.md).');
    }
    const token = (0,_run_js__WEBPACK_IMPORTED_MODULE_9__/* .tokenInHand */ .IH)(run)?.refreshToken;
    const stores = await reopen(run, left, token);
    if (target === undefined || stores === undefined) {
        await (0,_ending_js__WEBPACK_IMPORTED_MODULE_1__/* .removeRecords */ .DR)(run);
        if (!_fate_js__WEBPACK_IMPORTED_MODULE_3__/* .MEANINGS */ .L[fate.state].safe)
            throw notStored(fate.state === 'sealed');
    }
    else if (fate.state === 'sealed')
        await storeNow(run, stores, left, target, token);
    else if (fate.state === 'unknown')
        await beginAgain(run, stores, left, token);
    else
        await (0,_ending_js__WEBPACK_IMPORTED_MODULE_1__/* .removeRecords */ .DR)(run);
    tellEnd(delivery, run);
}
function tellEnd(delivery, { fate, handover }) {
    const { state } = fate;
    delivery.info(`✓ token-state: ${state}. ${_fate_js__WEBPACK_IMPORTED_MODULE_3__/* .MEANINGS */ .L[state].sentence}`);
    delivery.succeeded({ state, envelope: handover.envelope });
}
function notStored(isSealed) {
    return isSealed
        ? new _errors_js__WEBPACK_IMPORTED_MODULE_2__/* .ActionError */ .lZ('store-failed', 'The main step ended before it could hand out the new refresh token.', 'Start a run with the envelope as the input `recovery-envelope` (docs/recovery.md).')
        : new _errors_js__WEBPACK_IMPORTED_MODULE_2__/* .ActionError */ .lZ('answer-lost', "The main step ended before it had Cobo's answer.", 'Re-run the job. If Cobo says that the token is not valid, have the organization install the app again, or give `org-id` (docs/recovery.md).');
}
async function reopen(run, left, token) {
    const { writeBack } = run.inputs;
    if (writeBack === undefined || left.record === null)
        return undefined;
    const { openStores } = await __webpack_require__.e(/* import() */ 939).then(__webpack_require__.bind(__webpack_require__, 939));
    const stores = openStores(run, writeBack);
    await stores.read(token, undefined);
    if (stores.records.name !== left.record)
        stores.useRecordOf(undefined);
    const { isVariable } = stores.records;
    stores.records.takeOver(stores.prepared.filter((store) => isVariable || isOwn(store, left)));
    return stores;
}
function isOwn(store, left) {
    const { record, lookedAt, recordedAt } = left;
    const facts = record === null ? undefined : store.facts(record);
    return (facts !== undefined &&
        known(left, store)?.record === true &&
        facts.createdAt >= lookedAt - NOISE_MS &&
        facts.createdAt <= (recordedAt ?? Number.POSITIVE_INFINITY) + NOISE_MS);
}
function known({ stores }, { label }) {
    return stores.find((store) => store.label === label);
}
function isUntouched(store, left, target) {
    return (store.facts(target)?.updatedAt ?? null) === (known(left, store)?.updatedAt ?? null);
}
async function storeNow(run, stores, left, target, token) {
    const { fate } = run;
    const { successor } = fate;
    if (successor === undefined)
        throw new Error('a sealed token has no envelope');
    const missing = stores.prepared.filter((one) => isUntouched(one, left, target));
    const others = stores.prepared.filter((one) => !missing.includes(one));
    if (others.length > 0) {
        const labels = (0,_text_js__WEBPACK_IMPORTED_MODULE_10__/* .list */ .p_)(others.map(({ label }) => `\`${label}\``));
        run.delivery.info(`${target} has been updated in ${labels} since the main step read it: left alone`);
    }
    const foreign = others.filter((one) => known(left, one)?.refused === true);
    if (foreign.length > 0 && missing.length === 0)
        throw overtaken(run, target, foreign, []);
    const failed = await (0,_keep_js__WEBPACK_IMPORTED_MODULE_6__/* .store */ .M_)(run, stores, successor, missing);
    if (failed.length > 0)
        throw (0,_keep_js__WEBPACK_IMPORTED_MODULE_6__/* .storeFailed */ .DO)(run, failed);
    if ((0,_run_js__WEBPACK_IMPORTED_MODULE_9__/* .mayRemoveRecords */ .Ej)(run))
        await (0,_ending_js__WEBPACK_IMPORTED_MODULE_1__/* .removeRecords */ .DR)(run);
    await stores.sweep([token, run.inputs.refreshToken], left.lookedAt);
}
async function beginAgain(run, stores, left, token) {
    const { inputs, world } = run;
    const target = stores.targets.refreshTokenSecret ?? '';
    const { name, locksNothing } = stores.records;
    const touched = stores.prepared.filter((store) => !isUntouched(store, left, target));
    const foreign = stores.prepared.filter((store) => store.facts(name) !== undefined && !isOwn(store, left));
    if (touched.length > 0 || (foreign.length > 0 && !locksNothing)) {
        throw overtaken(run, target, touched, foreign);
    }
    stores.refuseShortBudget();
    world.http.connectAhead(new URL(inputs.cobo.apiUrl));
    const doubts = await stores.record();
    if (doubts.length > 0) {
        throw overtaken(run, target, [], doubts.map(({ store }) => store));
    }
    await stores.makeRoom();
    const { spend } = await (0,_run_js__WEBPACK_IMPORTED_MODULE_9__/* .loadSpending */ .F_)();
    await spend(run, locksNothing ? undefined : token);
}
function overtaken(run, target, touched, foreign) {
    const labels = (stores) => (0,_text_js__WEBPACK_IMPORTED_MODULE_10__/* .list */ .p_)(stores.map(({ label }) => `\`${label}\``));
    const parts = [
        ...(touched.length > 0 ? [`${target} was updated in ${labels(touched)}`] : []),
        ...(foreign.length > 0 ? [`another run began to use the same token in ${labels(foreign)}`] : []),
    ];
    run.stores = undefined;
    return new _errors_js__WEBPACK_IMPORTED_MODULE_2__/* .ActionError */ .lZ('overtaken', `After the main step, ${parts.join(', and ')}. The post step has sent and deleted nothing.`, run.fate.state === 'sealed'
        ? 'If the secret now holds a token that works, nothing is left to do. Otherwise start a run with the envelope as the input `recovery-envelope` (docs/recovery.md).'
        : 'Check the run that came later. If it went well, nothing is left to do.');
}


/***/ }),

/***/ 201:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   DO: () => (/* binding */ storeFailed),
/* harmony export */   M_: () => (/* binding */ store),
/* harmony export */   RE: () => (/* binding */ storedFacts),
/* harmony export */   aC: () => (/* binding */ keep)
/* harmony export */ });
/* harmony import */ var _errors_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(595);
/* harmony import */ var _run_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(615);
/* harmony import */ var _text_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(263);



async function keep(run, { problem, access }) {
    const { delivery, fate, stores } = run;
    const successor = fate.successor;
    const failed = stores !== undefined && successor !== undefined ? await store(run, stores, successor) : [];
    if (stores?.targets.refreshTokenSecret === undefined && successor !== undefined)
        handOut(run, successor);
    const extras = stores !== undefined && access !== undefined ? await storeExtras(run, stores, access) : [];
    if (failed.length > 0)
        throw storeFailed(run, failed);
    if (problem !== undefined) {
        throw new _errors_js__WEBPACK_IMPORTED_MODULE_0__/* .ActionError */ .lZ('answer-malformed', `Cobo's answer is signed but malformed: ${problem}.`, 'No access token was handed out. Report the problem to Cobo, and to this action.');
    }
    if (extras.length > 0) {
        throw new _errors_js__WEBPACK_IMPORTED_MODULE_0__/* .ActionError */ .lZ('extra-failed', `After the refresh, not everything could be stored: ${describe(extras)}.`, `Check the permissions of \`github-token\` before the next run.${delivery.isPost ? '' : ' The access token is in the outputs of this step.'}`);
    }
}
async function store(run, stores, successor, into = stores.prepared) {
    const { cancellation, delivery, fate, handover } = run;
    const target = stores.targets.refreshTokenSecret;
    if (target === undefined)
        return [];
    if (into.length === 0) {
        fate.become('stored');
        return [];
    }
    const showEnvelope = () => {
        if (handover.envelope !== null)
            delivery.showEnvelope(handover.envelope);
    };
    const { stop } = cancellation;
    if (stop.aborted)
        showEnvelope();
    else
        stop.addEventListener('abort', showEnvelope);
    const failed = await delivery.step(`Store the refresh token as ${target}`, () => stores.keepToken(successor, into), (failures) => failures.length === 0
        ? `✓ Stored the refresh token as ${target} in ${(0,_text_js__WEBPACK_IMPORTED_MODULE_2__/* .list */ .p_)(into.map(({ label }) => label))}`
        : `✗ ${failures.length} of ${into.length} stores did not take the refresh token`);
    stop.removeEventListener('abort', showEnvelope);
    if (failed.length === 0)
        fate.become('stored');
    else {
        for (const one of handover.stores)
            one.refused = failed.some(({ label, refused }) => refused && label === one.label);
        (0,_run_js__WEBPACK_IMPORTED_MODULE_1__/* .leaveBehind */ .kh)(run);
    }
    return failed;
}
function storeFailed({ delivery, stores }, failed) {
    const others = (stores?.labels.length ?? 0) - failed.length;
    const rest = others > 0 ? ` ${others === 1 ? 'One other store holds' : `${others} other stores hold`} it.` : '';
    return new _errors_js__WEBPACK_IMPORTED_MODULE_0__/* .ActionError */ .lZ('store-failed', `The new refresh token could not be stored in ${describe(failed)}.${rest}`, `${delivery.isPost ? 'Start' : 'The post step of this job tries again. If that fails too, start'} a run with the envelope as the input \`recovery-envelope\` (docs/recovery.md).`);
}
function handOut({ delivery, fate }, successor) {
    if (!delivery.handOut(successor)) {
        throw new _errors_js__WEBPACK_IMPORTED_MODULE_0__/* .ActionError */ .lZ('runner-files', 'The output `refresh-token` could not be written.', 'Check the disk of the runner. Start a run with the envelope as the input `recovery-envelope` (docs/recovery.md).');
    }
    fate.become('delivered');
}
async function storeExtras(run, stores, access) {
    const names = extraNames(stores);
    if (names.length === 0)
        return [];
    return run.delivery.step(`Store ${(0,_text_js__WEBPACK_IMPORTED_MODULE_2__/* .list */ .p_)(names)}`, () => stores.keepExtras(access.accessToken, (0,_text_js__WEBPACK_IMPORTED_MODULE_2__/* .utc */ .n$)(access.expiresAt)), (failures) => failures.length === 0
        ? `✓ Stored ${(0,_text_js__WEBPACK_IMPORTED_MODULE_2__/* .list */ .p_)(names)}`
        : `✗ ${failures.length === 1 ? '1 write' : `${failures.length} writes`} of ${(0,_text_js__WEBPACK_IMPORTED_MODULE_2__/* .list */ .p_)(names)} failed`);
}
function extraNames({ prepared, targets }, into = prepared) {
    const hasVariables = into.some(({ store }) => store.variablesPath !== undefined);
    const variable = hasVariables ? targets.expiresAtVariable : undefined;
    return [targets.accessTokenSecret, variable].filter((name) => name !== undefined);
}
function storedFacts({ fate, stores }) {
    if (stores === undefined)
        return [];
    const token = fate.state === 'stored' ? stores.targets.refreshTokenSecret : undefined;
    return stores.prepared.flatMap((store) => {
        const extras = fate.access === undefined ? [] : extraNames(stores, [store]);
        const names = [token, ...extras].filter((name) => name !== undefined);
        if (names.length === 0)
            return [];
        return [['Written', `${(0,_text_js__WEBPACK_IMPORTED_MODULE_2__/* .list */ .p_)(names.map((name) => `\`${name}\``))} in \`${store.label}\``]];
    });
}
function describe(failed) {
    return (0,_text_js__WEBPACK_IMPORTED_MODULE_2__/* .list */ .p_)(failed.map(({ label, name, reason }) => `\`${label}\` (${name}: ${reason})`));
}


/***/ })

};
;