"use strict";
exports.id = 841;
exports.ids = [841];
exports.modules = {

/***/ 841:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   HF: () => (/* binding */ signedHeaders),
/* harmony export */   T: () => (/* binding */ doubleSha256),
/* harmony export */   rehearseSigning: () => (/* binding */ rehearseSigning),
/* harmony export */   s1: () => (/* binding */ verifies)
/* harmony export */ });
/* unused harmony export canonicalString */
/* harmony import */ var node_crypto__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(598);
/* harmony import */ var node_crypto__WEBPACK_IMPORTED_MODULE_0___default = /*#__PURE__*/__webpack_require__.n(node_crypto__WEBPACK_IMPORTED_MODULE_0__);
/* harmony import */ var _noble_ed25519__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(802);


_noble_ed25519__WEBPACK_IMPORTED_MODULE_1__/* .hashes */ .RY.sha512 = (message) => (0,node_crypto__WEBPACK_IMPORTED_MODULE_0__.createHash)('sha512').update(message).digest();
function canonicalString({ method, path, query, body }, nonce) {
    return [method, path, nonce, query, body].join('|');
}
function doubleSha256(...parts) {
    const hash = (0,node_crypto__WEBPACK_IMPORTED_MODULE_0__.createHash)('sha256');
    for (const part of parts)
        hash.update(part);
    return (0,node_crypto__WEBPACK_IMPORTED_MODULE_0__.createHash)('sha256').update(hash.digest()).digest();
}
function signedHeaders(request, keys, nonce) {
    const digest = doubleSha256(canonicalString(request, nonce));
    const signature = Buffer.from((0,_noble_ed25519__WEBPACK_IMPORTED_MODULE_1__/* .sign */ ._S)(digest, keys.appSecret)).toString('hex');
    if (!verifies(digest, signature, keys.appKey))
        throw new Error('The signature does not verify.');
    return { 'Biz-Api-Key': keys.appKey, 'Biz-Api-Nonce': nonce, 'Biz-Api-Signature': signature };
}
function rehearseSigning(keys) {
    signedHeaders({ method: '', path: '', query: '', body: '' }, keys, '0');
}
function verifies(message, signature, publicKey) {
    try {
        const x = Buffer.from(publicKey, 'hex').toString('base64url');
        const key = (0,node_crypto__WEBPACK_IMPORTED_MODULE_0__.createPublicKey)({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
        return (0,node_crypto__WEBPACK_IMPORTED_MODULE_0__.verify)(null, message, key, Buffer.from(signature, 'hex'));
    }
    catch {
        return false;
    }
}


/***/ })

};
;