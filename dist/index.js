/******/ (() => { // webpackBootstrap
/******/ 	"use strict";
/******/ 	var __webpack_modules__ = ({

/***/ 640:
/***/ ((__unused_webpack_module, __webpack_exports__, __nccwpck_require__) => {

/* harmony export */ __nccwpck_require__.d(__webpack_exports__, {
/* harmony export */   B: () => (/* binding */ uptimeMs),
/* harmony export */   m: () => (/* binding */ systemClock)
/* harmony export */ });
/* harmony import */ var node_timers_promises__WEBPACK_IMPORTED_MODULE_0__ = __nccwpck_require__(500);
/* harmony import */ var node_timers_promises__WEBPACK_IMPORTED_MODULE_0___default = /*#__PURE__*/__nccwpck_require__.n(node_timers_promises__WEBPACK_IMPORTED_MODULE_0__);

function uptimeMs() {
    return process.uptime() * 1000;
}
const systemClock = {
    now: Date.now,
    sleep: (ms, signal) => (0,node_timers_promises__WEBPACK_IMPORTED_MODULE_0__.setTimeout)(ms, undefined, signal ? { signal } : {}),
    random: Math.random,
};


/***/ }),

/***/ 595:
/***/ ((__unused_webpack_module, __webpack_exports__, __nccwpck_require__) => {

/* harmony export */ __nccwpck_require__.d(__webpack_exports__, {
/* harmony export */   N4: () => (/* binding */ ERROR_TITLES),
/* harmony export */   jY: () => (/* binding */ isTokenState),
/* harmony export */   lZ: () => (/* binding */ ActionError),
/* harmony export */   z6: () => (/* binding */ asActionError)
/* harmony export */ });
const TOKEN_STATES = ['unspent', 'stored', 'delivered', 'kept', 'reused', 'sealed', 'unknown'];
function isTokenState(value) {
    return TOKEN_STATES.some((state) => state === value);
}
const ERROR_TITLES = {
    'input-missing': 'An input is missing',
    'input-invalid': 'An input is invalid',
    'proxy-invalid': 'The proxy is invalid',
    'envelope-invalid': 'The recovery envelope cannot be opened',
    'envelope-spent': 'The recovery envelope is no longer needed',
    'runner-files': 'The files of the runner cannot be written',
    'github-unavailable': 'GitHub is unavailable',
    'github-refused': 'GitHub refused a request',
    'rate-limited': "GitHub's rate limit is too low for this run",
    'store-refused': 'A store cannot be written',
    'store-missing': 'A store does not exist',
    'store-full': 'A store is full',
    'token-stale': 'The refresh token is stale',
    'token-in-doubt': 'The refresh token is in doubt',
    'token-dead': 'The refresh token is dead',
    'cobo-refused': 'Cobo refused the request',
    'cobo-unavailable': 'Cobo is unavailable',
    'answer-lost': "Cobo's answer was lost",
    'answer-untrusted': "Cobo's answer cannot be trusted",
    'answer-malformed': "Cobo's answer is malformed",
    'store-failed': 'The new refresh token could not be stored',
    'extra-failed': 'The access token or its expiry could not be stored',
    'record-left': 'An in-flight record could not be deleted',
    overtaken: 'Somebody came later',
    cancelled: 'Cancelled',
    internal: 'An unexpected error',
};
class ActionError extends Error {
    name = 'ActionError';
    code;
    remedy;
    constructor(code, message, remedy, options) {
        super(message, options);
        this.code = code;
        this.remedy = remedy;
    }
}
function asActionError(thrown) {
    if (thrown instanceof ActionError)
        return thrown;
    const kind = thrown instanceof Error ? thrown.name : typeof thrown;
    return new ActionError('internal', `Something failed that the action did not expect (${kind}).`, 'Re-run the job with debug logging, and report the problem with the debug lines. They hold no secret.', { cause: thrown });
}


/***/ }),

/***/ 618:
/***/ ((__unused_webpack_module, __webpack_exports__, __nccwpck_require__) => {

/* harmony export */ __nccwpck_require__.d(__webpack_exports__, {
/* harmony export */   II: () => (/* binding */ HANDOVER),
/* harmony export */   IY: () => (/* binding */ readHandover),
/* harmony export */   Lx: () => (/* binding */ MEANINGS),
/* harmony export */   dz: () => (/* binding */ Fate)
/* harmony export */ });
/* harmony import */ var _errors_js__WEBPACK_IMPORTED_MODULE_0__ = __nccwpck_require__(595);
/* harmony import */ var _text_js__WEBPACK_IMPORTED_MODULE_1__ = __nccwpck_require__(263);


const MEANINGS = {
    unspent: {
        next: ['reused', 'unknown'],
        sentence: 'This run has not spent the refresh token.',
        keepsRecord: false,
        safe: true,
    },
    reused: { next: [], sentence: 'The refresh token was not used.', keepsRecord: false, safe: true },
    unknown: {
        next: ['unknown', 'unspent', 'kept', 'sealed'],
        sentence: 'The refresh token may be spent.',
        keepsRecord: false,
        safe: false,
    },
    kept: {
        next: ['sealed'],
        sentence: 'Cobo sent no new refresh token, so the old one stays valid.',
        keepsRecord: false,
        safe: true,
    },
    sealed: {
        next: ['stored', 'delivered'],
        sentence: 'The new refresh token is sealed in the recovery envelope.',
        keepsRecord: true,
        safe: false,
    },
    stored: {
        next: [],
        sentence: 'The new refresh token is in every store.',
        keepsRecord: true,
        safe: true,
    },
    delivered: {
        next: [],
        sentence: 'The new refresh token is in the output `refresh-token`.',
        keepsRecord: false,
        safe: true,
    },
};
const UNSPENT = { state: 'unspent', trusted: true, envelope: null, keepsRecord: false };
const HANDOVER = 'handover';
function readHandover(text) {
    const json = (0,_text_js__WEBPACK_IMPORTED_MODULE_1__/* .parseJson */ .qF)(text);
    return (0,_errors_js__WEBPACK_IMPORTED_MODULE_0__/* .isTokenState */ .jY)((0,_text_js__WEBPACK_IMPORTED_MODULE_1__/* .field */ .ZZ)(json, 'state')) ? json : undefined;
}
class Fate {
    #state;
    #trusted;
    #envelope;
    #successor;
    #locksNothing;
    #tell;
    access;
    constructor(locks, tell, left = UNSPENT, successor) {
        this.#state = left.state;
        this.#trusted = left.trusted;
        this.#envelope = left.envelope;
        this.#successor = successor;
        this.#locksNothing = !locks || (MEANINGS[left.state].keepsRecord && !left.keepsRecord);
        this.#tell = tell;
    }
    get state() {
        return this.#state;
    }
    get successor() {
        return this.#successor;
    }
    get keepsRecord() {
        return MEANINGS[this.#state].keepsRecord && !this.#locksNothing;
    }
    get left() {
        return {
            state: this.#state,
            trusted: this.#trusted,
            envelope: this.#state === 'sealed' ? this.#envelope : null,
            keepsRecord: this.keepsRecord,
        };
    }
    become(state) {
        const before = this.#state;
        this.#step(state);
        try {
            this.#tell();
        }
        catch (error) {
            this.#state = before;
            throw error;
        }
    }
    seal(successor, envelope, trusted) {
        this.#successor = successor;
        this.#envelope = envelope;
        this.#trusted = trusted;
        this.#step('sealed');
        this.#tell();
    }
    #step(state) {
        if (!MEANINGS[this.#state].next.includes(state)) {
            throw new Error(`the refresh token cannot become ${state} after ${this.#state}`);
        }
        this.#state = state;
        this.#locksNothing ||= state === 'kept';
    }
}


/***/ }),

/***/ 165:
/***/ ((__unused_webpack_module, __webpack_exports__, __nccwpck_require__) => {

/* harmony export */ __nccwpck_require__.d(__webpack_exports__, {
/* harmony export */   J: () => (/* binding */ readStores),
/* harmony export */   Z: () => (/* binding */ isRepository)
/* harmony export */ });
/* harmony import */ var _errors_js__WEBPACK_IMPORTED_MODULE_0__ = __nccwpck_require__(595);
/* harmony import */ var _text_js__WEBPACK_IMPORTED_MODULE_1__ = __nccwpck_require__(263);


const PERMISSIONS = {
    repository: ['"Secrets: write"', '"Variables: write"'],
    environment: ['"Environments: write"', '"Environments: write"'],
    organization: ['"Organization secrets: write"', '"Organization variables: write"'],
    dependabot: ['"Dependabot secrets: write"', ''],
};
const REPOSITORY = /^[A-Za-z0-9_.-]{1,100}\/[A-Za-z0-9_.-]{1,100}$/;
const OWNER = /^[A-Za-z0-9_.-]{1,100}$/;
const DOTS = /^\.+$/;
function isRepository(text) {
    return REPOSITORY.test(text) && !text.split('/').some((part) => DOTS.test(part));
}
function readStores(text, repository) {
    const stores = new Map();
    for (const [index, raw] of text.split(/\r?\n/).entries()) {
        const line = raw.trim();
        if (line === '')
            continue;
        const store = readStore(line, repository, (problem) => invalid(`line ${index + 1} ${problem}`));
        stores.set(store.secretsPath.toLowerCase(), store);
    }
    if (stores.size === 0)
        throw invalid('it names no store');
    return [...stores.values()];
}
function invalid(problem) {
    return new _errors_js__WEBPACK_IMPORTED_MODULE_0__/* .ActionError */ .lZ('input-invalid', `The input \`secret-stores\` is invalid: ${problem}.`, 'Write one store a line: `repository`, `environment:NAME`, `organization:NAME` or `dependabot`, with `@owner/name` for another repository.');
}
function readStore(line, ownRepository, wrong) {
    const [, kind, rest = ''] = /^(repository|environment|organization|dependabot)(?![\w-])(.*)$/s.exec(line) ?? [];
    const repositoryAt = (target) => {
        const repository = (target ?? ownRepository ?? '').trim();
        if (isRepository(repository))
            return repository;
        throw wrong(target === undefined
            ? 'names no repository, and GITHUB_REPOSITORY is not set; add `@owner/name`'
            : 'must have `owner/name` after the `@`');
    };
    switch (kind) {
        case 'organization': {
            const name = /^:(.*)$/s.exec(rest)?.[1]?.trim() ?? '';
            if (!OWNER.test(name) || DOTS.test(name)) {
                throw wrong('names no organization; write `organization:NAME`');
            }
            return storeAt(kind, `organization:${name}`, `/orgs/${name}/actions`, `--org ${name}`);
        }
        case 'environment': {
            const [, raw = '', target] = /^:(.*?)(?:@([^@/]+\/[^@/]+))?$/s.exec(rest) ?? [];
            const name = raw.trim();
            if (name === '')
                throw wrong('names no environment; write `environment:NAME`');
            if (name.length > 255 || (0,_text_js__WEBPACK_IMPORTED_MODULE_1__/* .hasControls */ .Lx)(name) || DOTS.test(name)) {
                throw wrong('has an invalid environment name');
            }
            const repository = repositoryAt(target);
            const path = `/repos/${repository}/environments/${encodeURIComponent(name)}`;
            const quoted = `'${name.replaceAll("'", `'\\''`)}'`;
            return storeAt(kind, `environment:${name}@${repository}`, path, `--repo ${repository} --env ${quoted}`);
        }
        case 'repository':
        case 'dependabot': {
            if (rest !== '' && !rest.startsWith('@')) {
                throw wrong(`may have only \`@owner/name\` after \`${kind}\``);
            }
            const repository = repositoryAt(rest === '' ? undefined : rest.slice(1));
            const [folder, app] = kind === 'repository' ? ['actions', ''] : ['dependabot', ' --app dependabot'];
            const path = `/repos/${repository}/${folder}`;
            return storeAt(kind, `${kind}@${repository}`, path, `--repo ${repository}${app}`);
        }
        default:
            throw wrong('must begin with `repository`, `environment:`, `organization:` or `dependabot`');
    }
}
function storeAt(kind, label, path, gh) {
    const [permission, variablesPermission] = PERMISSIONS[kind];
    return {
        kind,
        label,
        secretsPath: `${path}/secrets`,
        variablesPath: kind === 'dependabot' ? undefined : `${path}/variables`,
        permission,
        variablesPermission,
        gh,
    };
}


/***/ }),

/***/ 299:
/***/ ((__unused_webpack_module, __webpack_exports__, __nccwpck_require__) => {


// EXPORTS
__nccwpck_require__.d(__webpack_exports__, {
  w: () => (/* binding */ TransportError),
  o: () => (/* binding */ httpClient)
});

;// CONCATENATED MODULE: external "node:http"
const external_node_http_namespaceObject = require("node:http");
;// CONCATENATED MODULE: external "node:https"
const external_node_https_namespaceObject = require("node:https");
// EXTERNAL MODULE: ./build/src/clock.js
var clock = __nccwpck_require__(640);
;// CONCATENATED MODULE: external "node:net"
const external_node_net_namespaceObject = require("node:net");
// EXTERNAL MODULE: external "node:timers/promises"
var promises_ = __nccwpck_require__(500);
;// CONCATENATED MODULE: external "node:tls"
const external_node_tls_namespaceObject = require("node:tls");
// EXTERNAL MODULE: ./build/src/errors.js
var errors = __nccwpck_require__(595);
;// CONCATENATED MODULE: ./build/src/connections.js







const FRESH_MS = 5_000;
class Connections {
    #env;
    #agents = new Map();
    #ahead = new Map();
    #closed = false;
    constructor(env) {
        this.#env = env;
    }
    async find({ origin, protocol }, idle) {
        const ahead = this.#ahead.get(origin);
        if (ahead !== undefined) {
            this.#ahead.delete(origin);
            if (await ahead.usable())
                return ahead;
            ahead.socket.destroy();
        }
        return this.#agent(protocol, idle);
    }
    #agent(protocol, keepAlive) {
        const key = `${protocol}${keepAlive}`;
        let agent = this.#agents.get(key);
        if (agent === undefined) {
            const { Agent } = protocol === 'https:' ? external_node_https_namespaceObject : external_node_http_namespaceObject;
            const proxyEnv = proxyFor(protocol, this.#env);
            agent = new Agent({ keepAlive, timeout: FRESH_MS, proxyEnv });
            this.#agents.set(key, agent);
        }
        return agent;
    }
    openAhead(url) {
        if (this.#closed || proxyVariable(url.protocol, this.#env) !== undefined)
            return;
        this.#ahead.get(url.origin)?.socket.destroy();
        this.#ahead.set(url.origin, new ConnectionAhead(url));
    }
    close() {
        this.#closed = true;
        for (const { socket } of this.#ahead.values())
            socket.destroy();
        for (const agent of this.#agents.values())
            agent.destroy();
    }
}
class ConnectionAhead {
    socket;
    #establishedEvent;
    #begun = (0,clock/* uptimeMs */.B)();
    #established = false;
    constructor({ protocol, hostname, port }) {
        const host = hostname.replace(/[[\]]/g, '');
        const servername = external_node_net_namespaceObject.isIP(host) === 0 ? { servername: host } : {};
        const secure = protocol === 'https:';
        this.socket = secure
            ? external_node_tls_namespaceObject.connect({ host, port: Number(port || 443), ALPNProtocols: ['http/1.1'], ...servername })
            : external_node_net_namespaceObject.connect({ host, port: Number(port || 80) });
        this.#establishedEvent = secure ? 'secureConnect' : 'connect';
        this.onEstablished(() => {
            this.#established = true;
        });
        this.socket.on('error', () => undefined);
    }
    onEstablished(listener) {
        if (this.#established)
            listener();
        else
            this.socket.once(this.#establishedEvent, listener);
    }
    async usable() {
        await (0,promises_.setImmediate)();
        await (0,promises_.setImmediate)();
        const { readable, readableLength } = this.socket;
        return readable && readableLength === 0 && (0,clock/* uptimeMs */.B)() - this.#begun < FRESH_MS;
    }
}
function proxyVariable(protocol, env) {
    const lowerCase = protocol.replace(':', '_proxy');
    return [lowerCase, lowerCase.toUpperCase()].find((name) => env[name]);
}
function proxyFor(protocol, env) {
    const variable = proxyVariable(protocol, env);
    if (variable === undefined)
        return undefined;
    const value = env[variable] ?? '';
    const text = value.includes('://') ? value : `http://${value}`;
    const url = URL.canParse(text) ? new URL(text) : undefined;
    if (url?.protocol !== 'http:' && url?.protocol !== 'https:') {
        throw new errors/* ActionError */.lZ('proxy-invalid', `The proxy in the environment variable \`${variable}\` must be an \`http://\` or \`https://\` URL.`, `Set \`${variable}\` to the URL of an HTTP proxy, such as \`http://proxy.example:3128\`, or remove it. Then re-run the job.`);
    }
    return { [variable.toLowerCase()]: url.href, no_proxy: env['no_proxy'] || env['NO_PROXY'] };
}

;// CONCATENATED MODULE: ./build/src/http.js




class TransportError extends Error {
    name = 'TransportError';
    sent;
    #partial;
    constructor(reason, sent, { cause, partial } = {}) {
        super(reason, { cause });
        this.sent = sent;
        this.#partial = partial;
    }
    get partial() {
        return this.#partial;
    }
}
function httpClient(env) {
    const connections = new Connections(env);
    return {
        async send(request, options) {
            const started = (0,clock/* uptimeMs */.B)();
            const way = await connections.find(request.url, !options.newConnection);
            const outcome = await exchange(way, request, options);
            try {
                options.onDone?.(request, (0,clock/* uptimeMs */.B)() - started, outcome);
            }
            catch {
            }
            if (outcome instanceof TransportError)
                throw outcome;
            return outcome;
        },
        connectAhead: (url) => connections.openAhead(url),
        close: () => connections.close(),
    };
}
function exchange(way, { method, url, headers, body }, { timeoutMs, maxBytes, signal, unsentSignal }) {
    return new Promise((resolve) => {
        const request = (url.protocol === 'https:' ? external_node_https_namespaceObject : external_node_http_namespaceObject).request(url, {
            method,
            ...(way instanceof ConnectionAhead ? { createConnection: () => way.socket } : { agent: way }),
            headers,
        });
        let sent = false;
        const over = new AbortController();
        let answer;
        const chunks = [];
        let size = 0;
        const timer = setTimeout(() => finish(`timed out after ${timeoutMs / 1000} s`), timeoutMs);
        const cancel = () => finish('cancelled');
        const cancelUnsent = () => {
            if (!sent)
                cancel();
        };
        signal?.addEventListener('abort', cancel, { signal: over.signal });
        unsentSignal?.addEventListener('abort', cancelUnsent, { signal: over.signal });
        function finish(reason, cause) {
            if (over.signal.aborted)
                return;
            over.abort();
            clearTimeout(timer);
            const arrived = answer && readAll(answer);
            if (arrived && answer?.complete && size <= maxBytes)
                return resolve(arrived);
            resolve(new TransportError(reason, sent, { cause, partial: arrived }));
            request.destroy();
        }
        function readAll(from) {
            while (from.read() !== null)
                ;
            const body = Buffer.concat(chunks).subarray(0, maxBytes);
            return { status: Number(from.statusCode), headers: flatten(from.headers), body };
        }
        const onConnected = () => {
            sent = true;
        };
        request.once('socket', (socket) => {
            if (way instanceof ConnectionAhead)
                way.onEstablished(onConnected);
            else if (!socket.connecting)
                onConnected();
            else
                socket.once(url.protocol === 'https:' ? 'secureConnect' : 'connect', onConnected);
        });
        request.on('error', (error) => {
            Reflect.deleteProperty(error, 'rawPacket');
            finish(describe(error), error);
        });
        request.on('upgrade', () => finish('the answer switches to another protocol'));
        request.on('response', (message) => {
            answer = message;
            message.on('data', (chunk) => {
                chunks.push(chunk);
                size += chunk.length;
                if (size > maxBytes)
                    finish(`the answer is larger than ${maxBytes} bytes`);
            });
            message.on('error', (error) => finish(describe(error), error));
            message.on('end', () => finish('the connection was cut'));
        });
        if (signal?.aborted || unsentSignal?.aborted)
            cancel();
        request.end(body);
    });
}
function flatten(headers) {
    const flat = Object.create(null);
    for (const [name, value] of Object.entries(headers)) {
        flat[name] = [value].flat().join(', ');
    }
    return flat;
}
function describe(error) {
    const code = error.code;
    return code === undefined ? 'the connection failed' : (REASONS[code] ?? `the connection failed (${code})`);
}
const UNKNOWN_AUTHORITY = "the host's certificate comes from an unknown authority (NODE_EXTRA_CA_CERTS can name it)";
const REASONS = {
    ECONNREFUSED: 'the connection was refused',
    ECONNRESET: 'the connection was cut',
    EPIPE: 'the connection was cut',
    ENOTFOUND: 'the host name was not found',
    EAI_AGAIN: 'the host name could not be looked up',
    ETIMEDOUT: 'the connection timed out',
    ERR_PROXY_TUNNEL: 'the proxy opened no tunnel',
    CERT_HAS_EXPIRED: "the host's certificate has expired",
    DEPTH_ZERO_SELF_SIGNED_CERT: "the host's certificate is signed by itself (NODE_EXTRA_CA_CERTS can name it)",
    SELF_SIGNED_CERT_IN_CHAIN: UNKNOWN_AUTHORITY,
    UNABLE_TO_VERIFY_LEAF_SIGNATURE: UNKNOWN_AUTHORITY,
};


/***/ }),

/***/ 307:
/***/ ((__unused_webpack_module, __webpack_exports__, __nccwpck_require__) => {

/* harmony export */ __nccwpck_require__.d(__webpack_exports__, {
/* harmony export */   h: () => (/* binding */ openEnvelope),
/* harmony export */   i: () => (/* binding */ sealEnvelope)
/* harmony export */ });
/* harmony import */ var node_crypto__WEBPACK_IMPORTED_MODULE_0__ = __nccwpck_require__(598);
/* harmony import */ var node_crypto__WEBPACK_IMPORTED_MODULE_0___default = /*#__PURE__*/__nccwpck_require__.n(node_crypto__WEBPACK_IMPORTED_MODULE_0__);
/* harmony import */ var _errors_js__WEBPACK_IMPORTED_MODULE_1__ = __nccwpck_require__(595);
/* harmony import */ var _text_js__WEBPACK_IMPORTED_MODULE_2__ = __nccwpck_require__(263);



const PREFIX = 'cobo-envelope-v1.';
const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
function sealEnvelope(sealed, appSecret, clientId) {
    const nonce = (0,node_crypto__WEBPACK_IMPORTED_MODULE_0__.randomBytes)(NONCE_BYTES);
    const cipher = (0,node_crypto__WEBPACK_IMPORTED_MODULE_0__.createCipheriv)('aes-256-gcm', envelopeKey(appSecret), nonce);
    cipher.setAAD(associatedData(clientId));
    const plain = JSON.stringify({
        refresh_token: sealed.refreshToken,
        ...(sealed.lookedAt === undefined ? {} : { looked_at: new Date(sealed.lookedAt).toISOString() }),
    });
    const bytes = Buffer.concat([nonce, cipher.update(plain, 'utf8'), cipher.final(), cipher.getAuthTag()]);
    return PREFIX + bytes.toString('base64url');
}
function openEnvelope(envelope, appSecret, clientId) {
    const [, encoded] = /^cobo-envelope-v1\.([A-Za-z0-9_-]+)$/.exec(envelope.replace(/\s+/g, '')) ?? [];
    if (encoded === undefined) {
        throw invalid('is not a recovery envelope', `Copy all of it, from \`${PREFIX}\` to its last character.`);
    }
    const bytes = Buffer.from(encoded, 'base64url');
    let plain;
    try {
        const decipher = (0,node_crypto__WEBPACK_IMPORTED_MODULE_0__.createDecipheriv)('aes-256-gcm', envelopeKey(appSecret), bytes.subarray(0, NONCE_BYTES), {
            authTagLength: TAG_BYTES,
        });
        decipher.setAAD(associatedData(clientId));
        decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
        plain = decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES)).toString('utf8') + decipher.final('utf8');
    }
    catch {
        throw invalid('cannot be opened: it was sealed with another `private-key` or for another `client-id`, or it is incomplete', 'Use the `private-key` and `client-id` of the run that showed it, and copy all of it.');
    }
    const json = (0,_text_js__WEBPACK_IMPORTED_MODULE_2__/* .parseJson */ .qF)(plain);
    const refreshToken = (0,_text_js__WEBPACK_IMPORTED_MODULE_2__/* .field */ .ZZ)(json, 'refresh_token');
    if (typeof refreshToken !== 'string' || refreshToken === '') {
        throw invalid('holds no refresh token', 'Use an envelope that this action has made.');
    }
    const lookedAt = (0,_text_js__WEBPACK_IMPORTED_MODULE_2__/* .timeField */ .kv)(json, 'looked_at');
    return { refreshToken, lookedAt: Number.isNaN(lookedAt) ? undefined : lookedAt };
}
function envelopeKey(appSecret) {
    return Buffer.from((0,node_crypto__WEBPACK_IMPORTED_MODULE_0__.hkdfSync)('sha256', appSecret, '', 'cobo-refresh-action recovery envelope v1', KEY_BYTES));
}
function associatedData(clientId) {
    return Buffer.from(PREFIX + clientId, 'utf8');
}
function invalid(problem, remedy) {
    return new _errors_js__WEBPACK_IMPORTED_MODULE_1__/* .ActionError */ .lZ('envelope-invalid', `The input \`recovery-envelope\` ${problem}.`, remedy);
}


/***/ }),

/***/ 615:
/***/ ((__unused_webpack_module, __webpack_exports__, __nccwpck_require__) => {

/* harmony export */ __nccwpck_require__.d(__webpack_exports__, {
/* harmony export */   AD: () => (/* binding */ startRun),
/* harmony export */   Km: () => (/* binding */ rehearse),
/* harmony export */   Nm: () => (/* binding */ network),
/* harmony export */   Yt: () => (/* binding */ loadKeep),
/* harmony export */   kh: () => (/* binding */ leaveBehind)
/* harmony export */ });
/* harmony import */ var _fate_js__WEBPACK_IMPORTED_MODULE_0__ = __nccwpck_require__(618);
/* harmony import */ var _http_js__WEBPACK_IMPORTED_MODULE_1__ = __nccwpck_require__(299);
/* harmony import */ var _recovery_js__WEBPACK_IMPORTED_MODULE_2__ = __nccwpck_require__(307);
/* harmony import */ var _text_js__WEBPACK_IMPORTED_MODULE_3__ = __nccwpck_require__(263);




const loadKeep = () => __nccwpck_require__.e(/* import() */ 712).then(__nccwpck_require__.bind(__nccwpck_require__, 712));
function startRun(parts, left) {
    const { refreshToken, recoveryEnvelope, writeBack } = parts.inputs;
    const open = (envelope) => {
        const sealed = (0,_recovery_js__WEBPACK_IMPORTED_MODULE_2__/* .openEnvelope */ .h)(envelope, parts.inputs.keys.appSecret, parts.inputs.clientId);
        parts.masks.add(sealed.refreshToken);
        return sealed;
    };
    const successor = left?.envelope ? open(left.envelope).refreshToken : undefined;
    const given = refreshToken === undefined ? undefined : { refreshToken, lookedAt: undefined };
    const locks = writeBack?.refreshTokenSecret !== undefined;
    const run = {
        ...parts,
        fate: new _fate_js__WEBPACK_IMPORTED_MODULE_0__/* .Fate */ .dz(locks, () => leaveBehind(run), left, successor),
        held: recoveryEnvelope === undefined ? given : open(recoveryEnvelope),
        stores: undefined,
        recording: left?.recording ?? undefined,
        doubt: undefined,
    };
    return run;
}
function leaveBehind({ delivery, fate, recording }) {
    delivery.leave({ ...fate.left, recording: recording ?? null });
}
function network({ world, inputs, delivery }) {
    return {
        http: world.http,
        httpOptions: {
            timeoutMs: inputs.timeoutMs,
            onDone(request, ms, outcome) {
                delivery.debug(requestLine(request, ms, outcome));
            },
        },
        clock: world.clock,
        log: delivery,
        maxAttempts: inputs.maxAttempts,
    };
}
function requestLine({ method, url }, ms, outcome) {
    const ended = outcome instanceof _http_js__WEBPACK_IMPORTED_MODULE_1__/* .TransportError */ .w ? outcome.message : `HTTP ${outcome.status}${idOf(outcome)}`;
    return `${method} ${url.host}${url.pathname}: ${ended} (${Math.round(ms)} ms)`;
}
function idOf({ headers }) {
    const id = (0,_text_js__WEBPACK_IMPORTED_MODULE_3__/* .remoteText */ .SW)(headers['x-github-request-id'] ?? headers['x-request-id'], 80);
    return id === '' ? '' : `, request ${id}`;
}
async function rehearse(run) {
    run.world.http.connectAhead(new URL(run.inputs.cobo.apiUrl));
    const keep = await loadKeep();
    keep.rehearse(run);
}


/***/ }),

/***/ 432:
/***/ ((__unused_webpack_module, __webpack_exports__, __nccwpck_require__) => {


// EXPORTS
__nccwpck_require__.d(__webpack_exports__, {
  KW: () => (/* binding */ cancelled),
  dc: () => (/* binding */ noteRecords),
  DR: () => (/* binding */ removeRecords),
  eg: () => (/* binding */ runStep)
});

;// CONCATENATED MODULE: ./build/src/cancellation.js
const EXIT_STATUS = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129, SIGBREAK: 149 };
const SIGNALS = Object.keys(EXIT_STATUS);
class Cancellation {
    #source;
    #controller = new AbortController();
    #received;
    constructor(source) {
        this.#source = source;
        for (const name of SIGNALS)
            source.on(name, this.#listener);
    }
    #listener = (name) => {
        this.#received ??= name;
        this.#controller.abort('cancelled');
    };
    get stop() {
        return this.#controller.signal;
    }
    get received() {
        return this.#received;
    }
    get exitStatus() {
        return this.#received ? EXIT_STATUS[this.#received] : 0;
    }
    async together(tasks) {
        try {
            return (await Promise.all(tasks));
        }
        catch (first) {
            this.#controller.abort('given up');
            await Promise.allSettled(tasks);
            this.#controller = new AbortController();
            if (this.#received !== undefined)
                this.#controller.abort('cancelled');
            throw first;
        }
    }
    close() {
        for (const name of SIGNALS)
            this.#source.off(name, this.#listener);
    }
}

// EXTERNAL MODULE: external "node:fs"
var external_node_fs_ = __nccwpck_require__(24);
// EXTERNAL MODULE: ./build/src/clock.js
var clock = __nccwpck_require__(640);
// EXTERNAL MODULE: ./build/src/errors.js
var errors = __nccwpck_require__(595);
// EXTERNAL MODULE: ./build/src/fate.js
var fate = __nccwpck_require__(618);
// EXTERNAL MODULE: ./build/src/text.js
var src_text = __nccwpck_require__(263);
;// CONCATENATED MODULE: ./build/src/summary.js



function summaryOf(result, circumstances) {
    const { state, access, envelope, facts = [] } = result;
    const { error, warnings } = circumstances;
    const lines = [`### ${headline(result, circumstances)}`, ''];
    if (error !== undefined)
        lines.push(plain(error.message), '', `**What to do:** ${plain(error.remedy)}`, '');
    for (const warning of warnings)
        lines.push(`⚠️ ${plain(warning)}`, '');
    lines.push(row(['Refresh token', `**${state}**. ${fate/* MEANINGS */.Lx[state].sentence}`]), row(['---', '---']));
    if (access !== undefined)
        lines.push(row(['Access token', `valid until ${(0,src_text/* utc */.n$)(access.expiresAt)}`]));
    lines.push(...facts.map(row), '');
    if (typeof envelope === 'string') {
        lines.push('The recovery envelope holds the new refresh token, encrypted for the holder of the private key:', '', '```text', envelope, '```', '');
    }
    return lines.join('\n');
}
function headline({ state, dryRun }, { error, warnings, isPost }) {
    if (error !== undefined)
        return `❌ ${errors/* ERROR_TITLES */.N4[error.code]}`;
    const mark = fate/* MEANINGS */.Lx[state].safe && warnings.length === 0 ? '✅' : '⚠️';
    if (dryRun)
        return `${mark} Cobo access token: dry run`;
    return `${mark} Cobo access token${isPost ? ': finished after the job' : ''}`;
}
function row([name, value]) {
    return `| ${name} | ${value.replaceAll('|', '\\|')} |`;
}
function plain(text) {
    return text
        .replace(/[\r\n]+/g, ' ')
        .replaceAll('&', '&amp;')
        .replaceAll('<', '&lt;')
        .replaceAll('](', ']\\(');
}
function errorLine({ code, message, remedy }, state, env) {
    const where = errorPage(env);
    const page = where === undefined ? 'see docs/errors.md' : `${where}#${code}`;
    return `${message} ${fate/* MEANINGS */.Lx[state].sentence} ${remedy} [token-state: ${state}, error: ${code}] ${page}`;
}
function errorPage(env) {
    const { GITHUB_ACTION_REPOSITORY: repository = '', GITHUB_ACTION_REF: ref = '' } = env;
    const server = env.GITHUB_SERVER_URL || 'https://github.com';
    const isSafe = /^[\w.-]+\/[\w.-]+$/.test(repository) && /^[\w./-]+$/.test(ref);
    return isSafe ? `${server}/${repository}/blob/${ref}/docs/errors.md` : undefined;
}

;// CONCATENATED MODULE: ./build/src/delivery.js






const LOG = 'The log of this step cannot be written.';
const FILES = "The runner's files for outputs and state cannot be written.";
class Delivery {
    #toolkit;
    #masks;
    #env;
    isPost;
    #accessTokenEnv;
    #facts = [];
    #warnings = [];
    #enduring = false;
    #envelopeShown = false;
    #envelopeSummed = false;
    constructor(toolkit, masks, env, isPost) {
        this.#toolkit = toolkit;
        this.#masks = masks;
        this.#env = env;
        this.isPost = isPost;
    }
    endure() {
        this.#enduring = true;
    }
    #tell(telling, problem = LOG) {
        try {
            telling();
            return true;
        }
        catch (error) {
            if (!this.#enduring)
                throw noFiles(problem, error);
            return false;
        }
    }
    mask(secret) {
        this.#tell(() => this.#toolkit.setSecret(secret));
    }
    info(line) {
        this.#tell(() => this.#toolkit.info(this.#clean(line)));
    }
    debug(line) {
        if (this.#env.RUNNER_DEBUG !== '1')
            return;
        this.#tell(() => this.#toolkit.debug(this.#clean(line)));
    }
    warning(line) {
        const text = this.#clean(line);
        this.#warnings.push(text);
        this.#tell(() => this.#toolkit.warning(text));
    }
    async step(work, outcome) {
        const started = (0,clock/* uptimeMs */.B)();
        const result = await work();
        this.info(`${outcome(result)} (${Math.round((0,clock/* uptimeMs */.B)() - started)} ms)`);
        return result;
    }
    begin({ keys, accessTokenEnv, cobo }) {
        this.#accessTokenEnv = accessTokenEnv;
        this.#facts.push(['Cobo', cobo.isCustom ? 'custom URL' : cobo.environment]);
        if (!this.isPost)
            this.#output('app-key', keys.appKey);
    }
    leave(handover) {
        const { state, envelope } = handover;
        if (!this.isPost) {
            this.#tell(() => this.#toolkit.saveState(fate/* HANDOVER */.II, JSON.stringify(handover)), FILES);
            this.#outputs({ state, envelope });
        }
        this.#envelopeSummed ||= envelope !== null;
        if (this.#envelopeSummed)
            this.#summarize({ state, envelope }, undefined);
    }
    showEnvelope(envelope) {
        if (this.#envelopeShown)
            return;
        this.#envelopeShown = true;
        this.info(`recovery-envelope: ${envelope}`);
    }
    handOut(refreshToken) {
        return this.#output('refresh-token', refreshToken);
    }
    succeeded(result) {
        this.endure();
        if (!this.#outputs(result))
            throw noFiles('The outputs or the environment variable of this step could not be written.');
        this.#summarize(result, undefined);
    }
    failed(error, result) {
        this.endure();
        if (error.code === 'internal' || error.code === 'runner-files')
            this.debug(stackOf(error));
        if (typeof result.envelope === 'string')
            this.showEnvelope(result.envelope);
        this.#summarize(result, error);
        if (!this.#outputs(result) && error.code !== 'runner-files')
            this.warning('Some outputs of this step could not be written.');
        this.#tell(() => {
            const line = this.#clean(errorLine(error, result.state, this.#env));
            this.#toolkit.error(line, { title: errors/* ERROR_TITLES */.N4[error.code] });
        });
    }
    #clean(line) {
        return (0,src_text/* withoutCommands */.Df)(this.#masks.redact(line));
    }
    #output(name, value) {
        return this.#tell(() => this.#toolkit.setOutput(name, value), FILES);
    }
    #outputs({ state, access, envelope }) {
        if (this.isPost)
            return true;
        const outputs = [
            ['token-state', state],
            ['recovery-envelope', envelope ?? ''],
        ];
        if (envelope)
            outputs.reverse();
        if (access !== undefined) {
            outputs.push(['access-token', access.accessToken], ['token-type', access.tokenType], ['scope', access.scope], ['expires-in', String(access.expiresIn)], ['expires-at', (0,src_text/* utc */.n$)(access.expiresAt)]);
        }
        const told = outputs.map(([name, value]) => this.#output(name, value));
        const variable = this.#accessTokenEnv;
        if (access !== undefined && variable !== undefined) {
            told.push(this.#tell(() => this.#toolkit.exportVariable(variable, access.accessToken)));
        }
        return told.every(Boolean);
    }
    #summarize(result, error) {
        const file = this.#env.GITHUB_STEP_SUMMARY;
        if (!file)
            return;
        const facts = [...this.#facts, ...(result.facts ?? [])];
        const circumstances = { error, warnings: this.#warnings, isPost: this.isPost };
        try {
            (0,external_node_fs_.writeFileSync)(file, this.#masks.redact(summaryOf({ ...result, facts }, circumstances)));
        }
        catch {
            this.debug('the job summary could not be written');
        }
    }
}
function noFiles(problem, cause) {
    const remedy = 'Check that the disk of the runner is not full, and re-run the job.';
    return new errors/* ActionError */.lZ('runner-files', problem, remedy, { cause });
}
function stackOf({ cause }) {
    return cause instanceof Error ? (cause.stack ?? cause.name) : typeof cause;
}

// EXTERNAL MODULE: external "node:crypto"
var external_node_crypto_ = __nccwpck_require__(598);
;// CONCATENATED MODULE: ./build/src/cobo/app-key.js


class AppSecretError extends Error {
    name = 'AppSecretError';
    remedy;
    constructor(problem, remedy) {
        super(problem);
        this.remedy = remedy;
    }
}
const SEED_BYTES = 32;
const GIVE_THE_SECRET = 'Give the app secret: 64 hexadecimal characters, or an unencrypted PKCS#8 PEM of an Ed25519 key.';
function readAppSecret(text) {
    const trimmed = text.trim();
    if ((0,src_text/* isHex */.qv)(trimmed, 64))
        return pairOf(Buffer.from(trimmed, 'hex'));
    if (trimmed.includes('-----'))
        return pairOf(seedOfPem(trimmed));
    throw explain(trimmed);
}
function pairOf(appSecret) {
    let known;
    return {
        appSecret,
        get appKey() {
            known ??= appKeyOf(appSecret);
            return known;
        },
    };
}
function appKeyOf(seed) {
    const jwk = { kty: 'OKP', crv: 'Ed25519', d: Buffer.from(seed).toString('base64url'), x: '' };
    const { x = '' } = (0,external_node_crypto_.createPrivateKey)({ key: jwk, format: 'jwk' }).export({ format: 'jwk' });
    return Buffer.from(x, 'base64url').toString('hex');
}
function seedOfPem(text) {
    const pem = text.replaceAll('\\r', '').replaceAll('\\n', '\n').replaceAll('\r', '');
    const label = /-----BEGIN ([A-Z0-9 ]+)-----/.exec(pem)?.[1] ?? '';
    if (label === 'ENCRYPTED PRIVATE KEY' || pem.includes('Proc-Type: 4,ENCRYPTED')) {
        throw new AppSecretError('is an encrypted PEM', 'Decrypt it first, for instance with `openssl pkcs8 -in key.pem -out plain.pem`, and store the result.');
    }
    if (label.endsWith('PUBLIC KEY') || label === 'CERTIFICATE') {
        throw new AppSecretError('holds a public key, not a private one', GIVE_THE_SECRET);
    }
    if (label === 'RSA PRIVATE KEY' || label === 'EC PRIVATE KEY' || label === 'DSA PRIVATE KEY') {
        throw new AppSecretError(`is a PEM of type ${label.split(' ')[0]}, not of an Ed25519 key`, GIVE_THE_SECRET);
    }
    if (label === 'OPENSSH PRIVATE KEY') {
        throw new AppSecretError('is a key in the format of OpenSSH', GIVE_THE_SECRET);
    }
    let key;
    try {
        key = (0,external_node_crypto_.createPrivateKey)({ key: reflow(pem), format: 'pem' });
    }
    catch {
        throw new AppSecretError('is a PEM that cannot be read', `${GIVE_THE_SECRET} Was a line lost when it was pasted?`);
    }
    if (key.asymmetricKeyType !== 'ed25519') {
        throw new AppSecretError(`is a PEM of type ${(key.asymmetricKeyType ?? 'unknown').toUpperCase()}, not of an Ed25519 key`, GIVE_THE_SECRET);
    }
    return Buffer.from(key.export({ format: 'jwk' }).d ?? '', 'base64url');
}
function reflow(pem) {
    return pem.replace(/(-----BEGIN [A-Z0-9 ]+-----)([\s\S]*?)(-----END [A-Z0-9 ]+-----)/, (_whole, begin, body, end) => `${begin}\n${body.trim().replace(/\s+/g, '\n')}\n${end}\n`);
}
function explain(text) {
    if ((0,src_text/* isHex */.qv)(text, 128)) {
        return new AppSecretError('has 128 hexadecimal characters: the app secret and the public key together', 'Give the first 64 characters alone.');
    }
    if (/^0x/i.test(text) && (0,src_text/* isHex */.qv)(text.slice(2), 64))
        return new AppSecretError('begins with 0x', 'Leave the 0x out.');
    if ((0,src_text/* isHex */.qv)(text)) {
        return new AppSecretError(`has ${text.length} hexadecimal characters instead of 64`, GIVE_THE_SECRET);
    }
    if (/^ssh-|^ecdsa-/.test(text))
        return new AppSecretError('is a public key in the format of OpenSSH', GIVE_THE_SECRET);
    if (/^[A-Za-z0-9+/_-]+={0,2}$/.test(text) && text.length >= 40) {
        const bytes = Buffer.from(text, 'base64').length;
        const hint = bytes === SEED_BYTES
            ? 'Turn it into hexadecimal, for instance with `base64 -d | xxd -p -c 32`.'
            : 'If it is a PEM, keep its BEGIN and END lines.';
        return new AppSecretError('looks like base64', `${GIVE_THE_SECRET} ${hint}`);
    }
    return new AppSecretError('is neither 64 hexadecimal characters nor a PEM', GIVE_THE_SECRET);
}

;// CONCATENATED MODULE: ./build/src/cobo/environments.js
const ENVIRONMENTS = {
    prod: {
        apiUrl: 'https://api.cobo.com/v2',
        responseKey: '8d4a482641adb2a34b726f05827dba9a9653e5857469b8749052bf4458a86729',
    },
    dev: {
        apiUrl: 'https://api.dev.cobo.com/v2',
        responseKey: 'a04ea1d5fa8da71f1dcfccf972b9c4eba0a2d8aba1f6da26f49977b08a0d2718',
    },
    sandbox: {
        apiUrl: 'https://api.sandbox.cobo.com/v2',
        responseKey: '893d8a6112ae22429a7453599256391d7928e16870ecab888ee3ce65febada08',
    },
};
function isEnvironmentName(name) {
    return Object.hasOwn(ENVIRONMENTS, name);
}

// EXTERNAL MODULE: ./build/src/github/grammar.js
var grammar = __nccwpck_require__(165);
;// CONCATENATED MODULE: ./build/src/input-values.js


const ID = {
    shape: /^[\x21-\x7e]{1,256}$/,
    problem: 'must be at most 256 ASCII characters without blanks',
    remedy: 'Copy the ID from Cobo Portal.',
};
const TOKEN = {
    shape: new RegExp(`^.{${src_text/* SHORTEST_SECRET */.c3},}$`, 's'),
    problem: 'is too short to be a token',
    remedy: 'Store the token itself in the secret.',
};
const HEADER = {
    shape: /^[\x21-\x7e]+$/,
    problem: 'must not contain blanks or special characters',
    remedy: 'Store it again, without line breaks.',
};
const PUBLIC_KEY = {
    shape: /^[0-9a-f]{64}$/i,
    problem: 'must be 64 hexadecimal characters',
    remedy: "Leave it out to use the environment's own key.",
};
const SECRET_NAME = {
    shape: /^(?!GITHUB_)[A-Z_][A-Z0-9_]{0,199}$/i,
    problem: 'is not a valid name for a secret or variable',
    remedy: 'Use letters, digits and `_`, and do not begin with a digit or `GITHUB_`.',
};
const VARIABLE_NAME = {
    shape: /^(?!GITHUB_|RUNNER_|ACTIONS_|INPUT_|(NODE_OPTIONS|PATH|HOME|CI)$)[A-Z_][A-Z0-9_]{0,199}$/i,
    problem: 'is not a valid name for an environment variable',
    remedy: 'Use letters, digits and `_`, and no name that the runner uses itself.',
};
const FLAG = {
    shape: /^(true|True|TRUE|false|False|FALSE)$/,
    problem: 'must be `true` or `false`',
    remedy: 'Use one of the two.',
};
const WHY_EMPTY = 'A secret or variable is empty when the job does not name the environment that holds it (`environment:`), when its name is misspelled, and in runs from forks or started by Dependabot.';
function missing(name, remedy) {
    return new errors/* ActionError */.lZ('input-missing', `The input \`${name}\` is empty.`, remedy);
}
function invalid(name, problem, remedy) {
    return new errors/* ActionError */.lZ('input-invalid', `The input \`${name}\` ${problem}.`, remedy);
}
function reader(getInput) {
    return (name, ...kinds) => {
        const text = getInput(name);
        if (text === '')
            return undefined;
        for (const { shape, problem, remedy } of kinds) {
            if (!shape.test(text))
                throw invalid(name, problem, remedy);
        }
        return text;
    };
}
function readFlag(read, name) {
    return read(name, FLAG)?.toLowerCase() === 'true';
}
function readNumber(read, name, otherwise, least, most) {
    const text = read(name);
    if (text === undefined)
        return otherwise;
    const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
    if (value >= least && value <= most)
        return value;
    throw invalid(name, `must be a whole number from ${least} to ${most}`, `Leave it out to use ${otherwise}.`);
}
function readTime(read, name) {
    const text = read(name);
    if (text === undefined)
        return undefined;
    const time = /^\d{4}-\d\d-\d\dT[\d:.]+(Z|[+-]\d\d:\d\d)$/.test(text) ? Date.parse(text) : Number.NaN;
    if (!Number.isNaN(time))
        return time;
    throw invalid(name, 'must be a time in ISO 8601 with its time zone', 'Use the output `expires-at` of an earlier run, such as `2026-01-31T12:00:00Z`, or leave it empty.');
}
function readUrl(read, name, otherwise) {
    const text = read(name) ?? otherwise;
    const url = /^[\x21-\x7e]+$/.test(text) && URL.canParse(text) ? new URL(text) : undefined;
    if (url === undefined) {
        throw invalid(name, 'is not a URL', 'Use a complete URL that begins with `https://`.');
    }
    if (url.username !== '' || url.password !== '') {
        throw invalid(name, 'must not contain a user name or password', 'Remove them.');
    }
    if (/[?#]/.test(text)) {
        throw invalid(name, 'must not have a query or a fragment', 'Use the base URL only.');
    }
    if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isLoopback(url.hostname))) {
        throw invalid(name, 'must use `https:`', 'Only a loopback host may be called with `http:`.');
    }
    return url.href.replace(/\/+$/, '');
}
function isLoopback(host) {
    return host === 'localhost' || host === '[::1]' || /^127(\.\d{1,3}){3}$/.test(host);
}

;// CONCATENATED MODULE: ./build/src/inputs.js






function readInputs(toolkit, masks, env) {
    const read = reader((name) => toolkit.getInput(name));
    const keys = readKeys(toolkit.getInput('private-key', { trimWhitespace: false }), masks);
    for (const name of ['refresh-token', 'github-token', 'access-token']) {
        masks.add(toolkit.getInput(name, { trimWhitespace: false }));
    }
    if (keys instanceof errors/* ActionError */.lZ)
        throw keys;
    const clientId = read('client-id', ID);
    if (clientId === undefined) {
        throw missing('client-id', `It is the Portal App's client ID, as Cobo Portal shows it. Check its name. ${WHY_EMPTY}`);
    }
    const orgId = read('org-id', ID);
    const refreshToken = read('refresh-token', TOKEN);
    const recoveryEnvelope = read('recovery-envelope');
    if (refreshToken === undefined && orgId === undefined && recoveryEnvelope === undefined) {
        throw missing('refresh-token', `Check the name of the secret. ${WHY_EMPTY} Without a refresh token, \`org-id\` is required.`);
    }
    return {
        keys,
        clientId,
        refreshToken,
        orgId,
        recoveryEnvelope,
        cobo: readCobo(read),
        writeBack: readWriteBack(read, env),
        accessTokenEnv: read('access-token-env', VARIABLE_NAME),
        stored: readStored(read),
        dryRun: readFlag(read, 'dry-run'),
        timeoutMs: readNumber(read, 'timeout-seconds', 30, 1, 600) * 1000,
        maxAttempts: readNumber(read, 'max-attempts', 4, 1, 20),
    };
}
function readKeys(given, masks) {
    masks.add(given);
    const digits = given.trim();
    if (digits === '')
        return missing('private-key', `Check the name of the secret. ${WHY_EMPTY}`);
    if ((0,src_text/* isHex */.qv)(digits, 128))
        maskHex(digits.slice(0, 64), masks);
    if ((0,src_text/* isHex */.qv)(digits))
        maskHex(digits, masks);
    try {
        const keys = readAppSecret(given);
        maskHex(Buffer.from(keys.appSecret).toString('hex'), masks);
        return keys;
    }
    catch (error) {
        if (error instanceof AppSecretError)
            return invalid('private-key', error.message, error.remedy);
        throw error;
    }
}
function maskHex(hex, masks) {
    masks.add(hex.toLowerCase());
    masks.add(hex.toUpperCase());
}
function readCobo(read) {
    const environment = read('cobo-environment') ?? 'prod';
    if (!isEnvironmentName(environment)) {
        throw invalid('cobo-environment', 'must be `prod`, `dev` or `sandbox`', 'Use one of the three, in lower case.');
    }
    const own = ENVIRONMENTS[environment];
    return {
        environment,
        apiUrl: readUrl(read, 'api-url', own.apiUrl),
        isCustom: read('api-url') !== undefined,
        responseKey: read('response-public-key', PUBLIC_KEY) ?? own.responseKey,
    };
}
function readStored(read) {
    const accessToken = read('access-token', TOKEN);
    const expiresAt = readTime(read, 'expires-at');
    const minValidity = readNumber(read, 'min-validity', 0, 0, 366 * 24 * 3600);
    return accessToken === undefined || expiresAt === undefined ? undefined : { accessToken, expiresAt, minValidity };
}
function readWriteBack(read, env) {
    const refreshTokenSecret = readTarget(read, 'refresh-token-secret');
    const accessTokenSecret = readTarget(read, 'access-token-secret');
    const expiresAtVariable = readTarget(read, 'expires-at-variable');
    const token = read('github-token', TOKEN, HEADER);
    const apiUrl = readUrl(read, 'github-api-url', env.GITHUB_API_URL || 'https://api.github.com');
    const stores = (0,grammar/* readStores */.J)(read('secret-stores') ?? 'repository', env.GITHUB_REPOSITORY);
    if ((refreshTokenSecret ?? accessTokenSecret ?? expiresAtVariable) === undefined)
        return undefined;
    if (refreshTokenSecret !== undefined && refreshTokenSecret === accessTokenSecret) {
        throw invalid('access-token-secret', 'names the same secret as `refresh-token-secret`', 'Use another name.');
    }
    refuseRecordNames({
        'refresh-token-secret': refreshTokenSecret,
        'access-token-secret': accessTokenSecret,
        'expires-at-variable': expiresAtVariable,
    });
    if (token === undefined) {
        throw missing('github-token', `It is required to write secrets or variables. Use a fine-grained personal access token or a GitHub App token; the workflow's own \`GITHUB_TOKEN\` cannot write secrets. ${WHY_EMPTY}`);
    }
    return { token, apiUrl, stores, refreshTokenSecret, accessTokenSecret, expiresAtVariable };
}
function readTarget(read, name) {
    return read(name, SECRET_NAME)?.toUpperCase();
}
function refuseRecordNames(targets) {
    const names = Object.values(targets).filter((name) => name !== undefined);
    for (const [input, name] of Object.entries(targets)) {
        if (!names.some((other) => name?.startsWith(`${other}_IN_FLIGHT_`)))
            continue;
        throw invalid(input, 'begins like an in-flight record of another target', 'Use another name.');
    }
}

// EXTERNAL MODULE: ./build/src/run.js
var src_run = __nccwpck_require__(615);
;// CONCATENATED MODULE: ./build/src/step.js






async function runStep(world, left, story) {
    const masks = new src_text/* Masks */.O7((secret) => delivery.mask(secret));
    const delivery = new Delivery(world.toolkit, masks, world.env, left !== undefined);
    if (left !== undefined)
        delivery.endure();
    const cancellation = new Cancellation(world.signals);
    let run;
    try {
        const inputs = readInputs(world.toolkit, masks, world.env);
        delivery.begin(inputs);
        run = (0,src_run/* startRun */.AD)({ world, inputs, masks, delivery, cancellation }, left);
        return await story(run);
    }
    catch (thrown) {
        if (run !== undefined)
            return await fail(run, thrown);
        const { state, envelope } = left ?? { state: 'unspent', envelope: null };
        delivery.failed((0,errors/* asActionError */.z6)(thrown), { state, envelope });
        return 1;
    }
    finally {
        cancellation.close();
    }
}
async function fail(run, thrown) {
    const { cancellation, delivery, fate } = run;
    const isCancelled = isEcho(run, thrown);
    const error = isCancelled ? cancelled() : withEnvelope(run, (0,errors/* asActionError */.z6)(thrown));
    const { state, envelope } = fate.left;
    delivery.failed(error, { state, envelope, access: fate.access });
    const mayRemove = !fate.keepsRecord && error.code !== 'record-left' && error.code !== 'overtaken';
    if (mayRemove) {
        await removeRecords(run).catch((left) => {
            const { message, remedy } = (0,errors/* asActionError */.z6)(left);
            delivery.warning(`${message} ${remedy}`);
        });
    }
    return isCancelled ? cancellation.exitStatus : 1;
}
function isEcho({ cancellation, fate }, thrown) {
    if (cancellation.received === undefined || fate.state !== 'unspent')
        return false;
    if (!(thrown instanceof errors/* ActionError */.lZ))
        return true;
    return thrown.code === 'cancelled' || ('stopped' in thrown && thrown.stopped === true);
}
function cancelled() {
    return new errors/* ActionError */.lZ('cancelled', 'The run was cancelled before the refresh token was used.', 'Re-run the job.');
}
function withEnvelope({ fate }, error) {
    if (fate.state !== 'sealed' || error.remedy.includes('envelope'))
        return error;
    const remedy = `${error.remedy} Then start a run with the envelope as the input \`recovery-envelope\` (docs/recovery.md).`;
    return new errors/* ActionError */.lZ(error.code, error.message, remedy, { cause: error.cause });
}
async function removeRecords(run) {
    const { delivery, recording, stores } = run;
    if (recording === undefined || stores === undefined)
        return;
    const left = await stores.records.remove();
    noteRecords(run, stores.records.labels);
    const [first] = left;
    if (first === undefined)
        return;
    const labels = (0,src_text/* list */.p_)(left.map(({ store }) => `\`${store.label}\``));
    const commands = left.map(({ store }) => `\`${stores.records.command(store)}\``).join(', ');
    throw new errors/* ActionError */.lZ('record-left', `The in-flight record could not be deleted from ${labels}: ${first.reason}.`, `${delivery.isPost ? '' : 'The post step of this job tries again. '}If the next run says that the token is in doubt, delete the record: ${commands}.`);
}
function noteRecords(run, labels) {
    for (const store of run.recording?.stores ?? [])
        store.record = labels.includes(store.label);
    (0,src_run/* leaveBehind */.kh)(run);
}


/***/ }),

/***/ 263:
/***/ ((__unused_webpack_module, __webpack_exports__, __nccwpck_require__) => {

/* harmony export */ __nccwpck_require__.d(__webpack_exports__, {
/* harmony export */   Df: () => (/* binding */ withoutCommands),
/* harmony export */   E$: () => (/* binding */ redact),
/* harmony export */   Lx: () => (/* binding */ hasControls),
/* harmony export */   O7: () => (/* binding */ Masks),
/* harmony export */   SW: () => (/* binding */ remoteText),
/* harmony export */   ZZ: () => (/* binding */ field),
/* harmony export */   c3: () => (/* binding */ SHORTEST_SECRET),
/* harmony export */   kv: () => (/* binding */ timeField),
/* harmony export */   n$: () => (/* binding */ utc),
/* harmony export */   p0: () => (/* binding */ duration),
/* harmony export */   p_: () => (/* binding */ list),
/* harmony export */   qF: () => (/* binding */ parseJson),
/* harmony export */   qv: () => (/* binding */ isHex)
/* harmony export */ });
function remoteText(text, limit = 200) {
    if (typeof text !== 'string' && typeof text !== 'number')
        return '';
    const flat = String(text)
        .replaceAll(CONTROLS, ' ')
        .replace(/\s+/g, ' ')
        .replace(/[\w+/=.~-]{40,}/g, '[…]')
        .replace(/::+/g, ': :')
        .trim();
    return withoutCommands(shorten(flat, limit));
}
const CONTROLS = /[\p{C}\p{Zl}\p{Zp}]/gu;
function hasControls(text) {
    return text.search(CONTROLS) !== -1;
}
function shorten(text, limit) {
    if (text.length <= limit)
        return text;
    return `${text.slice(0, limit - 1).replace(/[\uD800-\uDBFF]$/, '')}…`;
}
function isHex(text, digits = text.length) {
    return text.length === digits && /^[0-9a-fA-F]+$/.test(text);
}
function withoutCommands(text) {
    return text.replaceAll('##[', '# #[');
}
function redact(text, secrets) {
    let clean = text;
    for (const secret of secrets)
        clean = clean.replaceAll(secret, '***');
    return clean;
}
const SHORTEST_SECRET = 8;
class Masks {
    #register;
    #known = new Set();
    constructor(register) {
        this.#register = register;
    }
    add(secret) {
        const lines = secret.split(/\r\n|\r|\n|\\r\\n|\\n/);
        for (const piece of [secret, secret.trim(), ...lines.map((line) => line.trim())]) {
            if (piece.trim().length < SHORTEST_SECRET || this.#known.has(piece))
                continue;
            this.#known.add(piece);
            this.#register(piece);
        }
    }
    redact(text) {
        return redact(text, [...this.#known].sort((a, b) => b.length - a.length));
    }
}
function utc(ms) {
    const date = new Date(ms);
    return Number.isNaN(date.getTime()) ? 'an unknown time' : date.toISOString().replace(/\.\d{3}Z$/, 'Z');
}
function duration(ms) {
    const seconds = Math.round(ms / 1000);
    if (seconds >= 60)
        return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
    return ms >= 10_000 ? `${seconds} s` : `${(ms / 1000).toFixed(1)} s`;
}
function list(items) {
    return items.length < 2 ? (items[0] ?? '') : `${items.slice(0, -1).join(', ')} and ${items.at(-1)}`;
}
function field(json, name) {
    return typeof json === 'object' && json !== null && Object.hasOwn(json, name)
        ? json[name]
        : undefined;
}
function timeField(json, name) {
    const value = field(json, name);
    return typeof value === 'string' ? Date.parse(value) : Number.NaN;
}
function parseJson(text) {
    try {
        return JSON.parse(text);
    }
    catch {
        return undefined;
    }
}


/***/ }),

/***/ 896:
/***/ ((module) => {

module.exports = require("fs");

/***/ }),

/***/ 598:
/***/ ((module) => {

module.exports = require("node:crypto");

/***/ }),

/***/ 24:
/***/ ((module) => {

module.exports = require("node:fs");

/***/ }),

/***/ 500:
/***/ ((module) => {

module.exports = require("node:timers/promises");

/***/ }),

/***/ 857:
/***/ ((module) => {

module.exports = require("os");

/***/ })

/******/ 	});
/************************************************************************/
/******/ 	// The module cache
/******/ 	var __webpack_module_cache__ = {};
/******/ 	
/******/ 	// The require function
/******/ 	function __nccwpck_require__(moduleId) {
/******/ 		// Check if module is in cache
/******/ 		var cachedModule = __webpack_module_cache__[moduleId];
/******/ 		if (cachedModule !== undefined) {
/******/ 			return cachedModule.exports;
/******/ 		}
/******/ 		// Create a new module (and put it into the cache)
/******/ 		var module = __webpack_module_cache__[moduleId] = {
/******/ 			// no module.id needed
/******/ 			// no module.loaded needed
/******/ 			exports: {}
/******/ 		};
/******/ 	
/******/ 		// Execute the module function
/******/ 		var threw = true;
/******/ 		try {
/******/ 			__webpack_modules__[moduleId](module, module.exports, __nccwpck_require__);
/******/ 			threw = false;
/******/ 		} finally {
/******/ 			if(threw) delete __webpack_module_cache__[moduleId];
/******/ 		}
/******/ 	
/******/ 		// Return the exports of the module
/******/ 		return module.exports;
/******/ 	}
/******/ 	
/******/ 	// expose the modules object (__webpack_modules__)
/******/ 	__nccwpck_require__.m = __webpack_modules__;
/******/ 	
/************************************************************************/
/******/ 	/* webpack/runtime/asset-relocator-loader */
/******/ 	if (typeof __nccwpck_require__ !== 'undefined') __nccwpck_require__.ab = __dirname + "/";
/******/ 	
/******/ 	/* webpack/runtime/compat get default export */
/******/ 	(() => {
/******/ 		// getDefaultExport function for compatibility with non-harmony modules
/******/ 		__nccwpck_require__.n = (module) => {
/******/ 			var getter = module && module.__esModule ?
/******/ 				() => (module['default']) :
/******/ 				() => (module);
/******/ 			__nccwpck_require__.d(getter, { a: getter });
/******/ 			return getter;
/******/ 		};
/******/ 	})();
/******/ 	
/******/ 	/* webpack/runtime/define property getters */
/******/ 	(() => {
/******/ 		// define getter functions for harmony exports
/******/ 		__nccwpck_require__.d = (exports, definition) => {
/******/ 			for(var key in definition) {
/******/ 				if(__nccwpck_require__.o(definition, key) && !__nccwpck_require__.o(exports, key)) {
/******/ 					Object.defineProperty(exports, key, { enumerable: true, get: definition[key] });
/******/ 				}
/******/ 			}
/******/ 		};
/******/ 	})();
/******/ 	
/******/ 	/* webpack/runtime/ensure chunk */
/******/ 	(() => {
/******/ 		__nccwpck_require__.f = {};
/******/ 		// This file contains only the entry chunk.
/******/ 		// The chunk loading function for additional chunks
/******/ 		__nccwpck_require__.e = (chunkId) => {
/******/ 			return Promise.all(Object.keys(__nccwpck_require__.f).reduce((promises, key) => {
/******/ 				__nccwpck_require__.f[key](chunkId, promises);
/******/ 				return promises;
/******/ 			}, []));
/******/ 		};
/******/ 	})();
/******/ 	
/******/ 	/* webpack/runtime/get javascript chunk filename */
/******/ 	(() => {
/******/ 		// This function allow to reference async chunks
/******/ 		__nccwpck_require__.u = (chunkId) => {
/******/ 			// return url for filenames based on template
/******/ 			return "" + chunkId + ".index.js";
/******/ 		};
/******/ 	})();
/******/ 	
/******/ 	/* webpack/runtime/hasOwnProperty shorthand */
/******/ 	(() => {
/******/ 		__nccwpck_require__.o = (obj, prop) => (Object.prototype.hasOwnProperty.call(obj, prop))
/******/ 	})();
/******/ 	
/******/ 	/* webpack/runtime/make namespace object */
/******/ 	(() => {
/******/ 		// define __esModule on exports
/******/ 		__nccwpck_require__.r = (exports) => {
/******/ 			if(typeof Symbol !== 'undefined' && Symbol.toStringTag) {
/******/ 				Object.defineProperty(exports, Symbol.toStringTag, { value: 'Module' });
/******/ 			}
/******/ 			Object.defineProperty(exports, '__esModule', { value: true });
/******/ 		};
/******/ 	})();
/******/ 	
/******/ 	/* webpack/runtime/require chunk loading */
/******/ 	(() => {
/******/ 		// no baseURI
/******/ 		
/******/ 		// object to store loaded chunks
/******/ 		// "1" means "loaded", otherwise not loaded yet
/******/ 		var installedChunks = {
/******/ 			792: 1
/******/ 		};
/******/ 		
/******/ 		// no on chunks loaded
/******/ 		
/******/ 		var installChunk = (chunk) => {
/******/ 			var moreModules = chunk.modules, chunkIds = chunk.ids, runtime = chunk.runtime;
/******/ 			for(var moduleId in moreModules) {
/******/ 				if(__nccwpck_require__.o(moreModules, moduleId)) {
/******/ 					__nccwpck_require__.m[moduleId] = moreModules[moduleId];
/******/ 				}
/******/ 			}
/******/ 			if(runtime) runtime(__nccwpck_require__);
/******/ 			for(var i = 0; i < chunkIds.length; i++)
/******/ 				installedChunks[chunkIds[i]] = 1;
/******/ 		
/******/ 		};
/******/ 		
/******/ 		// require() chunk loading for javascript
/******/ 		__nccwpck_require__.f.require = (chunkId, promises) => {
/******/ 			// "1" is the signal for "already loaded"
/******/ 			if(!installedChunks[chunkId]) {
/******/ 				if(true) { // all chunks have JS
/******/ 					installChunk(require("./" + __nccwpck_require__.u(chunkId)));
/******/ 				} else installedChunks[chunkId] = 1;
/******/ 			}
/******/ 		};
/******/ 		
/******/ 		// no external install chunk
/******/ 		
/******/ 		// no HMR
/******/ 		
/******/ 		// no HMR manifest
/******/ 	})();
/******/ 	
/************************************************************************/
var __webpack_exports__ = {};

// EXTERNAL MODULE: external "node:fs"
var external_node_fs_ = __nccwpck_require__(24);
;// CONCATENATED MODULE: external "node:path"
const external_node_path_namespaceObject = require("node:path");
// EXTERNAL MODULE: external "os"
var external_os_ = __nccwpck_require__(857);
;// CONCATENATED MODULE: ./build/node_modules/@actions/core/lib/utils.js
function toCommandValue(input) {
    if (input === null || input === undefined) {
        return '';
    }
    else if (typeof input === 'string' || input instanceof String) {
        return input;
    }
    return JSON.stringify(input);
}
function utils_toCommandProperties(annotationProperties) {
    if (!Object.keys(annotationProperties).length) {
        return {};
    }
    return {
        title: annotationProperties.title,
        file: annotationProperties.file,
        line: annotationProperties.startLine,
        endLine: annotationProperties.endLine,
        col: annotationProperties.startColumn,
        endColumn: annotationProperties.endColumn
    };
}

;// CONCATENATED MODULE: ./build/node_modules/@actions/core/lib/command.js


function command_issueCommand(command, properties, message) {
    const cmd = new Command(command, properties, message);
    process.stdout.write(cmd.toString() + external_os_.EOL);
}
function command_issue(name, message = '') {
    command_issueCommand(name, {}, message);
}
const CMD_STRING = '::';
class Command {
    constructor(command, properties, message) {
        if (!command) {
            command = 'missing.command';
        }
        this.command = command;
        this.properties = properties;
        this.message = message;
    }
    toString() {
        let cmdStr = CMD_STRING + this.command;
        if (this.properties && Object.keys(this.properties).length > 0) {
            cmdStr += ' ';
            let first = true;
            for (const key in this.properties) {
                if (this.properties.hasOwnProperty(key)) {
                    const val = this.properties[key];
                    if (val) {
                        if (first) {
                            first = false;
                        }
                        else {
                            cmdStr += ',';
                        }
                        cmdStr += `${key}=${escapeProperty(val)}`;
                    }
                }
            }
        }
        cmdStr += `${CMD_STRING}${escapeData(this.message)}`;
        return cmdStr;
    }
}
function escapeData(s) {
    return toCommandValue(s)
        .replace(/%/g, '%25')
        .replace(/\r/g, '%0D')
        .replace(/\n/g, '%0A');
}
function escapeProperty(s) {
    return toCommandValue(s)
        .replace(/%/g, '%25')
        .replace(/\r/g, '%0D')
        .replace(/\n/g, '%0A')
        .replace(/:/g, '%3A')
        .replace(/,/g, '%2C');
}

;// CONCATENATED MODULE: external "crypto"
const external_crypto_namespaceObject = require("crypto");
// EXTERNAL MODULE: external "fs"
var external_fs_ = __nccwpck_require__(896);
;// CONCATENATED MODULE: ./build/node_modules/@actions/core/lib/file-command.js




function file_command_issueFileCommand(command, message) {
    const filePath = process.env[`GITHUB_${command}`];
    if (!filePath) {
        throw new Error(`Unable to find environment variable for file command ${command}`);
    }
    if (!external_fs_.existsSync(filePath)) {
        throw new Error(`Missing file at path: ${filePath}`);
    }
    external_fs_.appendFileSync(filePath, `${toCommandValue(message)}${external_os_.EOL}`, {
        encoding: 'utf8'
    });
}
function prepareKeyValueMessage(key, value) {
    const delimiter = `ghadelimiter_${external_crypto_namespaceObject.randomUUID()}`;
    const convertedValue = toCommandValue(value);
    if (key.includes(delimiter)) {
        throw new Error(`Unexpected input: name should not contain the delimiter "${delimiter}"`);
    }
    if (convertedValue.includes(delimiter)) {
        throw new Error(`Unexpected input: value should not contain the delimiter "${delimiter}"`);
    }
    return `${key}<<${delimiter}${external_os_.EOL}${convertedValue}${external_os_.EOL}${delimiter}`;
}

;// CONCATENATED MODULE: external "path"
const external_path_namespaceObject = require("path");
;// CONCATENATED MODULE: ./build/node_modules/@actions/core/lib/core.js
var __awaiter = (undefined && undefined.__awaiter) || function (thisArg, _arguments, P, generator) {
    function adopt(value) { return value instanceof P ? value : new P(function (resolve) { resolve(value); }); }
    return new (P || (P = Promise))(function (resolve, reject) {
        function fulfilled(value) { try {
            step(generator.next(value));
        }
        catch (e) {
            reject(e);
        } }
        function rejected(value) { try {
            step(generator["throw"](value));
        }
        catch (e) {
            reject(e);
        } }
        function step(result) { result.done ? resolve(result.value) : adopt(result.value).then(fulfilled, rejected); }
        step((generator = generator.apply(thisArg, _arguments || [])).next());
    });
};






var ExitCode;
(function (ExitCode) {
    ExitCode[ExitCode["Success"] = 0] = "Success";
    ExitCode[ExitCode["Failure"] = 1] = "Failure";
})(ExitCode || (ExitCode = {}));
function exportVariable(name, val) {
    const convertedVal = toCommandValue(val);
    process.env[name] = convertedVal;
    const filePath = process.env['GITHUB_ENV'] || '';
    if (filePath) {
        return file_command_issueFileCommand('ENV', prepareKeyValueMessage(name, val));
    }
    command_issueCommand('set-env', { name }, convertedVal);
}
function setSecret(secret) {
    command_issueCommand('add-mask', {}, secret);
}
function addPath(inputPath) {
    const filePath = process.env['GITHUB_PATH'] || '';
    if (filePath) {
        issueFileCommand('PATH', inputPath);
    }
    else {
        issueCommand('add-path', {}, inputPath);
    }
    process.env['PATH'] = `${inputPath}${path.delimiter}${process.env['PATH']}`;
}
function getInput(name, options) {
    const val = process.env[`INPUT_${name.replace(/ /g, '_').toUpperCase()}`] || '';
    if (options && options.required && !val) {
        throw new Error(`Input required and not supplied: ${name}`);
    }
    if (options && options.trimWhitespace === false) {
        return val;
    }
    return val.trim();
}
function getMultilineInput(name, options) {
    const inputs = getInput(name, options)
        .split('\n')
        .filter(x => x !== '');
    if (options && options.trimWhitespace === false) {
        return inputs;
    }
    return inputs.map(input => input.trim());
}
function getBooleanInput(name, options) {
    const trueValue = ['true', 'True', 'TRUE'];
    const falseValue = ['false', 'False', 'FALSE'];
    const val = getInput(name, options);
    if (trueValue.includes(val))
        return true;
    if (falseValue.includes(val))
        return false;
    throw new TypeError(`Input does not meet YAML 1.2 "Core Schema" specification: ${name}\n` +
        `Support boolean input list: \`true | True | TRUE | false | False | FALSE\``);
}
function setOutput(name, value) {
    const filePath = process.env['GITHUB_OUTPUT'] || '';
    if (filePath) {
        return file_command_issueFileCommand('OUTPUT', prepareKeyValueMessage(name, value));
    }
    process.stdout.write(external_os_.EOL);
    command_issueCommand('set-output', { name }, toCommandValue(value));
}
function setCommandEcho(enabled) {
    issue('echo', enabled ? 'on' : 'off');
}
function setFailed(message) {
    process.exitCode = ExitCode.Failure;
    error(message);
}
function isDebug() {
    return process.env['RUNNER_DEBUG'] === '1';
}
function debug(message) {
    command_issueCommand('debug', {}, message);
}
function error(message, properties = {}) {
    command_issueCommand('error', utils_toCommandProperties(properties), message instanceof Error ? message.toString() : message);
}
function warning(message, properties = {}) {
    command_issueCommand('warning', utils_toCommandProperties(properties), message instanceof Error ? message.toString() : message);
}
function notice(message, properties = {}) {
    issueCommand('notice', toCommandProperties(properties), message instanceof Error ? message.toString() : message);
}
function info(message) {
    process.stdout.write(message + external_os_.EOL);
}
function startGroup(name) {
    issue('group', name);
}
function endGroup() {
    issue('endgroup');
}
function group(name, fn) {
    return __awaiter(this, void 0, void 0, function* () {
        startGroup(name);
        let result;
        try {
            result = yield fn();
        }
        finally {
            endGroup();
        }
        return result;
    });
}
function saveState(name, value) {
    const filePath = process.env['GITHUB_STATE'] || '';
    if (filePath) {
        return file_command_issueFileCommand('STATE', prepareKeyValueMessage(name, value));
    }
    command_issueCommand('save-state', { name }, toCommandValue(value));
}
function getState(name) {
    return process.env[`STATE_${name}`] || '';
}
function getIDToken(aud) {
    return __awaiter(this, void 0, void 0, function* () {
        return yield OidcClient.getIDToken(aud);
    });
}





// EXTERNAL MODULE: ./build/src/clock.js
var clock = __nccwpck_require__(640);
// EXTERNAL MODULE: ./build/src/http.js + 5 modules
var http = __nccwpck_require__(299);
// EXTERNAL MODULE: ./build/src/run.js
var src_run = __nccwpck_require__(615);
// EXTERNAL MODULE: ./build/src/step.js + 7 modules
var step = __nccwpck_require__(432);
// EXTERNAL MODULE: ./build/src/text.js
var src_text = __nccwpck_require__(263);
;// CONCATENATED MODULE: ./build/src/refresh.js



function refresh(world) {
    return (0,step/* runStep */.eg)(world, undefined, async (run) => {
        const { cancellation, delivery, fate, inputs } = run;
        const stored = stillGood(inputs, world.clock.now());
        if (stored !== undefined)
            return reuse(run, stored);
        const token = await check(run);
        if (cancellation.received !== undefined)
            throw (0,step/* cancelled */.KW)();
        if (inputs.dryRun)
            return await stopShort(run, token);
        const { spend } = await (0,src_run/* loadKeep */.Yt)();
        await spend(run, token);
        if (cancellation.received === undefined)
            return 0;
        delivery.warning(`Cancelled (${cancellation.received}) while the token was in use. The run finished first: token-state ${fate.state}.`);
        return cancellation.exitStatus;
    });
}
function stillGood({ stored, dryRun, recoveryEnvelope }, now) {
    if (stored === undefined || dryRun || recoveryEnvelope !== undefined)
        return undefined;
    const { accessToken, expiresAt, minValidity } = stored;
    const expiresIn = Math.floor((expiresAt - now) / 1000);
    if (expiresIn <= 0 || expiresIn < minValidity)
        return undefined;
    return { accessToken, tokenType: 'Bearer', scope: '', expiresIn, expiresAt };
}
function reuse({ delivery }, access) {
    delivery.info(`✓ The stored access token is valid until ${(0,src_text/* utc */.n$)(access.expiresAt)} and is handed out again`);
    delivery.succeeded({ state: 'reused', access });
    return 0;
}
async function check(run) {
    const { inputs, held } = run;
    if (inputs.writeBack !== undefined) {
        const { prepare } = await __nccwpck_require__.e(/* import() */ 939).then(__nccwpck_require__.bind(__nccwpck_require__, 939));
        return await prepare(run, inputs.writeBack);
    }
    if (!inputs.dryRun)
        await (0,src_run/* rehearse */.Km)(run);
    return held?.refreshToken;
}
async function stopShort(run, token) {
    const { delivery, inputs, stores } = run;
    await (0,step/* removeRecords */.DR)(run);
    delivery.info('✓ Dry run: everything was checked up to the refresh. Nothing was spent');
    const next = token === undefined ? 'a fresh pair would be obtained with `org-id`' : 'it would be refreshed';
    delivery.succeeded({
        state: 'unspent',
        dryRun: true,
        facts: [
            ['App key', `\`${inputs.keys.appKey}\``],
            ...(stores?.labels ?? []).map((label) => ['Store', `\`${label}\` can be written`]),
            ['Next', next],
        ],
    });
    return 0;
}

;// CONCATENATED MODULE: ./build/src/main.js






const isPost = (0,external_node_path_namespaceObject.basename)(process.argv[1] ?? '') === 'post.js';
writeLinesAtOnce();
const world = {
    toolkit: {
        debug: debug,
        error: error,
        exportVariable: exportVariable,
        getInput: getInput,
        getState: getState,
        info: info,
        saveState: saveState,
        setOutput: setOutput,
        setSecret: setSecret,
        warning: warning,
    },
    env: process.env,
    facts,
    http: (0,http/* httpClient */.o)(process.env),
    clock: clock/* systemClock */.m,
    signals: process,
};
void (isPost ? __nccwpck_require__.e(/* import() */ 663).then(__nccwpck_require__.bind(__nccwpck_require__, 663)).then(({ finish }) => finish(world)) : refresh(world)).then((status) => {
    process.exit(status);
});
async function facts() {
    const event = process.env.GITHUB_EVENT_PATH;
    delete process.env.GITHUB_EVENT_PATH;
    const { context } = await __nccwpck_require__.e(/* import() */ 740).then(__nccwpck_require__.bind(__nccwpck_require__, 740));
    return {
        repository: process.env.GITHUB_REPOSITORY,
        runId: context.runId,
        runAttempt: context.runAttempt,
        jobStartedAt: event === undefined ? undefined : jobStartedAt(event),
    };
}
function jobStartedAt(event) {
    const times = [event, (0,external_node_path_namespaceObject.dirname)(event)].map((path) => (0,external_node_fs_.statSync)(path, { throwIfNoEntry: false })?.mtimeMs);
    const known = times.filter((time) => time !== undefined);
    return known.length === 0 ? undefined : Math.min(...known);
}
const FULL_PIPE_MS = 1_000;
function writeLinesAtOnce() {
    const { write } = {
        write(text) {
            const bytes = Buffer.from(text, 'utf8');
            const began = process.uptime();
            for (let at = 0; at < bytes.length;) {
                try {
                    at += (0,external_node_fs_.writeSync)(1, bytes, at);
                }
                catch (error) {
                    const isFull = error.code === 'EAGAIN';
                    if (!isFull || (process.uptime() - began) * 1000 > FULL_PIPE_MS)
                        throw error;
                }
            }
            return true;
        },
    };
    Object.defineProperty(process, 'stdout', { value: { write }, configurable: true });
}

module.exports = __webpack_exports__;
/******/ })()
;