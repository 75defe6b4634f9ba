"use strict";
exports.id = 253;
exports.ids = [253];
exports.modules = {

/***/ 253:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

// ESM COMPAT FLAG
__webpack_require__.r(__webpack_exports__);

// EXPORTS
__webpack_require__.d(__webpack_exports__, {
  conclude: () => (/* binding */ conclude),
  keep: () => (/* binding */ keep),
  obtain: () => (/* binding */ obtain),
  rehearse: () => (/* binding */ rehearse)
});

// EXTERNAL MODULE: ./build/src/errors.js
var errors = __webpack_require__(595);
// EXTERNAL MODULE: ./build/src/http.js + 1 modules
var http = __webpack_require__(886);
// EXTERNAL MODULE: ./build/src/retry.js
var retry = __webpack_require__(996);
// EXTERNAL MODULE: ./build/src/text.js
var src_text = __webpack_require__(263);
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
function canonicalString({ method, url, body = '' }, nonce) {
    return [method, url.pathname, nonce, url.search.slice(1), body].join('|');
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

;// CONCATENATED MODULE: ./build/src/cobo/answer.js


const MAX_ANSWER_BYTES = 128 * 1024;
const LONGEST_LIFE_S = 366 * 24 * 3600;
function verifyAnswer({ status, headers, body }, responseKey) {
    const timestamps = valuesOf(headers, 'biz-timestamp');
    const signatures = valuesOf(headers, 'biz-resp-signature');
    const [[timestamp = ''], [signature = '']] = [timestamps, signatures];
    const decoded = decode(valuesOf(headers, 'content-encoding').join(), body);
    const isSigned = (bytes) => verifies(doubleSha256(bytes, '|', timestamp), signature, responseKey);
    const isWhole = timestamps.length === 1 && signatures.length === 1 && (0,src_text/* isHex */.qv)(signature, 128);
    const isThere = timestamps.length + signatures.length > 0;
    const otherwise = isThere ? 'invalid' : 'missing';
    return {
        status,
        headers,
        text: decoded.toString('utf8').trim(),
        signature: isWhole && [body, decoded].some(isSigned) ? 'valid' : otherwise,
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
function decode(named, body) {
    const coding = named === '' && body[0] === 0x1f && body[1] === 0x8b ? 'gzip' : named;
    const isPlain = /^\s*\{\s*["}]/.test(body.toString('utf8'));
    if (isPlain || !/^(br|deflate|(x-)?gzip)$/.test(coding))
        return body;
    const zlib = process.getBuiltinModule('node:zlib');
    const { Z_SYNC_FLUSH, BROTLI_OPERATION_FLUSH } = zlib.constants;
    const decoders = coding === 'br' ? [zlib.brotliDecompressSync] : [zlib.unzipSync, zlib.inflateRawSync];
    const finishFlush = coding === 'br' ? BROTLI_OPERATION_FLUSH : Z_SYNC_FLUSH;
    const attempts = decoders.map((decoder) => (length) => {
        try {
            return decoder(body.subarray(0, length), { finishFlush, maxOutputLength: MAX_ANSWER_BYTES });
        }
        catch {
            return undefined;
        }
    });
    for (const attempt of attempts) {
        const whole = attempt(body.length);
        if (whole !== undefined)
            return whole;
    }
    const holdsToken = (part) => findRefreshToken(part.toString('utf8'), undefined) !== undefined;
    return attempts.map(longestPart).find(holdsToken) ?? body;
}
function longestPart(attempt) {
    let part = Buffer.alloc(0);
    let length = 0;
    for (let step = MAX_ANSWER_BYTES; step >= 1; step /= 2) {
        const more = attempt(length + step);
        if (more === undefined)
            continue;
        part = more;
        length += step;
    }
    return part;
}
function readGrant(text, signedAt, known, isFresh) {
    const json = (0,src_text/* parseJson */.qF)(text);
    const value = (0,src_text/* field */.ZZ)(json, 'refresh_token') ?? '';
    const refreshToken = isToken(value) && value !== known ? value : findRefreshToken(text, known);
    const malformed = (problem) => ({ refreshToken, access: undefined, problem });
    if (value !== '' && !isToken(value))
        return malformed('`refresh_token` is not a non-empty string');
    const access = readAccess(json, signedAt);
    if (typeof access === 'string')
        return malformed(access);
    if (isFresh && refreshToken === undefined)
        return malformed('`refresh_token` is missing');
    return { refreshToken, access, problem: undefined };
}
function findRefreshToken(text, known) {
    return [...text.matchAll(/"refresh_token"\s*:\s*("[^"\\]*(?:\\.[^"\\]*)*")/g)]
        .map(([, quoted = '']) => (0,src_text/* parseJson */.qF)(quoted))
        .filter(isToken)
        .findLast((token) => token !== known);
}
function readAccess(json, signedAt) {
    if (typeof json !== 'object' || json === null || Array.isArray(json))
        return 'it is not a JSON object';
    const accessToken = (0,src_text/* field */.ZZ)(json, 'access_token');
    const tokenType = (0,src_text/* field */.ZZ)(json, 'token_type');
    const scope = (0,src_text/* field */.ZZ)(json, 'scope') ?? '';
    const expiresIn = (0,src_text/* field */.ZZ)(json, 'expires_in');
    if (!isToken(accessToken))
        return '`access_token` is not a non-empty string';
    if (typeof tokenType !== 'string' || tokenType.toLowerCase() !== 'bearer')
        return '`token_type` is not `Bearer`';
    if (typeof scope !== 'string')
        return '`scope` is not a string';
    if (typeof expiresIn !== 'number' || !Number.isInteger(expiresIn) || expiresIn <= 0 || expiresIn > LONGEST_LIFE_S) {
        return '`expires_in` is not a whole number of seconds above 0';
    }
    return { accessToken, tokenType, scope, expiresIn, expiresAt: signedAt + expiresIn * 1000 };
}
function isToken(value) {
    return typeof value === 'string' && value.trim() !== '';
}

// EXTERNAL MODULE: ./build/src/cobo/api.js
var api = __webpack_require__(678);
;// CONCATENATED MODULE: ./build/src/cobo/failure.js



const TRY_LATER = 'Re-run the job later.';
const INSTALL_AGAIN = 'have the organization install the app again (docs/recovery.md, "Start over").';
const START_OVER = `set \`org-id\` to obtain a fresh pair, or ${INSTALL_AGAIN}`;
const FIND_CAUSE = 'Check `cobo-environment`, and `response-public-key` and `api-url` if they are set. If they are right, something between the runner and Cobo changes answers: find out what';
const USE_ENVELOPE = 'Then run the workflow with the envelope as `recovery-envelope`.';
const LOOK_FOR_ENVELOPE = 'Look at this job and at earlier runs: if one shows a recovery envelope, start a run with it as the input `recovery-envelope`.';
const CHECK_CLOCK = "Check that the runner's clock is right and that no proxy changes the request. Two processes that use this `private-key` at the same time may have shared a nonce: re-run the job.";
const CHECK_WAY = 'Check `api-url`, and whether a proxy or firewall between the runner and Cobo refuses the request. Then re-run the job.';
const CHECK_CLIENT = 'Check that `client-id` belongs to the app of this `private-key`, in the environment of `cobo-environment`.';
const REMEDIES = Object.entries({
    '1000 2000': `${TRY_LATER} If it keeps failing, give Cobo's support the error ID.`,
    '1003 2003 invalid_request invalid_scope': 'This is likely a defect of the action, or a change at Cobo: please report it.',
    '2010 2026': 'Too many requests: re-run the job later, and run it less often.',
    '2021': 'Check `api-url`: it must end in `/v2`.',
    '2022': 'A header was missing when the request arrived: check that no proxy removes the `Biz-Api-*` headers.',
    '2024': "Check in Cobo Portal that the app key of this `private-key` is registered and active in the environment of `cobo-environment`, and that no IP allowlist blocks the runner (GitHub's hosted runners have changing addresses).",
    '2028': 'Check `api-url`, `client-id` and `org-id`.',
    '10000': 'The organization is read-only at the moment: ask its administrators.',
    unauthorized_client: `The app may not use this grant, or \`client-id\` belongs to another app. If the ID is right, ${INSTALL_AGAIN}`,
    unsupported_grant_type: `Cobo does not offer this grant to the app. If the refresh token still works, remove \`org-id\`. Otherwise ${INSTALL_AGAIN}`,
});
function refusal({ status, headers, signature, text }, asked, nowMs) {
    const json = (0,src_text/* parseJson */.qF)(text);
    const what = `HTTP ${status}${detailsOf(text, json, asked)}`;
    if (signature === 'invalid')
        return untrusted(`The signature on Cobo's answer is wrong: ${what}.`);
    const signed = signature === 'valid';
    const open = status >= 500 || (!signed && status < 400);
    const subject = asked.operation === 'refresh_token' ? 'Cobo answered' : 'Cobo answered `org_implicit` with';
    const message = signed
        ? `${subject} ${what}.`
        : `Cobo's address answered ${what}. The answer is not signed, so it comes from a proxy or firewall in front of Cobo.`;
    if (status === 429 || status >= 500) {
        const afterMs = (0,retry/* retryAfterMs */.Vs)(headers, nowMs);
        const remedy = (signed && remedyFor(json)) || TRY_LATER;
        const again = afterMs === undefined ? {} : { afterMs };
        return { error: new errors/* ActionError */.lZ('cobo-unavailable', message, remedy), open, again };
    }
    if (signed && (0,src_text/* field */.ZZ)(json, 'error') === 'invalid_grant')
        return invalidGrant(message, what, asked);
    if (signed && isAboutNonce(json)) {
        const again = asked.nonceRefused ? undefined : { afterMs: 0 };
        return { error: new errors/* ActionError */.lZ('cobo-refused', message, CHECK_CLOCK), open, again, refused: 'nonce' };
    }
    const remedy = signed ? (remedyFor(json) ?? CHECK_CLIENT) : CHECK_WAY;
    return { error: new errors/* ActionError */.lZ('cobo-refused', message, remedy), open };
}
function invalidGrant(message, what, { operation, open }) {
    if (operation === 'org_implicit') {
        const remedy = 'Check `org-id`, and that this organization has the app installed.';
        return { error: new errors/* ActionError */.lZ('cobo-refused', message, remedy), open: false };
    }
    const dead = `Cobo says that the refresh token is not valid: ${what}.`;
    if (open) {
        const lost = `An answer of Cobo was lost. ${dead} The lost answer probably held the new one.`;
        return {
            error: new errors/* ActionError */.lZ('answer-lost', lost, `${LOOK_FOR_ENVELOPE} Otherwise ${START_OVER}`),
            open: false,
            refused: 'token',
        };
    }
    const remedy = `${LOOK_FOR_ENVELOPE} If another run has rotated the token since, re-run the job. Otherwise ${START_OVER}`;
    return { error: new errors/* ActionError */.lZ('token-dead', dead, remedy), open: false, refused: 'token' };
}
function isAboutNonce(json) {
    const texts = ['error', 'error_description', 'error_message'].map((name) => (0,src_text/* remoteText */.SW)((0,src_text/* field */.ZZ)(json, name)));
    return (0,src_text/* remoteText */.SW)((0,src_text/* field */.ZZ)(json, 'error_code')) === '2023' || /nonce/i.test(texts.join(' '));
}
function untrusted(why) {
    return { error: new errors/* ActionError */.lZ('answer-untrusted', why, `${FIND_CAUSE} before you re-run the job.`), open: true };
}
function carrying(why, isCutOff) {
    return isCutOff
        ? new errors/* ActionError */.lZ('answer-lost', why, `Check the network and the proxy of the runner. ${USE_ENVELOPE}`)
        : new errors/* ActionError */.lZ('answer-untrusted', why, `${FIND_CAUSE} first. ${USE_ENVELOPE}`);
}
function noAnswer(cause, { operation }) {
    if (!cause.sent) {
        const message = `Cobo cannot be reached: ${cause.message}.`;
        const remedy = 'Check `api-url`, and the network and the proxy of the runner. Then re-run the job.';
        return { error: new errors/* ActionError */.lZ('cobo-unavailable', message, remedy, { cause }), open: false, again: {} };
    }
    const lost = `The request was sent to Cobo, but no answer arrived: ${cause.message}.`;
    const remedy = operation === 'refresh_token'
        ? `Re-run the job. If Cobo then says that the refresh token is not valid, ${START_OVER}`
        : 'Check the network and the proxy of the runner. Then re-run the job.';
    const error = new errors/* ActionError */.lZ('answer-lost', cause.partial ? cutOff(cause) : lost, remedy, { cause });
    return { error, open: true, again: {} };
}
function cutOff({ message }) {
    return `Cobo's answer did not arrive whole: ${message}.`;
}
function detailsOf(text, json, { known }) {
    const told = (name, limit) => {
        const value = (0,src_text/* field */.ZZ)(json, name);
        const clean = typeof value === 'string' && known !== undefined ? (0,src_text/* redact */.E$)(value, [known]) : value;
        return (0,src_text/* remoteText */.SW)(clean, limit).replace(/[.:\s]+$/, '');
    };
    const [oauth, code, id] = [told('error', 60), told('error_code', 20), told('error_id', 64)];
    const why = told(oauth ? 'error_description' : 'error_message');
    const colon = why && `: ${why}`;
    if (oauth)
        return `, ${oauth}${colon}`;
    if (code)
        return `, error code ${code}${colon}${id && ` (error ID ${id})`}`;
    return text.startsWith('<') ? ' with a web page' : '';
}
function remedyFor(json) {
    const code = (0,src_text/* remoteText */.SW)((0,src_text/* field */.ZZ)(json, 'error')) || (0,src_text/* remoteText */.SW)((0,src_text/* field */.ZZ)(json, 'error_code'));
    return REMEDIES.find(([codes]) => codes.split(' ').includes(code))?.[1];
}

;// CONCATENATED MODULE: ./build/src/cobo/exchange.js








const LONGEST_WAIT_MS = 5 * 60_000;
const LONGEST_DELAY_MS = 10 * 60_000;
let lastNonce = 0;
async function exchange(access, refreshToken, orgId, begun = false) {
    const { apiUrl, clientId, log, stop } = access;
    const refresh = { operation: 'refresh_token', known: refreshToken, open: begun, nonceRefused: false };
    const healing = { ...refresh, operation: 'org_implicit' };
    let why;
    if (refreshToken !== undefined) {
        const found = await attempts(access, (0,api/* refreshOrgAccessToken */.Zm)(apiUrl, clientId, refreshToken), refresh);
        if (found !== undefined)
            return found;
        const isDead = refresh.failed?.refused === 'token';
        const isLost = refresh.open && refresh.failed?.again !== undefined;
        if (orgId === undefined || stop.aborted || !(isDead || isLost))
            return failureOf(refresh, stop);
        why = isDead ? 'Cobo says that the refresh token is not valid' : 'The refresh token may be spent';
        log.info(`${why}: requesting a fresh pair with org_implicit.`);
    }
    const found = await attempts(access, (0,api/* getOrgAccessToken */.e1)(apiUrl, clientId, orgId ?? ''), healing);
    if (found !== undefined)
        return found;
    if (why !== undefined && healing.failed !== undefined) {
        const { code, message, remedy } = healing.failed.error;
        const both = `${why}, and a fresh pair could not be obtained: ${message}`;
        const { error: cause } = healing.failed;
        healing.failed.error = new errors/* ActionError */.lZ(code, both, `${LOOK_FOR_ENVELOPE} Otherwise: ${remedy}`, { cause });
    }
    return failureOf(isStopped(healing, stop) ? refresh : { ...healing, open: refresh.open }, stop);
}
function isStopped({ failed }, stop) {
    return stop.aborted && (failed === undefined || failed.again !== undefined);
}
function failureOf(asked, stop) {
    const { failed, open } = asked;
    const token = open ? 'unknown' : 'unspent';
    if (failed !== undefined && (open || !isStopped(asked, stop)))
        return { failure: failed.error, token };
    const message = `The run was cancelled before the refresh token was used${open ? ' again' : ''}.`;
    return { failure: new errors/* ActionError */.lZ('cancelled', message, 'Re-run the job.'), token };
}
async function attempts(access, request, asked) {
    const { clock, log, maxAttempts, stop } = access;
    async function next() {
        const result = stop.aborted ? undefined : await attempt(access, request, asked);
        if (result === undefined || !('error' in result))
            return result;
        asked.failed = result;
        asked.open ||= result.open;
        asked.nonceRefused ||= result.refused === 'nonce';
        throw result.error;
    }
    try {
        return await (0,retry/* retry */.L5)(next, {
            maxAttempts,
            clock,
            signal: stop,
            tryAgain(error) {
                const again = error instanceof errors/* ActionError */.lZ ? asked.failed?.again : undefined;
                return (again?.afterMs ?? 0) > LONGEST_WAIT_MS ? undefined : again;
            },
            onRetry(waitMs, number) {
                const when = waitMs === 0 ? 'at once' : `in ${(0,src_text/* duration */.p0)(waitMs)}`;
                log.info(`Attempt ${number} at Cobo failed. ${asked.failed?.error.message} Trying again ${when}.`);
            },
        });
    }
    catch (error) {
        if (!(error instanceof errors/* ActionError */.lZ))
            throw error;
        return undefined;
    }
}
async function attempt(access, request, asked) {
    const nonce = Math.max(access.clock.now(), lastNonce + 1);
    lastNonce = nonce;
    const headers = {
        Accept: 'application/json',
        'Accept-Encoding': 'identity',
        'Cache-Control': 'no-store',
        'User-Agent': 'cobo-refresh-action',
        ...signedHeaders(request, access.keys, String(nonce)),
        ...(request.body ? { 'Content-Type': 'application/json' } : {}),
    };
    const options = { ...access.httpOptions, maxBytes: MAX_ANSWER_BYTES, unsentSignal: access.stop, newConnection: true };
    try {
        return judge(access, asked, nonce, await access.http.send({ ...request, headers }, options));
    }
    catch (error) {
        if (error instanceof errors/* ActionError */.lZ)
            return { error, open: false };
        if (!(error instanceof http/* TransportError */.w))
            throw error;
        if (error.partial !== undefined || error.unread !== '') {
            const nothing = { status: 0, headers: {}, body: Buffer.alloc(0) };
            return judge(access, asked, nonce, error.partial ?? nothing, error);
        }
        return error.sent || !access.stop.aborted ? noAnswer(error, asked) : undefined;
    }
}
function judge({ clock, responseKey }, asked, nonce, answer, cut) {
    const verified = verifyAnswer(answer, responseKey);
    const { status, signature, signedAt, text } = verified;
    const { known, operation } = asked;
    const broken = signature === 'valid' ? undefined : cut;
    const isSuccess = status >= 200 && status <= 299;
    const doubt = isSuccess ? doubtAbout(verified, nonce) : undefined;
    if (isSuccess && doubt === undefined) {
        const healed = operation === 'org_implicit';
        return { grant: readGrant(text, signedAt, known, healed), healed };
    }
    const carried = findRefreshToken(text, known) ?? findRefreshToken(cut?.unread ?? '', known);
    if (carried !== undefined) {
        const why = doubt ?? `Cobo's address answered HTTP ${status} with a refresh token in it.`;
        return { failure: carrying(broken ? cutOff(broken) : why, broken !== undefined), token: 'sealed', carried };
    }
    const isRefusedInFront = signature === 'missing' && status >= 400 && status < 500;
    if (broken && !isRefusedInFront)
        return noAnswer(broken, asked);
    if (doubt !== undefined)
        return untrusted(doubt);
    return refusal(verified, asked, clock.now());
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

// EXTERNAL MODULE: ./build/src/recovery.js
var recovery = __webpack_require__(307);
// EXTERNAL MODULE: ./build/src/run.js + 5 modules
var src_run = __webpack_require__(895);
;// CONCATENATED MODULE: ./build/src/keep.js






function rehearse({ keys, clientId }) {
    rehearseSigning(keys);
    (0,recovery/* sealEnvelope */.i)({ refreshToken: '', lookedAt: undefined }, keys.appSecret, clientId);
}
async function obtain(run, token) {
    const { cancellation, delivery, fate } = run;
    const { keys, clientId, cobo, orgId } = run.inputs;
    const begun = fate.state === 'unknown' && token !== undefined;
    fate.become('unknown');
    delivery.endure();
    const access = { ...run.network, ...cobo, keys, clientId, stop: cancellation.stop };
    const { grant } = await delivery.step(async () => read(run, token, await exchange(access, token, orgId, begun)), ({ grant, healed }) => {
        if (grant.access === undefined && grant.refreshToken === undefined)
            return undefined;
        const how = healed ? '✓ Obtained a fresh pair with org_implicit' : '✓ Refreshed';
        return grant.access ? `${how}: the access token is valid until ${(0,src_text/* utc */.n$)(grant.access.expiresAt)}` : how;
    });
    return grant.problem;
}
function read(run, token, outcome) {
    const { fate, inputs, masks, stores } = run;
    const seal = (successor, trusted) => {
        const sealed = { refreshToken: successor, lookedAt: stores?.lookedAt };
        fate.seal(successor, (0,recovery/* sealEnvelope */.i)(sealed, inputs.keys.appSecret, inputs.clientId), trusted);
        masks.add(successor);
    };
    const hasTarget = stores?.targets.refreshTokenSecret !== undefined;
    if ('failure' in outcome) {
        if (outcome.token === 'sealed')
            seal(outcome.carried, false);
        else if (outcome.token === 'unspent')
            fate.become('unspent');
        throw explain(run, outcome.failure, hasTarget && outcome.token === 'unknown');
    }
    const { refreshToken, access, problem } = outcome.grant;
    if (refreshToken !== undefined)
        seal(refreshToken, true);
    else if (problem === undefined) {
        fate.become('kept');
        if (inputs.recoveryEnvelope !== undefined && hasTarget && token !== undefined)
            seal(token, true);
    }
    if (access !== undefined)
        masks.add(access.accessToken);
    fate.access = access;
    return outcome;
}
function explain(run, cause, again) {
    const { doubt, fate } = run;
    const { code, message, remedy } = cause;
    if (doubt !== undefined && code !== 'cancelled' && fate.state !== 'sealed') {
        const both = `${doubt.message} A fresh pair could not be obtained: ${message}`;
        return new errors/* ActionError */.lZ(doubt.code, both, `${doubt.remedy} For a fresh pair: ${remedy}`, { cause });
    }
    return again ? new errors/* ActionError */.lZ(code, message, afterPost(run, remedy, ' with the same token'), { cause }) : cause;
}
function afterPost({ delivery }, remedy, how = '') {
    if (delivery.isPost)
        return remedy;
    const last = remedy.charAt(0).toLowerCase() + remedy.slice(1);
    return `The post step of this job tries again${how}. If that fails too, ${last}`;
}
async function keep(run, problem, again) {
    const { failed, others } = await keepToken(run, again);
    const extras = await keepExtras(run);
    if (failed.length > 0) {
        const rest = others > 0 ? ` ${others === 1 ? 'One other store holds' : `${others} other stores hold`} it.` : '';
        const message = `The new refresh token could not be stored in ${describe(failed)}.${rest}`;
        throw new errors/* ActionError */.lZ('store-failed', message, afterPost(run, `Start ${src_run/* A_RUN_WITH_IT */.vH}`));
    }
    if (problem !== undefined) {
        const message = `Cobo's answer is signed but malformed: ${problem}.`;
        const remedy = 'No access token was handed out. Report the problem to Cobo, and to this action.';
        throw new errors/* ActionError */.lZ('answer-malformed', message, remedy);
    }
    if (extras.length > 0) {
        const message = `After the refresh, not everything could be stored: ${describe(extras)}.`;
        const outputs = run.delivery.isPost ? '' : ' The access token is in the outputs of this step.';
        const remedy = `Check the permissions of \`github-token\` before the next run.${outputs}`;
        throw new errors/* ActionError */.lZ('extra-failed', message, remedy);
    }
}
async function keepToken(run, again) {
    const { cancellation, delivery, fate, inputs, stores } = run;
    const { successor, left } = fate;
    const none = { into: [], failed: [], others: 0 };
    const target = inputs.writeBack?.refreshTokenSecret;
    if (successor === undefined)
        return none;
    if (target === undefined) {
        const isTold = delivery.handOut(successor);
        const remedy = `Check the disk of the runner. Start ${src_run/* A_RUN_WITH_IT */.vH}`;
        if (!isTold)
            throw new errors/* ActionError */.lZ('runner-files', 'The output `refresh-token` could not be written.', remedy);
        fate.become('delivered');
        return none;
    }
    const { stop } = cancellation;
    const showEnvelope = () => delivery.showEnvelope(left.envelope ?? '');
    if (stop.aborted)
        showEnvelope();
    else
        stop.addEventListener('abort', showEnvelope);
    const told = ({ into, failed: { length } }) => {
        if (into.length === 0)
            return undefined;
        return length > 0
            ? `✗ ${length} of ${into.length} stores did not take the refresh token`
            : `✓ Stored the refresh token as ${target} in ${(0,src_text/* list */.p_)(into)}`;
    };
    const store = async () => again?.(successor) ?? stores?.keepToken(successor) ?? none;
    const stored = await delivery.step(store, told);
    stop.removeEventListener('abort', showEnvelope);
    const { failed } = stored;
    const refused = failed.filter((one) => one.refused).map(({ label }) => label);
    if (failed.length === 0)
        fate.become('stored');
    else if (left.recording !== null)
        fate.note({ ...left.recording, refused });
    return stored;
}
async function keepExtras(run) {
    const { delivery, fate, stores } = run;
    const { access } = fate;
    const names = (0,src_text/* list */.p_)(extraNames(run));
    if (access === undefined || stores === undefined || names === '')
        return [];
    return delivery.step(() => stores.keepExtras(access.accessToken, (0,src_text/* utc */.n$)(access.expiresAt)), ({ length }) => length > 0 ? `✗ ${length} ${length === 1 ? 'write' : 'writes'} of ${names} failed` : `✓ Stored ${names}`);
}
function extraNames({ stores }, into = stores?.prepared ?? []) {
    const hasVariables = into.some(({ store }) => store.variablesPath !== undefined);
    const variable = hasVariables ? stores?.targets.expiresAtVariable : undefined;
    return [stores?.targets.accessTokenSecret, variable].filter((name) => name !== undefined);
}
function describe(failed) {
    return (0,src_text/* list */.p_)(failed.map(({ label, name, reason }) => `\`${label}\` (${name}: ${reason})`));
}
async function conclude(run) {
    const { cancellation, delivery, fate, held, inputs, stores } = run;
    const { state, keepsRecord, recording } = fate.left;
    if (!keepsRecord)
        await run.removeRecords();
    const token = state === 'stored' ? [stores?.targets.refreshTokenSecret ?? ''] : [];
    const facts = (stores?.prepared ?? []).flatMap((store) => {
        const names = [...token, ...extraNames(run, [store])].map((name) => `\`${name}\``);
        if (fate.access === undefined || names.length === 0)
            return [];
        return [['Written', `${(0,src_text/* list */.p_)(names)} in \`${store.label}\``]];
    });
    delivery.succeeded({ state, access: fate.access, facts });
    if (state !== 'stored' || cancellation.received !== undefined)
        return;
    if (inputs.recoveryEnvelope !== undefined && inputs.refreshToken === undefined)
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
    const { clock, signal } = policy;
    for (let number = 1;; number++) {
        try {
            return await attempt();
        }
        catch (error) {
            const again = number < policy.maxAttempts && !signal?.aborted ? policy.tryAgain(error) : undefined;
            if (again === undefined)
                throw error;
            const longest = Math.min(LONGEST_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** (number - 1));
            const waitMs = again.afterMs ?? Math.round((longest / 2) * (1 + clock.random()));
            policy.onRetry(waitMs, number);
            const wait = waitMs > 0 ? clock.sleep(waitMs, signal) : undefined;
            await wait?.catch(() => {
                throw error;
            });
        }
    }
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
    let free = most;
    const waiting = [];
    return async (task) => {
        if (free > 0)
            free--;
        else
            await new Promise((resolve) => waiting.push(resolve));
        try {
            return await task();
        }
        finally {
            const next = waiting.shift();
            if (next)
                next();
            else
                free++;
        }
    };
}


/***/ })

};
;