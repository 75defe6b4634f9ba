"use strict";
exports.id = 922;
exports.ids = [922];
exports.modules = {

/***/ 922:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   rehearseSealing: () => (/* binding */ rehearseSealing),
/* harmony export */   sealedBox: () => (/* binding */ sealedBox)
/* harmony export */ });
/* harmony import */ var node_crypto__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(598);
/* harmony import */ var node_crypto__WEBPACK_IMPORTED_MODULE_0___default = /*#__PURE__*/__webpack_require__.n(node_crypto__WEBPACK_IMPORTED_MODULE_0__);
/* harmony import */ var _noble_ciphers_salsa_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(831);
/* harmony import */ var _noble_hashes_blake2_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(67);



const KEY_BYTES = 32;
const NONCE_BYTES = 24;
function sealedBox(publicKey, text) {
    const ephemeral = (0,node_crypto__WEBPACK_IMPORTED_MODULE_0__.generateKeyPairSync)('x25519');
    const ephemeralPublic = Buffer.from(jwkX(ephemeral.publicKey), 'base64url');
    const nonce = (0,_noble_hashes_blake2_js__WEBPACK_IMPORTED_MODULE_1__/* .blake2b */ .Sx)(Buffer.concat([ephemeralPublic, publicKey]), { dkLen: NONCE_BYTES });
    const shared = (0,node_crypto__WEBPACK_IMPORTED_MODULE_0__.diffieHellman)({ privateKey: ephemeral.privateKey, publicKey: importX25519(publicKey) });
    const sealed = (0,_noble_ciphers_salsa_js__WEBPACK_IMPORTED_MODULE_2__/* .xsalsa20poly1305 */ .uT)(boxKey(shared), nonce).encrypt(Buffer.from(text, 'utf8'));
    return Buffer.concat([ephemeralPublic, sealed]).toString('base64');
}
function rehearseSealing() {
    sealedBox(Buffer.alloc(KEY_BYTES).fill(9, 0, 1), '');
}
function jwkX(key) {
    return key.export({ format: 'jwk' }).x ?? '';
}
function importX25519(raw) {
    return (0,node_crypto__WEBPACK_IMPORTED_MODULE_0__.createPublicKey)({
        key: { kty: 'OKP', crv: 'X25519', x: Buffer.from(raw).toString('base64url') },
        format: 'jwk',
    });
}
function boxKey(shared) {
    const out = new Uint32Array(KEY_BYTES / 4);
    (0,_noble_ciphers_salsa_js__WEBPACK_IMPORTED_MODULE_2__/* .hsalsa */ .bD)(SIGMA, words(shared), new Uint32Array(4), out);
    const key = Buffer.alloc(KEY_BYTES);
    out.forEach((word, index) => {
        key.writeUInt32LE(word, index * 4);
    });
    return key;
}
function words(bytes) {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    return Uint32Array.from({ length: bytes.byteLength / 4 }, (_, index) => view.getUint32(index * 4, true));
}
const SIGMA = words(Buffer.from('expand 32-byte k', 'ascii'));


/***/ })

};
;