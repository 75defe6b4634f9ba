"use strict";
exports.id = 201;
exports.ids = [201];
exports.modules = {

/***/ 201:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   R: () => (/* binding */ storedFacts),
/* harmony export */   a: () => (/* binding */ keep),
/* harmony export */   store: () => (/* binding */ store),
/* harmony export */   storeFailed: () => (/* binding */ storeFailed)
/* harmony export */ });
/* harmony import */ var _errors_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(595);
/* harmony import */ var _text_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(263);


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
    cancellation.onReceived(() => {
        if (handover.envelope !== null)
            delivery.showEnvelope(handover.envelope);
    });
    const failed = await delivery.step(`Store the refresh token as ${target}`, () => stores.keepToken(successor, into), (failures) => failures.length === 0
        ? `✓ Stored the refresh token as ${target} in ${(0,_text_js__WEBPACK_IMPORTED_MODULE_1__/* .list */ .p_)(into.map(({ label }) => label))}`
        : `✗ ${failures.length} of ${into.length} stores did not take the refresh token`);
    cancellation.onReceived(undefined);
    if (failed.length === 0)
        fate.become('stored');
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
    return run.delivery.step(`Store ${(0,_text_js__WEBPACK_IMPORTED_MODULE_1__/* .list */ .p_)(names)}`, () => stores.keepExtras({ accessToken: access.accessToken, expiresAt: (0,_text_js__WEBPACK_IMPORTED_MODULE_1__/* .utc */ .n$)(access.expiresAt) }), (failures) => failures.length === 0
        ? `✓ Stored ${(0,_text_js__WEBPACK_IMPORTED_MODULE_1__/* .list */ .p_)(names)}`
        : `✗ ${failures.length === 1 ? '1 write' : `${failures.length} writes`} of ${(0,_text_js__WEBPACK_IMPORTED_MODULE_1__/* .list */ .p_)(names)} failed`);
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
        return [['Written', `${(0,_text_js__WEBPACK_IMPORTED_MODULE_1__/* .list */ .p_)(names.map((name) => `\`${name}\``))} in \`${store.label}\``]];
    });
}
function describe(failed) {
    return (0,_text_js__WEBPACK_IMPORTED_MODULE_1__/* .list */ .p_)(failed.map(({ label, name, reason }) => `\`${label}\` (${name}: ${reason})`));
}


/***/ })

};
;