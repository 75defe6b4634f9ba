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

const systemClock = {
    now: Date.now,
    sleep: (ms, signal) => (0,node_timers_promises__WEBPACK_IMPORTED_MODULE_0__.setTimeout)(ms, undefined, signal ? { signal } : {}),
    random: Math.random,
};
const uptimeMs = () => process.uptime() * 1000;


/***/ }),

/***/ 678:
/***/ ((__unused_webpack_module, __webpack_exports__, __nccwpck_require__) => {

/* harmony export */ __nccwpck_require__.d(__webpack_exports__, {
/* harmony export */   Zm: () => (/* binding */ refreshOrgAccessToken),
/* harmony export */   e1: () => (/* binding */ getOrgAccessToken),
/* harmony export */   ju: () => (/* binding */ ENVIRONMENTS),
/* harmony export */   tq: () => (/* binding */ isEnvironmentName)
/* harmony export */ });
const environment = (host, responseKey) => ({ apiUrl: `https://${host}/v2`, responseKey });
const ENVIRONMENTS = {
    prod: environment('api.cobo.com', '8d4a482641adb2a34b726f05827dba9a9653e5857469b8749052bf4458a86729'),
    dev: environment('api.dev.cobo.com', 'a04ea1d5fa8da71f1dcfccf972b9c4eba0a2d8aba1f6da26f49977b08a0d2718'),
    sandbox: environment('api.sandbox.cobo.com', '893d8a6112ae22429a7453599256391d7928e16870ecab888ee3ce65febada08'),
};
function isEnvironmentName(name) {
    return Object.hasOwn(ENVIRONMENTS, name);
}
function refreshOrgAccessToken(apiUrl, clientId, refreshToken) {
    const body = JSON.stringify({ client_id: clientId, grant_type: 'refresh_token', refresh_token: refreshToken });
    return { method: 'POST', url: new URL(`${apiUrl}/oauth/token`), body };
}
function getOrgAccessToken(apiUrl, clientId, orgId) {
    const query = `client_id=${encodeURIComponent(clientId)}&org_id=${encodeURIComponent(orgId)}&grant_type=org_implicit`;
    return { method: 'GET', url: new URL(`${apiUrl}/oauth/token?${query}`) };
}


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
    code;
    remedy;
    name = 'ActionError';
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
    unspent: { safe: true, keepsRecord: false, sentence: 'This run has not spent the refresh token.' },
    reused: { safe: true, keepsRecord: false, sentence: 'The refresh token was not used.' },
    unknown: { safe: false, keepsRecord: false, sentence: 'The refresh token may be spent.' },
    kept: { safe: true, keepsRecord: false, sentence: 'Cobo sent no new refresh token, so the old one stays valid.' },
    sealed: { safe: false, keepsRecord: true, sentence: 'The new refresh token is sealed in the recovery envelope.' },
    stored: { safe: true, keepsRecord: true, sentence: 'The new refresh token is in every store.' },
    delivered: { safe: true, keepsRecord: false, sentence: 'The new refresh token is in the output `refresh-token`.' },
};
const NEXT = {
    unspent: ['reused', 'unknown'],
    reused: [],
    unknown: ['unknown', 'unspent', 'kept', 'sealed'],
    kept: ['sealed'],
    sealed: ['stored', 'delivered'],
    stored: [],
    delivered: [],
};
const HANDOVER = 'handover';
function readHandover(text) {
    const json = (0,_text_js__WEBPACK_IMPORTED_MODULE_1__/* .parseJson */ .qF)(text);
    return (0,_errors_js__WEBPACK_IMPORTED_MODULE_0__/* .isTokenState */ .jY)((0,_text_js__WEBPACK_IMPORTED_MODULE_1__/* .field */ .ZZ)(json, 'state')) ? json : undefined;
}
const NOTHING = { state: 'unspent', trusted: true, envelope: null, keepsRecord: false, recording: null };
class Fate {
    tell;
    now;
    successor;
    access;
    #locks;
    constructor(locks, tell, now = NOTHING, successor) {
        this.tell = tell;
        this.now = now;
        this.successor = successor;
        this.#locks = locks && (now.keepsRecord || !MEANINGS[now.state].keepsRecord);
    }
    get state() {
        return this.now.state;
    }
    get left() {
        return this.now;
    }
    become(state) {
        const next = this.#next({ state, envelope: null });
        try {
            this.tell(next);
        }
        catch (error) {
            try {
                this.tell(this.now);
            }
            catch { }
            throw error;
        }
        this.now = next;
    }
    seal(successor, envelope, trusted) {
        this.successor = successor;
        this.now = this.#next({ state: 'sealed', envelope, trusted });
        this.tell(this.now);
    }
    note(recording) {
        this.now = { ...this.now, recording };
        this.tell(this.now);
    }
    #next(changes) {
        const { state } = changes;
        if (!NEXT[this.state].includes(state))
            throw new Error(`the refresh token cannot become ${state} after ${this.state}`);
        this.#locks &&= state !== 'kept';
        return { ...this.now, ...changes, keepsRecord: this.#locks && MEANINGS[state].keepsRecord };
    }
}


/***/ }),

/***/ 165:
/***/ ((__unused_webpack_module, __webpack_exports__, __nccwpck_require__) => {

/* harmony export */ __nccwpck_require__.d(__webpack_exports__, {
/* harmony export */   J7: () => (/* binding */ readStores),
/* harmony export */   Z6: () => (/* binding */ isRepository),
/* harmony export */   jo: () => (/* binding */ deletion)
/* harmony export */ });
/* harmony import */ var _errors_js__WEBPACK_IMPORTED_MODULE_0__ = __nccwpck_require__(595);
/* harmony import */ var _text_js__WEBPACK_IMPORTED_MODULE_1__ = __nccwpck_require__(263);


const PERMISSIONS = {
    repository: ['"Secrets: write"', '"Variables: write"'],
    environment: ['"Environments: write"', '"Environments: write"'],
    organization: ['"Organization secrets: write"', '"Organization variables: write"'],
    dependabot: ['"Dependabot secrets: write"', ''],
};
function deletion({ gh }, kind, name) {
    return `gh ${kind} delete ${name} ${gh}`;
}
const DOTS = /^\.+$/;
function isName(text) {
    return /^[A-Za-z0-9_.-]{1,100}$/.test(text) && !DOTS.test(text);
}
function isRepository(text) {
    const parts = text.split('/');
    return parts.length === 2 && parts.every(isName);
}
function readStores(text, repository) {
    const stores = new Map();
    for (const [index, raw] of text.split('\n').entries()) {
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
function readStore(line, own, wrong) {
    const [, kind, rest = ''] = /^(repository|environment|organization|dependabot)(?![\w-])(.*)$/s.exec(line) ?? [];
    const repositoryAt = (target) => {
        const repository = (target ?? own ?? '').trim();
        if (isRepository(repository))
            return repository;
        throw wrong(target === undefined
            ? 'names no repository, and GITHUB_REPOSITORY is not set; add `@owner/name`'
            : 'must have `owner/name` after the `@`');
    };
    switch (kind) {
        case 'organization': {
            const name = /^:(.*)$/s.exec(rest)?.[1]?.trim() ?? '';
            if (!isName(name))
                throw wrong('names no organization; write `organization:NAME`');
            return storeAt(kind, `organization:${name}`, `/orgs/${name}/actions`, `--org ${name}`);
        }
        case 'environment': {
            const [, raw = '', target] = /^:(.*?)(?:@([^@/]+\/[^@/]+))?$/s.exec(rest) ?? [];
            const name = raw.trim();
            if (name === '')
                throw wrong('names no environment; write `environment:NAME`');
            if (name.length > 255 || (0,_text_js__WEBPACK_IMPORTED_MODULE_1__/* .hasControls */ .Lx)(name) || DOTS.test(name))
                throw wrong('has an invalid environment name');
            const repository = repositoryAt(target);
            const path = `/repos/${repository}/environments/${encodeURIComponent(name)}`;
            const quoted = `'${name.replaceAll("'", `'\\''`)}'`;
            return storeAt(kind, `environment:${name}@${repository}`, path, `--repo ${repository} --env ${quoted}`);
        }
        case 'repository':
        case 'dependabot': {
            if (rest !== '' && !rest.startsWith('@'))
                throw wrong(`may have only \`@owner/name\` after \`${kind}\``);
            const repository = repositoryAt(rest === '' ? undefined : rest.slice(1));
            const [folder, app] = kind === 'repository' ? ['actions', ''] : ['dependabot', ' --app dependabot'];
            return storeAt(kind, `${kind}@${repository}`, `/repos/${repository}/${folder}`, `--repo ${repository}${app}`);
        }
        default:
            throw wrong('must begin with `repository`, `environment:`, `organization:` or `dependabot`');
    }
}
function storeAt(kind, label, path, gh) {
    const [permission, variablesPermission] = PERMISSIONS[kind];
    const variablesPath = kind === 'dependabot' ? undefined : `${path}/variables`;
    return { kind, label, secretsPath: `${path}/secrets`, variablesPath, permission, variablesPermission, gh };
}


/***/ }),

/***/ 886:
/***/ ((__unused_webpack_module, __webpack_exports__, __nccwpck_require__) => {


// EXPORTS
__nccwpck_require__.d(__webpack_exports__, {
  w: () => (/* binding */ TransportError),
  o: () => (/* binding */ httpClient)
});

// EXTERNAL MODULE: external "node:timers/promises"
var promises_ = __nccwpck_require__(500);
// EXTERNAL MODULE: ./build/src/clock.js
var clock = __nccwpck_require__(640);
// EXTERNAL MODULE: ./build/src/errors.js
var errors = __nccwpck_require__(595);
;// CONCATENATED MODULE: ./build/src/proxy.js

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



const FRESH_MS = 5_000;
const MAX_HEADER_BYTES = 64 * 1024;
class TransportError extends Error {
    sent;
    name = 'TransportError';
    #partial;
    #unread;
    constructor(reason, sent, { cause, partial, unread = '' } = {}) {
        super(reason, { cause });
        this.sent = sent;
        this.#partial = partial;
        this.#unread = unread;
    }
    get partial() {
        return this.#partial;
    }
    get unread() {
        return this.#unread;
    }
}
function httpClient(env) {
    const agents = {};
    const ahead = new Map();
    async function wayTo({ origin, protocol }, keepAlive) {
        const socket = ahead.get(origin);
        if (socket !== undefined) {
            ahead.delete(origin);
            await (0,promises_.setImmediate)();
            await (0,promises_.setImmediate)();
            socket.setTimeout(0);
            if (socket.readable && socket.readableLength === 0)
                return { createConnection: () => socket };
            socket.destroy();
        }
        const key = `${protocol}${keepAlive}`;
        agents[key] ??= newAgent(protocol, keepAlive);
        return { agent: agents[key] };
    }
    function newAgent(protocol, keepAlive) {
        const { Agent } = moduleFor(protocol);
        const agent = new Agent({ keepAlive, timeout: FRESH_MS, proxyEnv: proxyFor(protocol, env) });
        agent.createConnection = (options, done) => Agent.prototype.createConnection.call(agent, { ...options, timeout: undefined }, done);
        return agent;
    }
    return {
        async send(request, options) {
            const started = (0,clock/* uptimeMs */.B)();
            const way = await wayTo(request.url, !options.newConnection);
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
        connectAhead({ origin, protocol, hostname, port }) {
            if (proxyVariable(protocol, env) !== undefined)
                return;
            const { connect, isIP } = process.getBuiltinModule('node:net');
            const host = hostname.replace(/[[\]]/g, '');
            const at = { host, port: Number(port || (protocol === 'https:' ? 443 : 80)) };
            const servername = isIP(host) === 0 ? { servername: host } : {};
            const tls = protocol === 'https:' ? process.getBuiltinModule('node:tls') : undefined;
            const socket = tls?.connect({ ...at, ALPNProtocols: ['http/1.1'], ...servername }) ?? connect(at);
            socket.on('error', () => undefined);
            socket.setTimeout(FRESH_MS, () => socket.destroy());
            ahead.get(origin)?.destroy();
            ahead.set(origin, socket);
        },
        close() {
            for (const each of [...ahead.values(), ...Object.values(agents)])
                each.destroy();
        },
    };
}
function moduleFor(protocol) {
    return protocol === 'https:' ? process.getBuiltinModule('node:https') : process.getBuiltinModule('node:http');
}
function exchange(way, { method, url, headers, body }, { timeoutMs, maxBytes, signal, unsentSignal }) {
    return new Promise((resolve) => {
        const request = moduleFor(url.protocol).request(url, { method, headers, maxHeaderSize: MAX_HEADER_BYTES, ...way });
        const over = new AbortController();
        let sent = false;
        let answer;
        const chunks = [];
        let size = 0;
        let unread = '';
        function finish(reason, cause) {
            if (over.signal.aborted)
                return;
            over.abort();
            clearTimeout(timer);
            while (answer && answer.read() !== null)
                ;
            const partial = answer && {
                status: Number(answer.statusCode),
                headers: flatten(answer.headers),
                body: Buffer.concat(chunks).subarray(0, maxBytes),
            };
            if (partial && answer?.complete && size <= maxBytes)
                return resolve(partial);
            resolve(new TransportError(reason, sent, { cause, partial, unread }));
            request.destroy();
        }
        const fail = (error) => finish(describe(error), error);
        const timer = setTimeout(() => finish(`timed out after ${timeoutMs / 1000} s`), timeoutMs);
        signal?.addEventListener('abort', () => finish('cancelled'), { signal: over.signal });
        unsentSignal?.addEventListener('abort', () => sent || finish('cancelled'), { signal: over.signal });
        request.once('socket', (socket) => {
            sent = !socket.connecting && !socket.secureConnecting;
            if (!sent)
                socket.once('secureConnecting' in socket ? 'secureConnect' : 'connect', () => (sent = true));
        });
        request.on('error', (error) => {
            unread = error.rawPacket?.toString('utf8') ?? '';
            Reflect.deleteProperty(error, 'rawPacket');
            fail(error);
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
            message.on('error', fail);
            message.on('end', () => finish('the connection was cut'));
        });
        if (signal?.aborted || unsentSignal?.aborted)
            finish('cancelled');
        request.end(body);
    });
}
function flatten(headers) {
    const flat = Object.entries(headers).map(([name, value]) => [name, [value].flat().join(', ')]);
    return Object.assign(Object.create(null), Object.fromEntries(flat));
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
    UNABLE_TO_GET_ISSUER_CERT: UNKNOWN_AUTHORITY,
    UNABLE_TO_GET_ISSUER_CERT_LOCALLY: UNKNOWN_AUTHORITY,
};
function describe({ code }) {
    return code === undefined ? 'the connection failed' : (REASONS[code] ?? `the connection failed (${code})`);
}


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
const CIPHER = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
function sealEnvelope({ refreshToken, lookedAt }, appSecret, clientId) {
    const nonce = (0,node_crypto__WEBPACK_IMPORTED_MODULE_0__.randomBytes)(NONCE_BYTES);
    const cipher = (0,node_crypto__WEBPACK_IMPORTED_MODULE_0__.createCipheriv)(CIPHER, envelopeKey(appSecret), nonce).setAAD(Buffer.from(PREFIX + clientId));
    const plain = JSON.stringify({
        refresh_token: refreshToken,
        looked_at: lookedAt === undefined ? undefined : new Date(lookedAt),
    });
    const bytes = Buffer.concat([nonce, cipher.update(plain, 'utf8'), cipher.final(), cipher.getAuthTag()]);
    return PREFIX + bytes.toString('base64url');
}
function openEnvelope(envelope, appSecret, clientId) {
    const [, encoded] = /^cobo-envelope-v1\.([\w-]+)$/.exec(envelope.replace(/\s+/g, '')) ?? [];
    if (encoded === undefined) {
        throw invalid('is not a recovery envelope', `Copy all of it, from \`${PREFIX}\` to its last character.`);
    }
    const bytes = Buffer.from(encoded, 'base64url');
    const nonce = bytes.subarray(0, NONCE_BYTES);
    let plain;
    try {
        const decipher = (0,node_crypto__WEBPACK_IMPORTED_MODULE_0__.createDecipheriv)(CIPHER, envelopeKey(appSecret), nonce, { authTagLength: TAG_BYTES });
        decipher.setAAD(Buffer.from(PREFIX + clientId)).setAuthTag(bytes.subarray(-TAG_BYTES));
        plain = decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES)).toString() + decipher.final().toString();
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
    return Buffer.from((0,node_crypto__WEBPACK_IMPORTED_MODULE_0__.hkdfSync)('sha256', appSecret, '', 'cobo-refresh-action recovery envelope v1', 32));
}
function invalid(problem, remedy) {
    return new _errors_js__WEBPACK_IMPORTED_MODULE_1__/* .ActionError */ .lZ('envelope-invalid', `The input \`recovery-envelope\` ${problem}.`, remedy);
}


/***/ }),

/***/ 895:
/***/ ((__unused_webpack_module, __webpack_exports__, __nccwpck_require__) => {


// EXPORTS
__nccwpck_require__.d(__webpack_exports__, {
  vH: () => (/* binding */ A_RUN_WITH_IT),
  xw: () => (/* binding */ changedInput),
  Yt: () => (/* binding */ loadKeep),
  eg: () => (/* binding */ runStep)
});

// UNUSED EXPORTS: Run

;// CONCATENATED MODULE: ./build/src/cancellation.js
const EXIT_STATUS = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129, SIGBREAK: 149 };
const SIGNALS = Object.keys(EXIT_STATUS);
class Cancellation {
    source;
    received;
    #controller = new AbortController();
    #listener = (name) => {
        this.received ??= name;
        this.#controller.abort('cancelled');
    };
    constructor(source) {
        this.source = source;
        for (const name of SIGNALS)
            source.on(name, this.#listener);
    }
    get stop() {
        return this.#controller.signal;
    }
    get exitStatus() {
        return this.received ? EXIT_STATUS[this.received] : 0;
    }
    async together(tasks) {
        try {
            return (await Promise.all(tasks));
        }
        catch (first) {
            this.#controller.abort('given up');
            await Promise.allSettled(tasks);
            this.#controller = new AbortController();
            if (this.received)
                this.#controller.abort('cancelled');
            throw first;
        }
    }
    close() {
        for (const name of SIGNALS)
            this.source.off(name, this.#listener);
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



function summaryOf(story) {
    const { state, access, envelope, facts = [], error, warnings } = story;
    const lines = [`### ${headline(story)}`, ''];
    if (error !== undefined)
        lines.push(plain(error.message), '', `**What to do:** ${plain(error.remedy)}`, '');
    for (const warning of warnings)
        lines.push(`⚠️ ${plain(warning)}`, '');
    lines.push(row(['Refresh token', `**${state}**. ${fate/* MEANINGS */.Lx[state].sentence}`]), row(['---', '---']));
    if (access !== undefined)
        lines.push(row(['Access token', `valid until ${(0,src_text/* utc */.n$)(access.expiresAt)}`]));
    lines.push(...facts.map(row), '');
    if (typeof envelope === 'string') {
        const title = 'The recovery envelope holds the new refresh token, encrypted for the holder of the private key:';
        lines.push(title, '', '```text', envelope, '```', '');
    }
    return lines.join('\n');
}
function headline({ state, dryRun, error, warnings, isPost }) {
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
    const line = text.replace(/[\r\n]+/g, ' ');
    return line.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('](', ']\\(');
}
function errorLine({ code, message, remedy }, state, env) {
    const { GITHUB_ACTION_REPOSITORY: repository = '', GITHUB_ACTION_REF: ref = '' } = env;
    const isSafe = /^[\w.-]+\/[\w.-]+$/.test(repository) && /^[\w./-]+$/.test(ref);
    const path = `${repository}/blob/${ref}/docs/errors.md#${code}`;
    const page = isSafe ? `${env.GITHUB_SERVER_URL || 'https://github.com'}/${path}` : 'see docs/errors.md';
    return `${message} ${fate/* MEANINGS */.Lx[state].sentence} ${remedy} [token-state: ${state}, error: ${code}] ${page}`;
}

;// CONCATENATED MODULE: ./build/src/delivery.js






class Delivery {
    toolkit;
    masks;
    env;
    isPost;
    #accessTokenEnv;
    #facts = [];
    #warnings = [];
    #isEnduring = false;
    #isEnvelopeShown = false;
    #isEnvelopeSummed = false;
    #failure;
    constructor(toolkit, masks, env, isPost) {
        this.toolkit = toolkit;
        this.masks = masks;
        this.env = env;
        this.isPost = isPost;
    }
    endure() {
        this.#isEnduring = true;
    }
    mask(secret) {
        this.#tell(() => this.toolkit.setSecret(secret));
    }
    info(line) {
        this.#tell(() => this.toolkit.info(this.#clean(line)));
    }
    debug(line) {
        if (this.env.RUNNER_DEBUG === '1')
            this.#tell(() => this.toolkit.debug(this.#clean(line)));
    }
    warning(line) {
        const text = this.#clean(line);
        if (this.#warnings.includes(text))
            return;
        this.#warnings.push(text);
        this.#tell(() => this.toolkit.warning(text));
        if (this.#failure !== undefined)
            this.#summarize(...this.#failure);
    }
    async step(work, outcome) {
        const started = (0,clock/* uptimeMs */.B)();
        const result = await work();
        const line = outcome(result);
        if (line !== undefined)
            this.info(`${line} (${Math.round((0,clock/* uptimeMs */.B)() - started)} ms)`);
        return result;
    }
    begin({ keys, accessTokenEnv, cobo }) {
        this.#accessTokenEnv = accessTokenEnv;
        this.#facts.push(['Cobo', cobo.isCustom ? 'custom URL' : cobo.environment]);
        this.#write('setOutput', 'app-key', keys.appKey);
    }
    leave(handover) {
        const { state, envelope } = handover;
        this.#write('saveState', fate/* HANDOVER */.II, JSON.stringify(handover));
        this.#putOut({ state, envelope });
        this.#isEnvelopeSummed ||= envelope !== null;
        if (this.#isEnvelopeSummed && this.#failure === undefined)
            this.#summarize({ state, envelope });
    }
    showEnvelope(envelope) {
        if (!this.#isEnvelopeShown)
            this.info(`recovery-envelope: ${envelope}`);
        this.#isEnvelopeShown = true;
    }
    handOut(refreshToken) {
        return this.#write('setOutput', 'refresh-token', refreshToken);
    }
    succeeded(result) {
        this.endure();
        if (!this.#putOut(result)) {
            throw noFiles('The outputs or the environment variable of this step could not be written.');
        }
        this.#summarize(result);
    }
    failed(error, result) {
        this.endure();
        const { code, cause } = error;
        const hidesCause = code === 'internal' || code === 'runner-files';
        if (hidesCause)
            this.debug(cause instanceof Error ? `${cause.stack}` : typeof cause);
        if (typeof result.envelope === 'string')
            this.showEnvelope(result.envelope);
        this.#summarize(result, error);
        const isPutOut = this.#putOut(result);
        if (!isPutOut && code !== 'runner-files')
            this.warning('Some outputs of this step could not be written.');
        const line = this.#clean(errorLine(error, result.state, this.env));
        this.#tell(() => this.toolkit.error(line, { title: errors/* ERROR_TITLES */.N4[code] }));
        this.#failure = [result, error];
    }
    #clean(line) {
        return (0,src_text/* withoutCommands */.Df)(this.masks.redact(line));
    }
    #tell(telling, problem = 'The log of this step cannot be written.') {
        try {
            telling();
            return true;
        }
        catch (error) {
            if (!this.#isEnduring)
                throw noFiles(problem, error);
            return false;
        }
    }
    #write(how, name, value) {
        const problem = "The runner's files for outputs and state cannot be written.";
        return this.isPost || this.#tell(() => this.toolkit[how](name, value), problem);
    }
    #putOut({ state, access, envelope }) {
        const outputs = {
            ...(envelope ? { 'recovery-envelope': envelope } : {}),
            'token-state': state,
            'recovery-envelope': envelope ?? '',
            ...(access && {
                'access-token': access.accessToken,
                'token-type': access.tokenType,
                scope: access.scope,
                'expires-in': String(access.expiresIn),
                'expires-at': (0,src_text/* utc */.n$)(access.expiresAt),
            }),
        };
        const told = Object.entries(outputs).map(([name, value]) => this.#write('setOutput', name, value));
        if (access !== undefined && this.#accessTokenEnv !== undefined) {
            told.push(this.#write('exportVariable', this.#accessTokenEnv, access.accessToken));
        }
        return told.every(Boolean);
    }
    #summarize(result, error) {
        const file = this.env.GITHUB_STEP_SUMMARY;
        if (!file)
            return;
        const facts = [...this.#facts, ...(result.facts ?? [])];
        const clean = (text) => this.masks.redact(text);
        const told = error && new errors/* ActionError */.lZ(error.code, clean(error.message), clean(error.remedy));
        const story = { ...result, facts, error: told, warnings: this.#warnings, isPost: this.isPost };
        try {
            (0,external_node_fs_.writeFileSync)(file, this.masks.redact(summaryOf(story)));
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

// EXTERNAL MODULE: ./build/src/github/grammar.js
var grammar = __nccwpck_require__(165);
// EXTERNAL MODULE: ./build/src/http.js + 1 modules
var http = __nccwpck_require__(886);
// EXTERNAL MODULE: ./build/src/cobo/api.js
var api = __nccwpck_require__(678);
// EXTERNAL MODULE: external "node:crypto"
var external_node_crypto_ = __nccwpck_require__(598);
;// CONCATENATED MODULE: ./build/src/cobo/app-key.js



const GIVE_THE_SECRET = 'Give the app secret: 64 hexadecimal characters, or an unencrypted PKCS#8 PEM of an Ed25519 key.';
const MISTAKES = [
    [
        /BEGIN ENCRYPTED PRIVATE KEY|Proc-Type: 4,ENCRYPTED/,
        'is an encrypted PEM',
        'Decrypt it first, for instance with `openssl pkcs8 -in key.pem -out plain.pem`, and store the result.',
    ],
    [/-----BEGIN ([A-Z0-9 ]*PUBLIC KEY|CERTIFICATE)-----/, 'holds a public key, not a private one'],
    [/-----BEGIN (RSA|EC|DSA) PRIVATE KEY-----/, ([, type = '']) => otherType(type)],
    [/-----BEGIN OPENSSH PRIVATE KEY-----/, 'is a key in the format of OpenSSH'],
    [/-----/, 'is a PEM that cannot be read', `${GIVE_THE_SECRET} Was a line lost when it was pasted?`],
    [
        /^[0-9a-f]{128}$/i,
        'has 128 hexadecimal characters: the app secret and the public key together',
        'Give the first 64 characters alone.',
    ],
    [/^0x[0-9a-f]{64}$/i, 'begins with 0x', 'Leave the 0x out.'],
    [/^[0-9a-f]+$/i, ([digits]) => `has ${digits.length} hexadecimal characters instead of 64`],
    [/^ssh-|^ecdsa-/, 'is a public key in the format of OpenSSH'],
    [
        /^[\w+/-]{43}=?$/,
        'looks like base64',
        `${GIVE_THE_SECRET} Turn it into hexadecimal, for instance with \`base64 -d | xxd -p -c 32\`.`,
    ],
    [/^[\w+/-]{40,}={0,2}$/, 'looks like base64', `${GIVE_THE_SECRET} If it is a PEM, keep its BEGIN and END lines.`],
];
function readAppSecret(text) {
    const trimmed = text.trim();
    const appSecret = (0,src_text/* isHex */.qv)(trimmed, 64) ? Buffer.from(trimmed, 'hex') : seedIn(trimmed);
    if (appSecret === undefined)
        throw mistakeIn(trimmed);
    return {
        appSecret,
        get appKey() {
            const jwk = { kty: 'OKP', crv: 'Ed25519', d: appSecret.toString('base64url'), x: '' };
            const { x = '' } = (0,external_node_crypto_.createPrivateKey)({ key: jwk, format: 'jwk' }).export({ format: 'jwk' });
            return Buffer.from(x, 'base64url').toString('hex');
        },
    };
}
function seedIn(text) {
    const [, body = ''] = /-----BEGIN PRIVATE KEY-----([^-]+)-----END PRIVATE KEY-----/.exec(text) ?? [];
    const der = Buffer.from(body.replace(/\\[rn]/g, ''), 'base64');
    let key;
    try {
        key = (0,external_node_crypto_.createPrivateKey)({ key: der, format: 'der', type: 'pkcs8' });
    }
    catch {
        return undefined;
    }
    const { asymmetricKeyType: type = 'unknown' } = key;
    if (type !== 'ed25519')
        throw mistake(otherType(type.toUpperCase()));
    return Buffer.from(key.export({ format: 'jwk' }).d ?? '', 'base64url');
}
function mistakeIn(text) {
    for (const [looks, problem, remedy] of MISTAKES) {
        const match = looks.exec(text);
        if (match)
            return mistake(typeof problem === 'string' ? problem : problem(match), remedy);
    }
    return mistake('is neither 64 hexadecimal characters nor a PEM');
}
function mistake(problem, remedy = GIVE_THE_SECRET) {
    return new errors/* ActionError */.lZ('input-invalid', `The input \`private-key\` ${problem}.`, remedy);
}
function otherType(type) {
    return `is a PEM of type ${type}, not of an Ed25519 key`;
}

;// CONCATENATED MODULE: ./build/src/inputs.js





const LONG_ENOUGH = new RegExp(`^.{${src_text/* SHORTEST_SECRET */.c3},}$`, 's');
const KINDS = {
    id: [/^[\x21-\x7e]{1,256}$/, 'must be at most 256 ASCII characters without blanks', 'Copy the ID from Cobo Portal.'],
    token: [LONG_ENOUGH, 'is too short to be a token', 'Store the token itself in the secret.'],
    header: [/^[\x21-\x7e]+$/, 'must not contain blanks or special characters', 'Store it again, without line breaks.'],
    publicKey: [/^[0-9a-f]{64}$/i, 'must be 64 hexadecimal characters', "Leave it out to use the environment's own key."],
    boolean: [/^(true|True|TRUE|false|False|FALSE)$/, 'must be `true` or `false`', 'Use one of the two.'],
    secret: [
        /^(?!GITHUB_)[A-Z_][A-Z0-9_]{0,199}$/i,
        'is not a valid name for a secret or variable',
        'Use letters, digits and `_`, and do not begin with a digit or `GITHUB_`.',
    ],
    variable: [
        /^(?!GITHUB_|RUNNER_|ACTIONS_|INPUT_|(NODE_OPTIONS|PATH|HOME|CI)$)[A-Z_][A-Z0-9_]{0,199}$/i,
        'is not a valid name for an environment variable',
        'Use letters, digits and `_`, and no name that the runner uses itself.',
    ],
};
function readInputs(toolkit, masks, env) {
    const whole = (name) => toolkit.getInput(name, { trimWhitespace: false });
    const key = whole('private-key');
    masks.add(key, ...formsOf(key.trim()), ...(key.match(/[A-Za-z0-9+/=]{40,}/g) ?? []));
    masks.add(...['refresh-token', 'github-token', 'access-token'].map(whole));
    const read = (name, ...kinds) => {
        const text = toolkit.getInput(name);
        if (text === '')
            return undefined;
        for (const [shape, problem, remedy] of kinds)
            if (!shape.test(text))
                throw invalid(name, problem, remedy);
        return text;
    };
    const keys = readKeys(read, masks);
    const clientId = read('client-id', KINDS.id);
    if (clientId === undefined) {
        throw missing('client-id', "It is the Portal App's client ID, as Cobo Portal shows it. Check its name.");
    }
    const orgId = read('org-id', KINDS.id);
    const refreshToken = read('refresh-token', KINDS.token);
    const recoveryEnvelope = read('recovery-envelope');
    if ((refreshToken ?? orgId ?? recoveryEnvelope) === undefined) {
        throw missing('refresh-token', 'Check the name of the secret.', ' Without a refresh token, `org-id` is required.');
    }
    return {
        keys,
        clientId,
        refreshToken,
        orgId,
        recoveryEnvelope,
        cobo: readCobo(read),
        writeBack: readWriteBack(read, env),
        accessTokenEnv: read('access-token-env', KINDS.variable),
        stored: readStored(read),
        dryRun: read('dry-run', KINDS.boolean)?.toLowerCase() === 'true',
        timeoutMs: readNumber(read, 'timeout-seconds', 30, 1, 600) * 1000,
        maxAttempts: readNumber(read, 'max-attempts', 4, 1, 20),
    };
}
function formsOf(key) {
    const keys = (0,src_text/* isHex */.qv)(key) ? [key, key.slice(0, 64)] : [];
    return keys.flatMap((hex) => [hex.toLowerCase(), hex.toUpperCase()]);
}
function readKeys(read, masks) {
    const text = read('private-key');
    if (text === undefined)
        throw missing('private-key', 'Check the name of the secret.');
    const keys = readAppSecret(text);
    masks.add(...formsOf(Buffer.from(keys.appSecret).toString('hex')));
    return keys;
}
function readCobo(read) {
    const environment = read('cobo-environment') ?? 'prod';
    if (!(0,api/* isEnvironmentName */.tq)(environment)) {
        throw invalid('cobo-environment', 'must be `prod`, `dev` or `sandbox`', 'Use one of the three, in lower case.');
    }
    const own = api/* ENVIRONMENTS */.ju[environment];
    return {
        environment,
        apiUrl: readUrl(read, 'api-url', own.apiUrl),
        isCustom: read('api-url') !== undefined,
        responseKey: read('response-public-key', KINDS.publicKey) ?? own.responseKey,
    };
}
function readStored(read) {
    const accessToken = read('access-token', KINDS.token);
    const expiresAt = readTime(read, 'expires-at');
    const minValidity = readNumber(read, 'min-validity', 0, 0, 366 * 24 * 3600);
    return accessToken === undefined || expiresAt === undefined ? undefined : { accessToken, expiresAt, minValidity };
}
function readWriteBack(read, env) {
    const target = (name) => read(name, KINDS.secret)?.toUpperCase();
    const refreshTokenSecret = target('refresh-token-secret');
    const accessTokenSecret = target('access-token-secret');
    const expiresAtVariable = target('expires-at-variable');
    const token = read('github-token', KINDS.token, KINDS.header);
    const stores = (0,grammar/* readStores */.J7)(read('secret-stores') ?? 'repository', env.GITHUB_REPOSITORY);
    const names = [refreshTokenSecret, accessTokenSecret, expiresAtVariable].filter((name) => name !== undefined);
    if (names.length === 0)
        return undefined;
    const apiUrl = readUrl(read, 'github-api-url', env.GITHUB_API_URL || 'https://api.github.com');
    if (refreshTokenSecret !== undefined && refreshTokenSecret === accessTokenSecret) {
        throw invalid('access-token-secret', 'names the same secret as `refresh-token-secret`', 'Use another name.');
    }
    for (const input of ['refresh-token-secret', 'access-token-secret', 'expires-at-variable']) {
        const isRecord = names.some((other) => target(input)?.startsWith(`${other}_IN_FLIGHT_`));
        if (isRecord)
            throw invalid(input, 'begins like an in-flight record of another target', 'Use another name.');
    }
    if (token === undefined) {
        throw missing('github-token', "It is required to write secrets or variables. Use a fine-grained personal access token or a GitHub App token; the workflow's own `GITHUB_TOKEN` cannot write secrets.");
    }
    return { token, apiUrl, stores, refreshTokenSecret, accessTokenSecret, expiresAtVariable };
}
function readNumber(read, name, otherwise, least, most) {
    const text = read(name) ?? `${otherwise}`;
    const value = Number(text);
    if (/^\d{1,9}$/.test(text) && value >= least && value <= most)
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
    if (url === undefined)
        throw invalid(name, 'is not a URL', 'Use a complete URL that begins with `https://`.');
    const user = url.username + url.password;
    if (user !== '')
        throw invalid(name, 'must not contain a user name or password', 'Remove them.');
    if (/[?#]/.test(text))
        throw invalid(name, 'must not have a query or a fragment', 'Use the base URL only.');
    const isLoopback = /^(localhost|\[::1\]|127(\.\d{1,3}){3})$/.test(url.hostname);
    if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isLoopback)) {
        throw invalid(name, 'must use `https:`', 'Only a loopback host may be called with `http:`.');
    }
    return url.href.replace(/\/+$/, '');
}
function missing(name, hint, addition = '') {
    const why = 'A secret or variable is empty when the job does not name the environment that holds it (`environment:`), when its name is misspelled, and in runs from forks or started by Dependabot.';
    return new errors/* ActionError */.lZ('input-missing', `The input \`${name}\` is empty.`, `${hint} ${why}${addition}`);
}
function invalid(name, problem, remedy) {
    return new errors/* ActionError */.lZ('input-invalid', `The input \`${name}\` ${problem}.`, remedy);
}

// EXTERNAL MODULE: ./build/src/recovery.js
var recovery = __nccwpck_require__(307);
;// CONCATENATED MODULE: ./build/src/run.js









const loadKeep = () => __nccwpck_require__.e(/* import() */ 253).then(__nccwpck_require__.bind(__nccwpck_require__, 253));
const A_RUN_WITH_IT = 'a run with the envelope as the input `recovery-envelope` (docs/recovery.md).';
function changedInput(...names) {
    const named = names.map((name) => `\`${name}\``).join(' or ');
    const message = `The input ${named} is not what it was in the main step, so nothing was sent.`;
    return new errors/* ActionError */.lZ('input-invalid', message, 'Give it a value that stays the same until the job ends. Then re-run the job.');
}
class Run {
    world;
    inputs;
    masks;
    delivery;
    cancellation;
    fate;
    held;
    stores;
    doubt;
    constructor(world, inputs, masks, delivery, cancellation, left) {
        this.world = world;
        this.inputs = inputs;
        this.masks = masks;
        this.delivery = delivery;
        this.cancellation = cancellation;
        const { refreshToken, recoveryEnvelope, keys, clientId, writeBack } = inputs;
        const open = (envelope) => {
            const sealed = (0,recovery/* openEnvelope */.h)(envelope, keys.appSecret, clientId);
            masks.add(sealed.refreshToken);
            return sealed;
        };
        const reopen = (envelope) => {
            try {
                return open(envelope).refreshToken;
            }
            catch {
                throw changedInput('private-key', 'client-id');
            }
        };
        const successor = left?.envelope ? reopen(left.envelope) : undefined;
        const locks = writeBack?.refreshTokenSecret !== undefined;
        this.fate = new fate/* Fate */.dz(locks, (handover) => delivery.leave(handover), left, successor);
        if (recoveryEnvelope !== undefined)
            this.held = open(recoveryEnvelope);
        else if (refreshToken !== undefined)
            this.held = { refreshToken, lookedAt: undefined };
    }
    get network() {
        const { delivery, world } = this;
        const { timeoutMs, maxAttempts } = this.inputs;
        const onDone = ({ method, url }, ms, outcome) => delivery.debug(`${method} ${url.host}${url.pathname}: ${outcomeOf(outcome)} (${Math.round(ms)} ms)`);
        return { http: world.http, httpOptions: { timeoutMs, onDone }, clock: world.clock, log: delivery, maxAttempts };
    }
    async rehearse() {
        this.world.http.connectAhead(new URL(this.inputs.cobo.apiUrl));
        (await loadKeep()).rehearse(this.inputs);
    }
    async removeRecords() {
        const { delivery, fate, stores } = this;
        const { recording } = fate.left;
        if (recording === null)
            return;
        const failed = (await stores?.records.remove()) ?? [];
        const mayHold = recording.records.filter((label) => !stores?.prepared.some((store) => store.label === label));
        const labels = [...failed.map(({ label }) => label), ...mayHold];
        fate.note({ ...recording, recordedAt: recording.recordedAt ?? stores?.time ?? null, records: labels });
        if (labels.length === 0)
            return;
        const post = delivery.isPost ? '' : 'The post step of this job tries again. ';
        const named = (0,src_text/* list */.p_)(labels.map((label) => `\`${label}\``));
        throw new errors/* ActionError */.lZ('record-left', `The in-flight record could not be deleted from ${named}: ${failed[0]?.reason ?? 'the post step could not look at every store'}.`, post + howToDelete(recording, labels));
    }
}
function howToDelete({ name, kind }, labels) {
    const stores = (0,grammar/* readStores */.J7)(labels.join('\n'), undefined);
    const commands = stores.map((store) => `\`${(0,grammar/* deletion */.jo)(store, kind, name)}\``).join(', ');
    return `If the next run says that the token is in doubt, delete the record: ${commands}.`;
}
function outcomeOf(outcome) {
    if (outcome instanceof http/* TransportError */.w)
        return outcome.message;
    const { status, headers } = outcome;
    const id = (0,src_text/* remoteText */.SW)(headers['x-github-request-id'] ?? headers['x-request-id'], 80);
    return `HTTP ${status}${id === '' ? '' : `, request ${id}`}`;
}
async function runStep(world, story, left) {
    const masks = new src_text/* Masks */.O7((secret) => delivery.mask(secret));
    const delivery = new Delivery(world.toolkit, masks, world.env, left !== undefined);
    if (left !== undefined)
        delivery.endure();
    const cancellation = new Cancellation(world.signals);
    let run;
    try {
        const inputs = readInputs(world.toolkit, masks, world.env);
        delivery.begin(inputs);
        run = new Run(world, inputs, masks, delivery, cancellation, left);
        return await story(run);
    }
    catch (thrown) {
        if (run !== undefined)
            return await fail(run, (0,errors/* asActionError */.z6)(thrown));
        const before = left ?? { state: 'unspent' };
        delivery.failed(withSuccessor(before.state, (0,errors/* asActionError */.z6)(thrown), delivery), before);
        const { recording, keepsRecord } = before;
        if (recording && !keepsRecord && recording.records.length > 0) {
            delivery.warning(`The in-flight record was not deleted. ${howToDelete(recording, recording.records)}`);
        }
        return 1;
    }
    finally {
        cancellation.close();
    }
}
async function fail(run, error) {
    const { cancellation, delivery, fate } = run;
    const { code } = error;
    const isStopped = code === 'internal' || code === 'cancelled' || ('stopped' in error && error.stopped === true);
    const isCancelled = isStopped && cancellation.received !== undefined && fate.state === 'unspent';
    const told = isCancelled
        ? new errors/* ActionError */.lZ('cancelled', 'The run was cancelled before the refresh token was used.', 'Re-run the job.')
        : withSuccessor(fate.state, error, delivery);
    delivery.failed(told, { ...fate.left, access: fate.access });
    if (!fate.left.keepsRecord && code !== 'record-left' && code !== 'overtaken') {
        await run.removeRecords().catch((left) => {
            const { message, remedy } = (0,errors/* asActionError */.z6)(left);
            delivery.warning(`${message} ${remedy}`);
        });
    }
    return isCancelled ? cancellation.exitStatus : 1;
}
function withSuccessor(state, error, { isPost }) {
    const { code, message, remedy, cause } = error;
    if (state === 'delivered' && !isPost) {
        const first = 'Store that output first, in a step with `if: always()`: the token is nowhere else.';
        return new errors/* ActionError */.lZ(code, message, `${first} ${remedy}`, { cause });
    }
    if (state !== 'sealed' || remedy.includes('envelope'))
        return error;
    const next = /re-run the job/i.test(remedy) ? `Start ${A_RUN_WITH_IT}` : `${remedy} Then start ${A_RUN_WITH_IT}`;
    return new errors/* ActionError */.lZ(code, message, next, { cause });
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
const CONTROLS = /[\p{C}\p{Zl}\p{Zp}]/gu;
function hasControls(text) {
    return text.search(CONTROLS) !== -1;
}
function remoteText(text, limit = 200) {
    if (typeof text !== 'string' && typeof text !== 'number')
        return '';
    const plain = String(text).replaceAll(CONTROLS, ' ').replace(/\s+/g, ' ');
    const harmless = plain.replace(/[\w+/=.~-]{40,}/g, '[…]').replace(/::+/g, ': :');
    const clean = withoutCommands(harmless).trim();
    return clean.length <= limit ? clean : `${clean.slice(0, limit - 1).replace(/[\uD800-\uDBFF]$/, '')}…`;
}
function withoutCommands(text) {
    return text.replaceAll('##[', '# #[');
}
function isHex(text, digits = text.length) {
    return text.length === digits && /^[0-9a-fA-F]+$/.test(text);
}
function redact(text, secrets) {
    const longestFirst = [...secrets].sort((a, b) => b.length - a.length);
    return longestFirst.reduce((clean, secret) => clean.replaceAll(secret, '***'), text);
}
const SHORTEST_SECRET = 8;
class Masks {
    register;
    #known = new Set();
    constructor(register) {
        this.register = register;
    }
    add(...secrets) {
        const lines = secrets.flatMap((secret) => [secret.trim(), ...secret.split(/\r\n|\r|\n|\\r\\n|\\n/)]);
        for (const piece of [...secrets, ...lines.map((line) => line.trim())]) {
            if (piece.trim().length < SHORTEST_SECRET || this.#known.has(piece))
                continue;
            this.#known.add(piece);
            this.register(piece);
        }
    }
    redact(text) {
        return redact(text, this.#known);
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
    const isThere = typeof json === 'object' && json !== null && Object.hasOwn(json, name);
    return isThere ? json[name] : undefined;
}
function timeField(json, name) {
    const value = field(json, name);
    return typeof value === 'string' ? Date.parse(value) : Number.NaN;
}
function parseJson(text) {
    try {
        return text === '' ? undefined : JSON.parse(text);
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

// NAMESPACE OBJECT: ./build/node_modules/@actions/core/lib/core.js
var core_namespaceObject = {};
__nccwpck_require__.r(core_namespaceObject);
__nccwpck_require__.d(core_namespaceObject, {
  Yz: () => (debug),
  z3: () => (error),
  dN: () => (exportVariable),
  V4: () => (getInput),
  Gu: () => (getState),
  pq: () => (info),
  LZ: () => (saveState),
  uH: () => (setOutput),
  Pq: () => (setSecret),
  $e: () => (warning)
});

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
// EXTERNAL MODULE: ./build/src/http.js + 1 modules
var http = __nccwpck_require__(886);
// EXTERNAL MODULE: ./build/src/run.js + 5 modules
var src_run = __nccwpck_require__(895);
// EXTERNAL MODULE: ./build/src/text.js
var src_text = __nccwpck_require__(263);
;// CONCATENATED MODULE: ./build/src/refresh.js


function refresh(world) {
    return (0,src_run/* runStep */.eg)(world, async (run) => {
        const { cancellation, delivery, fate, inputs } = run;
        const stored = stillGood(inputs, world.clock.now());
        if (stored !== undefined) {
            delivery.info(`✓ The stored access token is valid until ${(0,src_text/* utc */.n$)(stored.expiresAt)} and is handed out again`);
            fate.become('reused');
            delivery.succeeded({ state: fate.state, access: stored });
            return 0;
        }
        const token = await prepared(run);
        cancellation.stop.throwIfAborted();
        if (inputs.dryRun)
            return await stopShort(run, token);
        const { conclude, keep, obtain } = await (0,src_run/* loadKeep */.Yt)();
        await keep(run, await obtain(run, token));
        await conclude(run);
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
async function prepared(run) {
    const { writeBack, dryRun } = run.inputs;
    if (writeBack !== undefined)
        return (await __nccwpck_require__.e(/* import() */ 736).then(__nccwpck_require__.bind(__nccwpck_require__, 736))).prepare(run, writeBack);
    if (!dryRun)
        await run.rehearse();
    return run.held?.refreshToken;
}
async function stopShort(run, token) {
    const { delivery, inputs, stores } = run;
    await run.removeRecords();
    delivery.info('✓ Dry run: everything was checked up to the refresh. Nothing was spent');
    const next = token === undefined ? 'a fresh pair would be obtained with `org-id`' : 'it would be refreshed';
    const labels = stores?.labels ?? [];
    delivery.succeeded({
        state: 'unspent',
        dryRun: true,
        facts: [
            ['App key', `\`${inputs.keys.appKey}\``],
            ...labels.map((label) => ['Store', `\`${label}\` can be written`]),
            ['Next', next],
        ],
    });
    return 0;
}

;// CONCATENATED MODULE: ./build/src/main.js






const isPost = (0,external_node_path_namespaceObject.basename)(process.argv[1] ?? '') === 'post.js';
writeLinesAtOnce();
const { /* debug */ "Yz": main_debug, /* error */ "z3": main_error, /* exportVariable */ "dN": main_exportVariable, /* getInput */ "V4": main_getInput, /* getState */ "Gu": main_getState, /* info */ "pq": main_info, /* saveState */ "LZ": main_saveState, /* setOutput */ "uH": main_setOutput, /* setSecret */ "Pq": main_setSecret, /* warning */ "$e": main_warning } = core_namespaceObject;
const world = {
    toolkit: { debug: main_debug, error: main_error, exportVariable: main_exportVariable, getInput: main_getInput, getState: main_getState, info: main_info, saveState: main_saveState, setOutput: main_setOutput, setSecret: main_setSecret, warning: main_warning },
    env: process.env,
    async facts() {
        const event = process.env.GITHUB_EVENT_PATH;
        delete process.env.GITHUB_EVENT_PATH;
        const { context } = await __nccwpck_require__.e(/* import() */ 740).then(__nccwpck_require__.bind(__nccwpck_require__, 740));
        const { runId, runAttempt } = context;
        const paths = event === undefined ? [] : [event, (0,external_node_path_namespaceObject.dirname)(event)];
        const times = paths.flatMap((path) => (0,external_node_fs_.statSync)(path, { throwIfNoEntry: false })?.mtimeMs ?? []);
        const jobStartedAt = times.length === 0 ? undefined : Math.min(...times);
        return { repository: process.env.GITHUB_REPOSITORY, runId, runAttempt, jobStartedAt };
    },
    http: (0,http/* httpClient */.o)(process.env),
    clock: clock/* systemClock */.m,
    signals: process,
};
void (isPost ? __nccwpck_require__.e(/* import() */ 663).then(__nccwpck_require__.bind(__nccwpck_require__, 663)).then(({ finish }) => finish(world)) : refresh(world)).then((status) => {
    process.exit(status);
});
const FULL_PIPE_MS = 1_000;
function writeLinesAtOnce() {
    const write = (text) => {
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
    };
    Object.defineProperty(process, 'stdout', { value: { write }, configurable: true });
}

module.exports = __webpack_exports__;
/******/ })()
;