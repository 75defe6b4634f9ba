"use strict";
exports.id = 922;
exports.ids = [922];
exports.modules = {

/***/ 922:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

__webpack_require__.r(__webpack_exports__);
/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   rehearseSealing: () => (/* binding */ rehearseSealing),
/* harmony export */   sealedBox: () => (/* binding */ sealedBox)
/* harmony export */ });
/* harmony import */ var node_crypto__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(598);
/* harmony import */ var node_crypto__WEBPACK_IMPORTED_MODULE_0___default = /*#__PURE__*/__webpack_require__.n(node_crypto__WEBPACK_IMPORTED_MODULE_0__);
/* harmony import */ var _noble_ciphers_salsa_js__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(601);
/* harmony import */ var _noble_ciphers_utils_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(762);
/* harmony import */ var _noble_hashes_blake2_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(67);




const SIGMA = (0,_noble_ciphers_utils_js__WEBPACK_IMPORTED_MODULE_1__/* .u32 */ .DH)(Uint8Array.from(Buffer.from('expand 32-byte k', 'ascii')));
function sealedBox(publicKey, text) {
    const ephemeral = (0,node_crypto__WEBPACK_IMPORTED_MODULE_0__.generateKeyPairSync)('x25519');
    const ephemeralPublic = Buffer.from(ephemeral.publicKey.export({ format: 'jwk' }).x ?? '', 'base64url');
    const nonce = (0,_noble_hashes_blake2_js__WEBPACK_IMPORTED_MODULE_2__/* .blake2b */ .Sx)(Buffer.concat([ephemeralPublic, publicKey]), { dkLen: 24 });
    const jwk = { kty: 'OKP', crv: 'X25519', x: Buffer.from(publicKey).toString('base64url') };
    const shared = (0,node_crypto__WEBPACK_IMPORTED_MODULE_0__.diffieHellman)({
        privateKey: ephemeral.privateKey,
        publicKey: (0,node_crypto__WEBPACK_IMPORTED_MODULE_0__.createPublicKey)({ key: jwk, format: 'jwk' }),
    });
    const key = new Uint32Array(8);
    (0,_noble_ciphers_salsa_js__WEBPACK_IMPORTED_MODULE_3__/* .hsalsa */ .bD)(SIGMA, (0,_noble_ciphers_utils_js__WEBPACK_IMPORTED_MODULE_1__/* .u32 */ .DH)(Uint8Array.from(shared)), new Uint32Array(4), key);
    const sealed = (0,_noble_ciphers_salsa_js__WEBPACK_IMPORTED_MODULE_3__/* .xsalsa20poly1305 */ .uT)((0,_noble_ciphers_utils_js__WEBPACK_IMPORTED_MODULE_1__.u8)(key), nonce).encrypt(Buffer.from(text, 'utf8'));
    return Buffer.concat([ephemeralPublic, sealed]).toString('base64');
}
function rehearseSealing() {
    sealedBox(Buffer.alloc(32).fill(9, 0, 1), '');
}


/***/ })

};
;