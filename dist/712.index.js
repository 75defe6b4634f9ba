"use strict";
exports.id = 712;
exports.ids = [712];
exports.modules = {

/***/ 712:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

// ESM COMPAT FLAG
__webpack_require__.r(__webpack_exports__);

// EXPORTS
__webpack_require__.d(__webpack_exports__, {
  conclude: () => (/* binding */ conclude),
  keep: () => (/* binding */ keep),
  rehearse: () => (/* binding */ rehearse),
  spend: () => (/* binding */ spend)
});

// EXTERNAL MODULE: ./build/src/errors.js
var errors = __webpack_require__(595);
// EXTERNAL MODULE: ./build/src/http.js + 5 modules
var http = __webpack_require__(299);
// EXTERNAL MODULE: ./build/src/retry.js
var retry = __webpack_require__(996);
// EXTERNAL MODULE: ./build/src/text.js
var src_text = __webpack_require__(263);
;// CONCATENATED MODULE: ./build/src/cobo/grant.js

const LONGEST_LIFE_S = 366 * 24 * 3600;
function readGrant(text, signedAt, known) {
    const json = (0,src_text/* parseJson */.qF)(text);
    const access = readAccess(json, signedAt);
    const value = (0,src_text/* field */.ZZ)(json, 'refresh_token');
    const isNone = value === undefined || value === null || value === '' || value === known;
    const isToken = typeof value === 'string' && value.trim() !== '';
    const refreshToken = isNone || !isToken ? findRefreshToken(text, known) : value;
    const problem = isNone || isToken ? access.problem : '`refresh_token` is not a non-empty string';
    return { refreshToken, access: problem === undefined ? access.token : undefined, problem };
}
function findRefreshToken(text, known) {
    return [...text.matchAll(/"refresh_token"\s*:\s*("[^"\\]*(?:\\.[^"\\]*)*")/g)]
        .map(([, quoted = '']) => (0,src_text/* parseJson */.qF)(quoted))
        .filter((token) => typeof token === 'string')
        .filter((token) => token.trim() !== '' && token !== known)
        .at(-1);
}
function readAccess(json, signedAt) {
    if (typeof json !== 'object' || json === null || Array.isArray(json))
        return { problem: 'it is not a JSON object' };
    const accessToken = (0,src_text/* field */.ZZ)(json, 'access_token');
    const tokenType = (0,src_text/* field */.ZZ)(json, 'token_type');
    const scope = (0,src_text/* field */.ZZ)(json, 'scope') ?? '';
    const expiresIn = (0,src_text/* field */.ZZ)(json, 'expires_in');
    if (typeof accessToken !== 'string' || accessToken.trim() === '') {
        return { problem: '`access_token` is not a non-empty string' };
    }
    if (typeof tokenType !== 'string' || tokenType.toLowerCase() !== 'bearer') {
        return { problem: '`token_type` is not `Bearer`' };
    }
    if (typeof scope !== 'string')
        return { problem: '`scope` is not a string' };
    const isWhole = typeof expiresIn === 'number' && Number.isInteger(expiresIn);
    if (!isWhole || expiresIn <= 0 || expiresIn > LONGEST_LIFE_S) {
        return { problem: '`expires_in` is not a whole number of seconds above 0' };
    }
    return { token: { accessToken, tokenType, scope, expiresIn, expiresAt: signedAt + expiresIn * 1000 } };
}

;// CONCATENATED MODULE: ./build/src/cobo/operations.js
const PATH = '/oauth/token';
function refreshOrgAccessToken(basePath, clientId, refreshToken) {
    const body = JSON.stringify({
        client_id: clientId,
        grant_type: 'refresh_token',
        refresh_token: refreshToken,
    });
    return { method: 'POST', path: basePath + PATH, query: '', body };
}
function getOrgAccessToken(basePath, clientId, orgId) {
    const query = [`client_id=${escaped(clientId)}`, `org_id=${escaped(orgId)}`, 'grant_type=org_implicit'].join('&');
    return { method: 'GET', path: basePath + PATH, query, body: '' };
}
function escaped(value) {
    return encodeURIComponent(value).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
}

;// CONCATENATED MODULE: ./build/src/cobo/refusal.js



const CHECK_KEY = 'Check in Cobo Portal that the app key of this `private-key` is registered and active in the environment of `cobo-environment`, ' +
    "and that no IP allowlist blocks the runner (GitHub's hosted runners have changing addresses).";
const CHECK_CLIENT = 'Check that `client-id` belongs to the app of this `private-key`, in the environment of `cobo-environment`.';
const TRY_LATER = 'Re-run the job later.';
const TRY_LATER_WITH_ID = `${TRY_LATER} If it keeps failing, give Cobo's support the error ID.`;
const REPORT = 'This is likely a defect of the action, or a change at Cobo: please report it.';
const TOO_MANY = 'Too many requests: re-run the job later, and run it less often.';
const START_OVER = 'set `org-id` to obtain a fresh pair, or have the organization install the app again (docs/recovery.md, "Start over").';
const FIND_CAUSE = 'Check `cobo-environment`, and `response-public-key` and `api-url` if they are set. If they are right, something between the runner and Cobo changes answers: find out what';
const CHECK_CLOCK = "Check that the runner's clock is right and that no proxy changes the request. Two processes that use this `private-key` at the same time may have shared a nonce: re-run the job.";
const CHECK_ORGANIZATION = 'Check `org-id`, and that this organization has the app installed.';
const CHECK_WAY = 'Check `api-url`, and whether a proxy or firewall between the runner and Cobo refuses the request. Then re-run the job.';
const USE_ENVELOPE = 'run the workflow with the envelope as `recovery-envelope`.';
const REMEDIES = {
    '1000': TRY_LATER_WITH_ID,
    '1003': REPORT,
    '2000': TRY_LATER_WITH_ID,
    '2003': REPORT,
    '2010': TOO_MANY,
    '2021': 'Check `api-url`: it must end in `/v2`.',
    '2022': 'A header was missing when the request arrived: check that no proxy removes the `Biz-Api-*` headers.',
    '2024': CHECK_KEY,
    '2026': TOO_MANY,
    '2028': 'Check `api-url`, `client-id` and `org-id`.',
    '10000': 'The organization is read-only at the moment: ask its administrators.',
    unauthorized_client: 'The app may not use this grant, or `client-id` belongs to another app. If the ID is right, have the organization install the app again (docs/recovery.md, "Start over").',
    invalid_request: REPORT,
    invalid_scope: REPORT,
    unsupported_grant_type: 'Cobo does not offer this grant to the app. Remove `org-id`, so that only `refresh_token` is used.',
};
function refusal(answer, asked, nowMs) {
    const { status, signature, text } = answer;
    const json = (0,src_text/* parseJson */.qF)(text);
    const what = `HTTP ${status}${detailsOf(text, json)}`;
    if (signature === 'invalid')
        return untrusted(`The signature on Cobo's answer is wrong: ${what}.`);
    const signed = signature === 'valid';
    const open = status >= 500 || (!signed && status < 400);
    const subject = asked.operation === 'refresh_token' ? 'Cobo answered' : 'Cobo answered `org_implicit` with';
    const message = signed
        ? `${subject} ${what}.`
        : `Cobo's address answered ${what}. The answer is not signed, so it comes from a proxy or firewall in front of Cobo.`;
    if (status === 429 || status >= 500) {
        const afterMs = (0,retry/* retryAfterMs */.Vs)(answer.headers, nowMs);
        const again = afterMs === undefined ? {} : { afterMs };
        return failed('cobo-unavailable', message, (signed && remedyFor(json)) || TRY_LATER, { open, again });
    }
    if (!signed)
        return failed('cobo-refused', message, CHECK_WAY, { open });
    if ((0,src_text/* field */.ZZ)(json, 'error') === 'invalid_grant')
        return invalidGrant(message, what, asked);
    if (isAboutNonce(json)) {
        const again = asked.nonceRefused ? undefined : { afterMs: 0 };
        return failed('cobo-refused', message, CHECK_CLOCK, { open, again, refused: 'nonce' });
    }
    return failed('cobo-refused', message, remedyFor(json) ?? CHECK_CLIENT, { open });
}
function invalidGrant(message, what, { operation, open }) {
    if (operation === 'org_implicit')
        return failed('cobo-refused', message, CHECK_ORGANIZATION, { open: false });
    const dead = { open: false, refused: 'token' };
    const invalid = `Cobo says that the refresh token is not valid: ${what}.`;
    if (!open) {
        const remedy = `Did an earlier run end as \`sealed\`? Then ${USE_ENVELOPE} Has another run rotated the token? Then re-run the job. Otherwise ${START_OVER}`;
        return failed('token-dead', invalid, remedy, dead);
    }
    const lost = `An answer of Cobo was lost. ${invalid} The lost answer probably held the new one.`;
    return failed('answer-lost', lost, `To go on, ${START_OVER}`, dead);
}
function isAboutNonce(json) {
    const texts = ['error', 'error_description', 'error_message'].map((name) => (0,src_text/* remoteText */.SW)((0,src_text/* field */.ZZ)(json, name)));
    return (0,src_text/* remoteText */.SW)((0,src_text/* field */.ZZ)(json, 'error_code')) === '2023' || /nonce/i.test(texts.join(' '));
}
function untrusted(message) {
    return failed('answer-untrusted', message, `${FIND_CAUSE} before you re-run the job.`, { open: true });
}
function carrying(carried, why, isCutOff) {
    const [code, remedy] = isCutOff
        ? ['answer-lost', 'Check the network and the proxy of the runner.']
        : ['answer-untrusted', `${FIND_CAUSE} first.`];
    return failed(code, why, `${remedy} Then ${USE_ENVELOPE}`, { open: true, carried });
}
function noAnswer(cause, { operation }) {
    if (!cause.sent) {
        const message = `Cobo cannot be reached: ${cause.message}.`;
        const remedy = 'Check `api-url`, and the network and the proxy of the runner. Then re-run the job.';
        return failed('cobo-unavailable', message, remedy, { open: false, again: {}, unsent: true }, { cause });
    }
    const remedy = operation === 'refresh_token'
        ? `Re-run the job. If Cobo then says that the refresh token is not valid, ${START_OVER}`
        : 'Check the network and the proxy of the runner. Then re-run the job.';
    const message = cause.partial
        ? cutOff(cause)
        : `The request was sent to Cobo, but no answer arrived: ${cause.message}.`;
    return failed('answer-lost', message, remedy, { open: true, again: {} }, { cause });
}
function cutOff({ message }) {
    return `Cobo's answer did not arrive whole: ${message}.`;
}
function failed(code, message, remedy, facts, options) {
    return { error: new errors/* ActionError */.lZ(code, message, remedy, options), ...facts };
}
function detailsOf(text, json) {
    const oauth = (0,src_text/* remoteText */.SW)((0,src_text/* field */.ZZ)(json, 'error'), 60);
    if (oauth)
        return `, ${oauth}${prefixed(': ', (0,src_text/* field */.ZZ)(json, 'error_description'))}`;
    const code = (0,src_text/* remoteText */.SW)((0,src_text/* field */.ZZ)(json, 'error_code'), 20);
    const id = (0,src_text/* remoteText */.SW)((0,src_text/* field */.ZZ)(json, 'error_id'), 64);
    if (code)
        return `, error code ${code}${prefixed(': ', (0,src_text/* field */.ZZ)(json, 'error_message'))}${id && ` (error ID ${id})`}`;
    return text.startsWith('<') ? ' with a web page' : '';
}
function prefixed(prefix, remote) {
    const text = (0,src_text/* remoteText */.SW)(remote).replace(/[.\s]+$/, '');
    return text && prefix + text;
}
function remedyFor(json) {
    const code = (0,src_text/* remoteText */.SW)((0,src_text/* field */.ZZ)(json, 'error')) || (0,src_text/* remoteText */.SW)((0,src_text/* field */.ZZ)(json, 'error_code'));
    return Object.hasOwn(REMEDIES, code) ? REMEDIES[code] : undefined;
}

// EXTERNAL MODULE: external "node:crypto"
var external_node_crypto_ = __webpack_require__(598);
;// CONCATENATED MODULE: ./build/node_modules/@noble/ed25519/index.js
/*! noble-ed25519 - MIT License (c) 2019 Paul Miller (paulmillr.com) */
const freeze = Object.freeze;
const P = 0x7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffedn;
const N = 0x1000000000000000000000000000000014def9dea2f79cd65812631a5cf5d3edn;
const _d = 0x52036cee2b6ffe738cc740797779e89800700a4d4141d8ab75eb4dca135978a3n;
const Gx = 0x216936d3cd6e53fec0a4e231fdd6dc5c692cc7609525a7b2c9562d608f25d51an;
const Gy = 0x6666666666666666666666666666666666666666666666666666666666666658n;
const _a = P - 1n;
const ed25519_CURVE = freeze({
    p: P,
    n: N,
    h: 8n,
    a: _a,
    d: _d,
    Gx,
    Gy,
});
const LEN = 32;
const isBytes = (a) => {
    return (a instanceof Uint8Array ||
        (ArrayBuffer.isView(a) &&
            a.constructor.name === 'Uint8Array' &&
            a.BYTES_PER_ELEMENT === 1));
};
const abytes = (value, length, title = '') => {
    if (isBytes(value) && (length === undefined || value.length === length))
        return value;
    const bytes = isBytes(value);
    const ofLen = length !== undefined ? ` of length ${length}` : '';
    const got = bytes ? `length=${value.length}` : `type=${typeof value}`;
    const message = (title ? `"${title}" ` : '') + 'expected Uint8Array' + ofLen + ', got ' + got;
    if (!bytes)
        throw new TypeError(message);
    throw new RangeError(message);
};
const snapshotBytes = (value, title = '', length) => Uint8Array.from(abytes(value, length, title));
const padh = (n, pad) => n.toString(16).padStart(pad, '0');
const bytesToHex = (bytes) => {
    let hex = '';
    for (const byte of abytes(bytes))
        hex += padh(byte, 2);
    return hex;
};
const hexToBytes = (hex) => {
    const e = 'hex invalid';
    if (typeof hex !== 'string')
        throw new TypeError(e);
    if (hex.length % 2 || !/^[\da-f]*$/i.test(hex))
        throw new RangeError(e);
    const array = new Uint8Array(hex.length / 2);
    for (let ai = 0, hi = 0; ai < array.length; ai++, hi += 2) {
        const n1 = hex.charCodeAt(hi);
        const n2 = hex.charCodeAt(hi + 1);
        array[ai] = ((n1 & 15) + (n1 >> 6) * 9) * 16 + (n2 & 15) + (n2 >> 6) * 9;
    }
    return array;
};
const concatBytes = (...arrays) => {
    let sum = 0;
    for (const a of arrays)
        sum += abytes(a).length;
    const res = new Uint8Array(sum);
    let pad = 0;
    for (const a of arrays) {
        res.set(a, pad);
        pad += a.length;
    }
    return res;
};
const randomBytes = (len = LEN) => {
    const c = globalThis?.crypto;
    if (typeof c?.getRandomValues !== 'function')
        throw new Error('crypto.getRandomValues must be defined, consider polyfill');
    return c.getRandomValues(new Uint8Array(len));
};
const arange = (n, min, max, msg = 'bad number: out of range') => {
    if (typeof n !== 'bigint')
        throw new TypeError(msg);
    if (min <= n && n < max)
        return n;
    throw new RangeError(msg);
};
const mod = (a, b = P) => ((a %= b) >= 0n ? a : b + a);
const P_MASK = (1n << 255n) - 1n;
const modP = (num) => {
    if (num < 0n)
        throw new RangeError('negative coordinate');
    let r = (num >> 255n) * 19n + (num & P_MASK);
    r = (r >> 255n) * 19n + (r & P_MASK);
    return r % P;
};
const modN = (a) => mod(a, N);
const invert = (number, modulo) => {
    if (number === 0n)
        throw new Error('invert: expected non-zero number');
    if (modulo <= 1n)
        throw new Error('invert: expected modulus > 1, got ' + modulo);
    let a = mod(number, modulo);
    let b = modulo;
    let x = 0n, u = 1n;
    while (a !== 0n) {
        const q = b / a;
        const r = b - a * q;
        const m = x - u * q;
        b = a, a = r, x = u, u = m;
    }
    const gcd = b;
    if (gcd !== 1n)
        throw new Error('invert: does not exist');
    return mod(x, modulo);
};
const _hash = (name) => {
    const fn = hashes[name];
    if (typeof fn !== 'function')
        throw new Error('hashes.' + name + ' not set');
    return fn;
};
const callHash = (name, ...m) => abytes(_hash(name)(concatBytes(...m)), 64, 'digest');
const callHashAsync = async (name, ...m) => abytes(await _hash(name)(concatBytes(...m)), 64, 'digest');
const hash = (msg) => callHash('sha512', abytes(msg, undefined, 'message'));
const apoint = (p) => {
    if (p instanceof Point)
        return p;
    throw new TypeError('Point expected');
};
const B256 = 2n ** 256n;
class Point {
    static BASE;
    static ZERO;
    X;
    Y;
    Z;
    T;
    constructor(X, Y, Z, T) {
        const max = B256;
        this.X = arange(X, 0n, max);
        this.Y = arange(Y, 0n, max);
        this.Z = arange(Z, 1n, max);
        this.T = arange(T, 0n, max);
        freeze(this);
    }
    static CURVE() {
        return ed25519_CURVE;
    }
    static fromAffine(p) {
        return new Point(p.x, p.y, 1n, modP(p.x * p.y));
    }
    static fromBytes(bytes, zip215 = false) {
        const normed = snapshotBytes(bytes, 'point', LEN);
        const lastByte = normed[31];
        normed[31] = lastByte & ~0x80;
        const y = bytesToNumberLE(normed);
        if (!zip215)
            arange(y, 0n, P);
        const y2 = modP(y * y);
        const u = mod(y2 - 1n);
        const v = modP(_d * y2 + 1n);
        let { isValid, value: x } = uvRatio(u, v);
        if (!isValid)
            throw new Error('bad point: y not sqrt');
        const isLastByteOdd = !!(lastByte & 0x80);
        if (!zip215 && x === 0n && isLastByteOdd)
            throw new Error('bad point: x==0, isLastByteOdd');
        if (isLastByteOdd !== !!(x & 1n))
            x = mod(-x);
        return new Point(x, y, 1n, modP(x * y));
    }
    static fromHex(hex, zip215) {
        return Point.fromBytes(hexToBytes(hex), zip215);
    }
    get x() {
        return this.toAffine().x;
    }
    get y() {
        return this.toAffine().y;
    }
    assertValidity() {
        const a = _a;
        const d = _d;
        const p = this;
        if (p.is0())
            throw new Error('bad point: ZERO');
        const { X, Y, Z, T } = p;
        const X2 = modP(X * X);
        const Y2 = modP(Y * Y);
        const Z2 = modP(Z * Z);
        const Z4 = modP(Z2 * Z2);
        const aX2 = modP(X2 * a);
        const left = modP(Z2 * (aX2 + Y2));
        const right = mod(Z4 + modP(d * modP(X2 * Y2)));
        if (left !== right)
            throw new Error('bad point: equation left != right (1)');
        const XY = modP(X * Y);
        const ZT = modP(Z * T);
        if (XY !== ZT)
            throw new Error('bad point: equation left != right (2)');
        return this;
    }
    equals(other) {
        const { X: X1, Y: Y1, Z: Z1 } = this;
        const { X: X2, Y: Y2, Z: Z2 } = apoint(other);
        return modP(X1 * Z2) === modP(X2 * Z1) && modP(Y1 * Z2) === modP(Y2 * Z1);
    }
    is0() {
        return this.equals(I);
    }
    negate() {
        return new Point(mod(-this.X), this.Y, this.Z, mod(-this.T));
    }
    double() {
        const { X: X1, Y: Y1, Z: Z1 } = this;
        const a = _a;
        const A = modP(X1 * X1);
        const B = modP(Y1 * Y1);
        const C = modP(2n * Z1 * Z1);
        const D = modP(a * A);
        const x1y1 = mod(X1 + Y1);
        const E = mod(modP(x1y1 * x1y1) - A - B);
        const G = mod(D + B);
        const F = mod(G - C);
        const H = mod(D - B);
        const X3 = modP(E * F);
        const Y3 = modP(G * H);
        const T3 = modP(E * H);
        const Z3 = modP(F * G);
        return new Point(X3, Y3, Z3, T3);
    }
    add(other) {
        const { X: X1, Y: Y1, Z: Z1, T: T1 } = this;
        const { X: X2, Y: Y2, Z: Z2, T: T2 } = apoint(other);
        const a = _a;
        const d = _d;
        const A = modP(X1 * X2);
        const B = modP(Y1 * Y2);
        const C = modP(modP(T1 * d) * T2);
        const D = modP(Z1 * Z2);
        const E = mod(modP(mod(X1 + Y1) * mod(X2 + Y2)) - A - B);
        const F = mod(D - C);
        const G = mod(D + C);
        const H = mod(B - modP(a * A));
        const X3 = modP(E * F);
        const Y3 = modP(G * H);
        const T3 = modP(E * H);
        const Z3 = modP(F * G);
        return new Point(X3, Y3, Z3, T3);
    }
    subtract(other) {
        return this.add(apoint(other).negate());
    }
    multiply(n, safe = true) {
        if (!safe && n === 0n)
            return I;
        arange(n, 1n, N);
        if (!safe && this.is0())
            return I;
        if (n === 1n)
            return this;
        if (this.equals(G))
            return wNAF(n).p;
        let p = I;
        let f = G;
        let d = this;
        for (let i = 0; safe ? i < 256 : n > 0n; i++) {
            if (n & 1n)
                p = p.add(d);
            else if (safe)
                f = f.add(d);
            d = d.double();
            n >>= 1n;
        }
        return p;
    }
    multiplyUnsafe(scalar) {
        return this.multiply(scalar, false);
    }
    toAffine() {
        const { X, Y, Z } = this;
        if (this.equals(I))
            return { x: 0n, y: 1n };
        const iz = invert(Z, P);
        if (modP(Z * iz) !== 1n)
            throw new Error('invalid inverse');
        return { x: modP(X * iz), y: modP(Y * iz) };
    }
    toBytes() {
        const { x, y } = this.toAffine();
        const b = numTo32bLE(y);
        b[31] |= x & 1n ? 0x80 : 0;
        return b;
    }
    toHex() {
        return bytesToHex(this.toBytes());
    }
    clearCofactor() {
        return this.multiply(8n, false);
    }
    isSmallOrder() {
        return this.clearCofactor().is0();
    }
    isTorsionFree() {
        return this.multiply(N / 2n, false)
            .double()
            .add(this)
            .is0();
    }
}
const G = new Point(Gx, Gy, 1n, mod(Gx * Gy));
const I = new Point(0n, 1n, 1n, 0n);
Point.BASE = G;
Point.ZERO = I;
const numTo32bLE = (num) => hexToBytes(padh(arange(num, 0n, B256), 64)).reverse();
const bytesToNumberLE = (b) => BigInt('0x' + bytesToHex(Uint8Array.from(abytes(b)).reverse()));
const pow2 = (x, power) => {
    let r = x;
    while (power-- > 0) {
        r = modP(r * r);
    }
    return r;
};
const pow_2_252_3 = (x) => {
    const x2 = modP(x * x);
    const b2 = modP(x2 * x);
    const b4 = modP(pow2(b2, 2) * b2);
    const b5 = modP(pow2(b4, 1) * x);
    const b10 = modP(pow2(b5, 5) * b5);
    const b20 = modP(pow2(b10, 10) * b10);
    const b40 = modP(pow2(b20, 20) * b20);
    const b80 = modP(pow2(b40, 40) * b40);
    const b160 = modP(pow2(b80, 80) * b80);
    const b240 = modP(pow2(b160, 80) * b80);
    const b250 = modP(pow2(b240, 10) * b10);
    return modP(pow2(b250, 2) * x);
};
const RM1 = 0x2b8324804fc1df0b2b4d00993dfbd7a72f431806ad2fe478c4ee1b274a0ea0b0n;
const uvRatio = (u, v) => {
    const v3 = modP(v * modP(v * v));
    const v7 = modP(modP(v3 * v3) * v);
    const pow = pow_2_252_3(modP(u * v7));
    let x = modP(u * modP(v3 * pow));
    const vx2 = modP(v * modP(x * x));
    const root1 = x;
    const root2 = modP(x * RM1);
    const useRoot1 = vx2 === u;
    const useRoot2 = vx2 === mod(-u);
    const noRoot = vx2 === mod(-u * RM1);
    if (useRoot1)
        x = root1;
    if (useRoot2 || noRoot)
        x = root2;
    if ((mod(x) & 1n) === 1n)
        x = mod(-x);
    return { isValid: useRoot1 || useRoot2, value: x };
};
const modL_LE = (hash) => modN(bytesToNumberLE(hash));
const hashedToExtK = (hashed) => {
    const copy = snapshotBytes(hashed);
    const head = copy.slice(0, 32);
    head[0] &= 248;
    head[31] &= 127;
    head[31] |= 64;
    const prefix = copy.slice(32);
    const scalar = modL_LE(head);
    const point = G.multiply(scalar);
    const pointBytes = point.toBytes();
    return { head, prefix, scalar, point, pointBytes };
};
const getExtendedPublicKeyAsync = (secretKey) => callHashAsync('sha512Async', abytes(secretKey, LEN, 'secretKey')).then(hashedToExtK);
const getExtendedPublicKey = (secretKey) => hashedToExtK(callHash('sha512', abytes(secretKey, LEN, 'secretKey')));
const getPublicKeyAsync = (secretKey) => getExtendedPublicKeyAsync(secretKey).then((p) => p.pointBytes);
const getPublicKey = (secretKey) => getExtendedPublicKey(secretKey).pointBytes;
const hashFinishAsync = async (res) => res[1](await callHashAsync('sha512Async', res[0]));
const hashFinishSync = (res) => res[1](callHash('sha512', res[0]));
const _sign = (e, rBytes, msg) => {
    const { pointBytes: A, scalar: s } = e;
    const r = modL_LE(rBytes);
    const R = G.multiply(r).toBytes();
    const hashable = concatBytes(R, A, msg);
    const finish = (hashed) => {
        const S = modN(r + modL_LE(hashed) * s);
        return abytes(concatBytes(R, numTo32bLE(S)), 64);
    };
    return [hashable, finish];
};
const signAsync = async (message, secretKey) => {
    const m = snapshotBytes(message, 'message');
    const e = await getExtendedPublicKeyAsync(secretKey);
    return hashFinishAsync(_sign(e, await callHashAsync('sha512Async', e.prefix, m), m));
};
const sign = (message, secretKey) => {
    const m = snapshotBytes(message, 'message');
    const e = getExtendedPublicKey(secretKey);
    return hashFinishSync(_sign(e, callHash('sha512', e.prefix, m), m));
};
const getZip215 = (options) => {
    if (options === null || typeof options !== 'object')
        throw new TypeError('expected valid options object');
    return options.zip215 ?? true;
};
const _verify = (sig, msg, publicKey, options) => {
    sig = abytes(sig, 64, 'signature');
    msg = abytes(msg, undefined, 'message');
    publicKey = abytes(publicKey, LEN, 'publicKey');
    const zip215 = getZip215(options);
    const r = sig.subarray(0, LEN);
    const s = bytesToNumberLE(sig.subarray(LEN, 64));
    let A, R, SB;
    let hashable = Uint8Array.of();
    let finished = false;
    try {
        A = Point.fromBytes(publicKey, zip215);
        R = Point.fromBytes(r, zip215);
        SB = G.multiply(s, false);
        hashable = concatBytes(r, publicKey, msg);
        finished = true;
    }
    catch (error) { }
    const finish = (hashed) => {
        if (!finished)
            return false;
        if (!zip215 && A.isSmallOrder())
            return false;
        const k = modL_LE(hashed);
        const RkA = R.add(A.multiply(k, false));
        return RkA.subtract(SB).clearCofactor().is0();
    };
    return [hashable, finish];
};
const verifyAsync = async (signature, message, publicKey, opts = {}) => hashFinishAsync(_verify(signature, message, publicKey, opts));
const verify = (signature, message, publicKey, opts = {}) => hashFinishSync(_verify(signature, message, publicKey, opts));
const etc = freeze({
    bytesToHex,
    hexToBytes,
    concatBytes,
    mod,
    invert,
    randomBytes,
});
const hashes = {
    sha512Async: async (message) => {
        const s = globalThis?.crypto?.subtle;
        if (!s)
            throw new Error('crypto.subtle must be defined, consider polyfill');
        return new Uint8Array(await s.digest('SHA-512', concatBytes(message)));
    },
    sha512: undefined,
};
const randomSecretKey = (seed) => {
    return abytes(seed === undefined ? randomBytes() : seed, LEN, 'seed');
};
const keygen = (seed) => {
    const secretKey = randomSecretKey(seed);
    const publicKey = getPublicKey(secretKey);
    return { secretKey, publicKey };
};
const keygenAsync = async (seed) => {
    const secretKey = randomSecretKey(seed);
    const publicKey = await getPublicKeyAsync(secretKey);
    return { secretKey, publicKey };
};
const utils = freeze({
    getExtendedPublicKeyAsync,
    getExtendedPublicKey,
    randomSecretKey,
});
const precompute = () => {
    const points = [];
    let p = G;
    let b;
    for (let w = 0; w < 33; w++) {
        b = p;
        points.push(b);
        for (let i = 1; i < 128; i++) {
            b = b.add(p);
            points.push(b);
        }
        p = b.double();
    }
    return points;
};
let Gpows = undefined;
const ctneg = (cnd, p) => {
    const n = p.negate();
    return cnd ? n : p;
};
const wNAF = (n) => {
    const comp = Gpows || (Gpows = precompute());
    let p = I;
    let f = G;
    for (let w = 0; w < 33; w++) {
        let wbits = Number(n & 255n);
        n >>= 8n;
        if (wbits > 128) {
            wbits -= 256;
            n += 1n;
        }
        const off = w * 128;
        const offP = off + Math.abs(wbits) - 1;
        const isOddW = w % 2 !== 0;
        const isNeg = wbits < 0;
        if (wbits === 0) {
            f = f.add(ctneg(isOddW, comp[off]));
        }
        else {
            p = p.add(ctneg(isNeg, comp[offP]));
        }
    }
    if (n !== 0n)
        throw new Error('invalid wnaf');
    return { p, f };
};


;// CONCATENATED MODULE: ./build/src/cobo/signing.js


hashes.sha512 = (message) => (0,external_node_crypto_.createHash)('sha512').update(message).digest();
function canonicalString({ method, path, query, body }, nonce) {
    return [method, path, nonce, query, body].join('|');
}
function doubleSha256(...parts) {
    const hash = (0,external_node_crypto_.createHash)('sha256');
    for (const part of parts)
        hash.update(part);
    return (0,external_node_crypto_.createHash)('sha256').update(hash.digest()).digest();
}
function signedHeaders(request, keys, nonce) {
    const signature = signatureOf(doubleSha256(canonicalString(request, nonce)), keys);
    return { 'Biz-Api-Key': keys.appKey, 'Biz-Api-Nonce': nonce, 'Biz-Api-Signature': signature };
}
function rehearseSigning(keys) {
    signatureOf(doubleSha256(), keys);
}
function signatureOf(digest, { appSecret, appKey }) {
    const signature = Buffer.from(sign(digest, appSecret)).toString('hex');
    if (!verifies(digest, signature, appKey))
        throw new Error('The signature does not verify.');
    return signature;
}
function verifies(message, signature, publicKey) {
    try {
        const x = Buffer.from(publicKey, 'hex').toString('base64url');
        const key = (0,external_node_crypto_.createPublicKey)({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
        return (0,external_node_crypto_.verify)(null, message, key, Buffer.from(signature, 'hex'));
    }
    catch {
        return false;
    }
}

;// CONCATENATED MODULE: ./build/src/cobo/verification.js


const MAX_ANSWER_BYTES = 128 * 1024;
async function verifyAnswer(answer, responseKey) {
    const { status, headers, body } = answer;
    const timestamps = valuesOf(headers, 'biz-timestamp');
    const signatures = valuesOf(headers, 'biz-resp-signature');
    const [timestamp = '', signature = ''] = [timestamps[0], signatures[0]];
    const decoded = await decode(answer);
    const wellFormed = timestamps.length === 1 && signatures.length === 1 && (0,src_text/* isHex */.qv)(signature, 128);
    const signed = (bytes) => verifies(doubleSha256(bytes, '|', timestamp), signature, responseKey);
    const valid = wellFormed && (signed(body) || (decoded !== body && signed(decoded)));
    return {
        status,
        headers,
        text: decoded.toString('utf8').trim(),
        signature: valid ? 'valid' : timestamps.length + signatures.length === 0 ? 'missing' : 'invalid',
        signedAt: milliseconds(timestamp),
    };
}
function valuesOf(headers, name) {
    const values = [headers[name], headers[name.replaceAll('-', '_')]].join(',').toLowerCase().split(',');
    return [...new Set(values.map((value) => value.trim()))].filter((value) => value !== '');
}
function milliseconds(timestamp) {
    if (!/^\d{1,15}$/.test(timestamp))
        return Number.NaN;
    return Number(timestamp) < 1e11 ? Number(timestamp) * 1000 : Number(timestamp);
}
async function decode({ headers, body }) {
    const coding = valuesOf(headers, 'content-encoding').join();
    const isPlain = /^\s*\{/.test(body.toString('utf8'));
    if (isPlain || !/^(br|deflate|(x-)?gzip)$/.test(coding))
        return body;
    const zlib = process.getBuiltinModule('node:zlib');
    const decoders = coding === 'br' ? [zlib.createBrotliDecompress] : [zlib.createUnzip, zlib.createInflateRaw];
    for (const decoder of decoders) {
        const decoded = await readAll(decoder(), body);
        if (decoded.length > 0)
            return decoded;
    }
    return body;
}
async function readAll(decoder, body) {
    const chunks = [];
    let size = 0;
    try {
        decoder.end(body);
        for await (const chunk of decoder) {
            chunks.push(Buffer.from(chunk));
            size += chunk.length;
            if (size >= MAX_ANSWER_BYTES)
                break;
        }
    }
    catch {
    }
    return Buffer.concat(chunks).subarray(0, MAX_ANSWER_BYTES);
}

;// CONCATENATED MODULE: ./build/src/cobo/exchange.js









const LONGEST_WAIT_MS = 5 * 60_000;
const LONGEST_DELAY_MS = 10 * 60_000;
async function exchange(access, refreshToken, orgId, doubtful = false) {
    const { log, clientId, stop } = access;
    const basePath = new URL(access.apiUrl).pathname.replace(/\/$/, '');
    let refreshed;
    if (refreshToken !== undefined) {
        const operation = refreshOrgAccessToken(basePath, clientId, refreshToken);
        refreshed = await attempts(access, 'refresh_token', operation, refreshToken, doubtful);
        if (refreshed.grant)
            return { grant: refreshed.grant, healed: false };
        const { failed, open } = refreshed;
        const dead = failed?.refused === 'token';
        const lost = open && failed?.again !== undefined;
        if (orgId === undefined || stop.aborted || !(dead || lost))
            return failureOf(refreshed, stop);
        const why = dead ? 'Cobo says that the refresh token is not valid' : "Cobo's answer was lost";
        log.info(`${why}: requesting a fresh pair with org_implicit.`);
    }
    const operation = getOrgAccessToken(basePath, clientId, orgId ?? '');
    const healed = await attempts(access, 'org_implicit', operation, refreshToken, false);
    if (healed.grant)
        return { grant: complete(healed.grant), healed: true };
    if (refreshed && isStopped(healed, stop))
        return failureOf(refreshed, stop);
    return failureOf({ ...healed, open: refreshed?.open ?? doubtful }, stop);
}
function complete(grant) {
    if (grant.refreshToken !== undefined || grant.problem !== undefined)
        return grant;
    return { ...grant, access: undefined, problem: '`refresh_token` is missing' };
}
function isStopped({ failed }, stop) {
    return stop.aborted && (failed === undefined || failed.again !== undefined);
}
function failureOf(made, stop) {
    const { failed, open } = made;
    const token = open ? 'unknown' : 'unspent';
    if (failed === undefined || (isStopped(made, stop) && !open)) {
        const message = `The run was cancelled before the refresh token was used${open ? ' again' : ''}.`;
        return { failure: new errors/* ActionError */.lZ('cancelled', message, 'Re-run the job.'), token };
    }
    const { error, carried } = failed;
    if (carried !== undefined)
        return { failure: error, token: 'sealed', carried };
    return { failure: error, token };
}
async function attempts(access, operation, signable, known, open) {
    const { stop, clock, log } = access;
    const made = { operation, known, open, nonceRefused: false };
    async function next() {
        if (stop.aborted)
            return;
        const result = await attempt(access, made, signable);
        if (!('error' in result)) {
            made.grant = result;
            return;
        }
        if (result.unsent && stop.aborted)
            return;
        made.failed = result;
        made.open ||= result.open;
        made.nonceRefused ||= result.refused === 'nonce';
        throw result.error;
    }
    const isOurs = (error) => error === made.failed?.error;
    await (0,retry/* retry */.L5)(next, {
        maxAttempts: access.maxAttempts,
        clock,
        signal: stop,
        tryAgain(error) {
            const again = isOurs(error) ? made.failed?.again : undefined;
            return (again?.afterMs ?? 0) > LONGEST_WAIT_MS ? undefined : again;
        },
        onRetry(_error, waitMs, number) {
            const when = waitMs === 0 ? 'at once' : `in ${(0,src_text/* duration */.p0)(waitMs)}`;
            log.info(`Attempt ${number} at Cobo failed. ${made.failed?.error.message} Trying again ${when}.`);
        },
    }).catch((error) => {
        if (!isOurs(error))
            throw error;
    });
    return made;
}
async function attempt(access, asked, signable) {
    const { method, path, query, body } = signable;
    const nonce = freshNonce(access.clock.now());
    const url = new URL(access.apiUrl);
    url.pathname = path;
    url.search = query;
    const headers = {
        Accept: 'application/json',
        'Accept-Encoding': 'identity',
        'Cache-Control': 'no-store',
        'User-Agent': 'cobo-refresh-action',
        ...signedHeaders(signable, access.keys, String(nonce)),
        ...(body ? { 'Content-Type': 'application/json' } : {}),
    };
    const options = { maxBytes: MAX_ANSWER_BYTES, unsentSignal: access.stop, newConnection: true };
    try {
        const request = { method, url, headers, ...(body ? { body } : {}) };
        const answer = await access.http.send(request, { ...access.httpOptions, ...options });
        return await judge(access, asked, nonce, answer);
    }
    catch (error) {
        if (error instanceof errors/* ActionError */.lZ)
            return { error, open: false };
        if (!(error instanceof http/* TransportError */.w))
            throw error;
        const { partial } = error;
        return partial ? judge(access, asked, nonce, partial, error) : noAnswer(error, asked);
    }
}
async function judge(access, asked, nonce, answer, cut) {
    const verified = await verifyAnswer(answer, access.responseKey);
    const { status, signature, signedAt, text } = verified;
    const { known } = asked;
    const isCutOff = cut !== undefined && signature !== 'valid';
    const isSuccess = status >= 200 && status <= 299;
    const doubt = isCutOff ? cutOff(cut) : isSuccess ? doubtAbout(verified, nonce) : undefined;
    if (isSuccess && doubt === undefined)
        return readGrant(text, signedAt, known);
    const carried = findRefreshToken(text, known);
    if (carried !== undefined) {
        const why = doubt ?? `Cobo's address answered HTTP ${status} with a refresh token in it.`;
        return carrying(carried, why, isCutOff);
    }
    const isRefusedInFront = signature === 'missing' && status >= 400 && status < 500;
    if (isCutOff && !isRefusedInFront)
        return noAnswer(cut, asked);
    if (isSuccess && doubt !== undefined)
        return untrusted(doubt);
    const clean = { ...verified, text: (0,src_text/* redact */.E$)(text, known ? [known] : []) };
    return refusal(clean, asked, access.clock.now());
}
function doubtAbout({ signature, signedAt }, nonce) {
    if (signature === 'missing')
        return "Cobo's answer is not signed.";
    if (signature === 'invalid')
        return "The signature on Cobo's answer is wrong for the key of this environment.";
    if (Math.abs(signedAt - nonce) <= LONGEST_DELAY_MS)
        return undefined;
    return `Cobo's answer was signed at ${(0,src_text/* utc */.n$)(signedAt)}, more than ten minutes from the time of the request (${(0,src_text/* utc */.n$)(nonce)}). Is the runner's clock right?`;
}
let lastNonce = 0;
function freshNonce(nowMs) {
    lastNonce = Math.max(nowMs, lastNonce + 1);
    return lastNonce;
}

// EXTERNAL MODULE: ./build/src/recovery.js
var recovery = __webpack_require__(307);
// EXTERNAL MODULE: ./build/src/run.js
var src_run = __webpack_require__(615);
// EXTERNAL MODULE: ./build/src/step.js + 7 modules
var step = __webpack_require__(432);
;// CONCATENATED MODULE: ./build/src/keep.js







async function spend(run, token) {
    const { cancellation, delivery, fate, inputs } = run;
    const begun = fate.state === 'unknown' && token !== undefined;
    fate.become('unknown');
    delivery.endure();
    const access = {
        ...(0,src_run/* network */.Nm)(run),
        apiUrl: inputs.cobo.apiUrl,
        responseKey: inputs.cobo.responseKey,
        keys: inputs.keys,
        clientId: inputs.clientId,
        stop: cancellation.stop,
    };
    const { grant } = await delivery.step(async () => read(run, token, await exchange(access, token, inputs.orgId, begun)), lineOf);
    await keep(run, grant);
    await conclude(run, storedFacts(run));
}
function rehearse(run) {
    rehearseSigning(run.inputs.keys);
    envelopeOf(run, '');
}
function envelopeOf({ inputs, stores }, refreshToken) {
    const sealed = { refreshToken, lookedAt: stores?.lookedAt };
    return (0,recovery/* sealEnvelope */.i)(sealed, inputs.keys.appSecret, inputs.clientId);
}
function read(run, token, outcome) {
    const { fate, inputs, masks, stores } = run;
    const seal = (successor, trusted) => {
        fate.seal(successor, envelopeOf(run, successor), trusted);
        masks.add(successor);
    };
    if ('failure' in outcome) {
        if (outcome.token === 'sealed')
            seal(outcome.carried, false);
        else if (outcome.token === 'unspent')
            fate.become('unspent');
        throw explain(run, outcome);
    }
    const { refreshToken, access, problem } = outcome.grant;
    if (refreshToken !== undefined)
        seal(refreshToken, true);
    else if (problem === undefined) {
        fate.become('kept');
        const isInNoStore = inputs.recoveryEnvelope !== undefined && stores?.targets.refreshTokenSecret !== undefined;
        if (isInNoStore && token !== undefined)
            seal(token, true);
    }
    if (access !== undefined)
        masks.add(access.accessToken);
    fate.access = access;
    return outcome;
}
function explain(run, { failure, token }) {
    const { delivery, doubt, stores } = run;
    if (doubt !== undefined && failure.code !== 'cancelled') {
        const message = `${doubt.message} A fresh pair could not be obtained: ${failure.message}`;
        return new errors/* ActionError */.lZ(doubt.code, message, doubt.remedy, { cause: failure });
    }
    const isTriedAgain = !delivery.isPost && stores?.targets.refreshTokenSecret !== undefined;
    if (token !== 'unknown' || !isTriedAgain)
        return failure;
    const { remedy: last } = failure;
    const remedy = `The post step of this job tries again with the same token. If that fails too, ${last.charAt(0).toLowerCase()}${last.slice(1)}`;
    return new errors/* ActionError */.lZ(failure.code, failure.message, remedy, { cause: failure });
}
function lineOf({ grant: { access }, healed }) {
    const how = healed ? '✓ Obtained a fresh pair with org_implicit' : '✓ Refreshed';
    return access === undefined ? how : `${how}: the access token is valid until ${(0,src_text/* utc */.n$)(access.expiresAt)}`;
}
async function keep(run, { problem, access }, into) {
    const { delivery, fate, stores } = run;
    const target = stores?.targets.refreshTokenSecret;
    const { successor } = fate;
    const storing = stores !== undefined && target !== undefined && successor !== undefined;
    const failed = storing ? await storeToken(run, stores, target, successor, into) : [];
    if (successor !== undefined && target === undefined)
        handOut(run, successor);
    const extras = stores !== undefined && access !== undefined ? await storeExtras(run, stores, access) : [];
    if (failed.length > 0)
        throw storeFailed(run, failed);
    if (problem !== undefined) {
        throw new errors/* ActionError */.lZ('answer-malformed', `Cobo's answer is signed but malformed: ${problem}.`, 'No access token was handed out. Report the problem to Cobo, and to this action.');
    }
    if (extras.length > 0) {
        throw new errors/* ActionError */.lZ('extra-failed', `After the refresh, not everything could be stored: ${describe(extras)}.`, `Check the permissions of \`github-token\` before the next run.${delivery.isPost ? '' : ' The access token is in the outputs of this step.'}`);
    }
}
async function storeToken(run, stores, target, successor, into = stores.prepared) {
    const { cancellation, delivery, fate, recording } = run;
    if (into.length === 0) {
        fate.become('stored');
        return [];
    }
    const showEnvelope = () => delivery.showEnvelope(fate.left.envelope ?? '');
    const { stop } = cancellation;
    if (stop.aborted)
        showEnvelope();
    else
        stop.addEventListener('abort', showEnvelope);
    const failed = await delivery.step(() => stores.keepToken(successor, into), ({ length }) => length === 0
        ? `✓ Stored the refresh token as ${target} in ${(0,src_text/* list */.p_)(into.map(({ label }) => label))}`
        : `✗ ${length} of ${into.length} stores did not take the refresh token`);
    stop.removeEventListener('abort', showEnvelope);
    if (failed.length === 0)
        fate.become('stored');
    else {
        const refusing = failed.filter(({ refused }) => refused).map(({ label }) => label);
        for (const one of recording?.stores ?? [])
            one.refused = refusing.includes(one.label);
        (0,src_run/* leaveBehind */.kh)(run);
    }
    return failed;
}
function storeFailed({ delivery, stores }, failed) {
    const others = (stores?.labels.length ?? 0) - failed.length;
    const rest = others > 0 ? ` ${others === 1 ? 'One other store holds' : `${others} other stores hold`} it.` : '';
    return new errors/* ActionError */.lZ('store-failed', `The new refresh token could not be stored in ${describe(failed)}.${rest}`, `${delivery.isPost ? 'Start' : 'The post step of this job tries again. If that fails too, start'} a run with the envelope as the input \`recovery-envelope\` (docs/recovery.md).`);
}
function handOut({ delivery, fate }, successor) {
    if (!delivery.handOut(successor)) {
        throw new errors/* ActionError */.lZ('runner-files', 'The output `refresh-token` could not be written.', 'Check the disk of the runner. Start a run with the envelope as the input `recovery-envelope` (docs/recovery.md).');
    }
    fate.become('delivered');
}
async function storeExtras(run, stores, access) {
    const names = extraNames(stores, stores.prepared);
    if (names.length === 0)
        return [];
    return run.delivery.step(() => stores.keepExtras(access.accessToken, (0,src_text/* utc */.n$)(access.expiresAt)), (failures) => failures.length === 0
        ? `✓ Stored ${(0,src_text/* list */.p_)(names)}`
        : `✗ ${failures.length === 1 ? '1 write' : `${failures.length} writes`} of ${(0,src_text/* list */.p_)(names)} failed`);
}
function extraNames({ targets }, into) {
    const hasVariables = into.some(({ store }) => store.variablesPath !== undefined);
    const variable = hasVariables ? targets.expiresAtVariable : undefined;
    return [targets.accessTokenSecret, variable].filter((name) => name !== undefined);
}
function storedFacts({ fate, stores }) {
    const token = fate.state === 'stored' ? stores?.targets.refreshTokenSecret : undefined;
    return (stores?.prepared ?? []).flatMap((store) => {
        const extras = fate.access === undefined || stores === undefined ? [] : extraNames(stores, [store]);
        const names = [token, ...extras].filter((name) => name !== undefined);
        if (names.length === 0)
            return [];
        return [['Written', `${(0,src_text/* list */.p_)(names.map((name) => `\`${name}\``))} in \`${store.label}\``]];
    });
}
function describe(failed) {
    return (0,src_text/* list */.p_)(failed.map(({ label, name, reason }) => `\`${label}\` (${name}: ${reason})`));
}
async function conclude(run, facts = []) {
    const { cancellation, delivery, fate, held, inputs, recording, stores } = run;
    if (!fate.keepsRecord)
        await (0,step/* removeRecords */.DR)(run);
    delivery.succeeded({ state: fate.state, access: fate.access, facts });
    if (fate.state !== 'stored' || cancellation.received !== undefined)
        return;
    await stores?.sweep([held?.refreshToken, inputs.refreshToken], recording?.lookedAt ?? 0);
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
            return await attempt();
        }
        catch (error) {
            const again = number < policy.maxAttempts ? policy.tryAgain(error) : undefined;
            if (again === undefined || policy.signal?.aborted)
                throw error;
            const waitMs = again.afterMs ?? backoff(number, policy.clock);
            policy.onRetry(error, waitMs, number);
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
    const date = /^[A-Z][a-z]+, .* GMT$/.test(text) ? Date.parse(text) : Number.NaN;
    return Number.isNaN(date) ? undefined : Math.max(0, date - serverNow(headers, nowMs));
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