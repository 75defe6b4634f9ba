/******/ (() => { // webpackBootstrap
/******/ 	"use strict";
/******/ 	var __webpack_modules__ = ({

/***/ 259:
/***/ ((__unused_webpack_module, __webpack_exports__, __nccwpck_require__) => {


// EXPORTS
__nccwpck_require__.d(__webpack_exports__, {
  m: () => (/* binding */ systemClock),
  B: () => (/* binding */ uptimeMs)
});

;// CONCATENATED MODULE: external "node:timers/promises"
const promises_namespaceObject = builtin(() => require("node:timers/promises"));
;// CONCATENATED MODULE: ./build/src/clock.js

function uptimeMs() {
    return process.uptime() * 1000;
}
const systemClock = {
    now: Date.now,
    sleep: (ms, signal) => (0,promises_namespaceObject.setTimeout)(ms, undefined, signal ? { signal } : {}),
    random: Math.random,
};


/***/ }),

/***/ 595:
/***/ ((__unused_webpack_module, __webpack_exports__, __nccwpck_require__) => {

/* harmony export */ __nccwpck_require__.d(__webpack_exports__, {
/* harmony export */   N4: () => (/* binding */ ERROR_TITLES),
/* harmony export */   Xu: () => (/* binding */ inputError),
/* harmony export */   lZ: () => (/* binding */ ActionError),
/* harmony export */   z6: () => (/* binding */ asActionError)
/* harmony export */ });
const ERROR_TITLES = {
    'input-missing': 'An input is missing',
    'input-invalid': 'An input is wrong',
    'envelope-invalid': 'The recovery envelope cannot be opened',
    'github-unavailable': 'GitHub does not answer',
    'github-refused': 'GitHub refused a request',
    'store-refused': 'A store cannot be written',
    'store-missing': 'A store is not there',
    'store-full': 'A store is full',
    'token-stale': 'The refresh token is stale',
    'token-dead': 'The refresh token is dead',
    'cobo-refused': 'Cobo refused the request',
    'cobo-unavailable': 'Cobo does not answer',
    'answer-lost': "Cobo's answer was lost",
    'answer-untrusted': "Cobo's answer cannot be trusted",
    'answer-malformed': "Cobo's answer is malformed",
    'store-failed': 'The rotated refresh token could not be stored',
    'extra-failed': 'The access token or its expiry could not be stored',
    cancelled: 'Cancelled',
    internal: 'An unexpected error',
};
class ActionError extends Error {
    name = 'ActionError';
    code;
    remedy;
    tokenState = 'unspent';
    constructor(code, message, remedy, options) {
        super(message, options);
        this.code = code;
        this.remedy = remedy;
    }
}
function inputError(input, problem, remedy) {
    return new ActionError('input-invalid', `The input \`${input}\` ${problem}.`, remedy);
}
function asActionError(thrown) {
    if (thrown instanceof ActionError)
        return thrown;
    const kind = thrown instanceof Error ? thrown.name : typeof thrown;
    return new ActionError('internal', `Something failed that the action did not expect (${kind}).`, 'Run again with debug logging, and report it with the debug lines; they carry no secret.', { cause: thrown });
}


/***/ }),

/***/ 288:
/***/ ((__unused_webpack_module, __webpack_exports__, __nccwpck_require__) => {

/* harmony export */ __nccwpck_require__.d(__webpack_exports__, {
/* harmony export */   A: () => (/* binding */ probeName)
/* harmony export */ });
function probeName(target) {
    return `${target}_COBO_REFRESH_PROBE`;
}


/***/ }),

/***/ 392:
/***/ ((__unused_webpack_module, __webpack_exports__, __nccwpck_require__) => {


// EXPORTS
__nccwpck_require__.d(__webpack_exports__, {
  w: () => (/* binding */ TransportError),
  o: () => (/* binding */ httpClient)
});

;// CONCATENATED MODULE: external "node:http"
const external_node_http_namespaceObject = builtin(() => require("node:http"));
;// CONCATENATED MODULE: external "node:https"
const external_node_https_namespaceObject = builtin(() => require("node:https"));
// EXTERNAL MODULE: ./build/src/clock.js + 1 modules
var clock = __nccwpck_require__(259);
;// CONCATENATED MODULE: external "node:net"
const external_node_net_namespaceObject = builtin(() => require("node:net"));
;// CONCATENATED MODULE: external "node:tls"
const external_node_tls_namespaceObject = builtin(() => require("node:tls"));
;// CONCATENATED MODULE: ./build/src/connection-ahead.js



const FRESH_MS = 5_000;
class ConnectionAhead {
    #origin;
    #socket;
    #readyAt;
    constructor({ origin, protocol, hostname, port }) {
        this.#origin = origin;
        const host = hostname.replace(/^\[(.*)\]$/, '$1');
        const servername = external_node_net_namespaceObject.isIP(host) === 0 ? { servername: host } : {};
        this.#socket =
            protocol === 'https:'
                ? external_node_tls_namespaceObject.connect({ host, port: Number(port || 443), ALPNProtocols: ['http/1.1'], ...servername })
                : external_node_net_namespaceObject.connect({ host, port: Number(port || 80) });
        this.#socket.once(protocol === 'https:' ? 'secureConnect' : 'connect', () => {
            this.#readyAt = (0,clock/* uptimeMs */.B)();
        });
        this.#socket.on('error', () => this.#socket.destroy());
    }
    take(url) {
        if (url.origin !== this.#origin)
            return undefined;
        const fresh = this.#readyAt !== undefined && (0,clock/* uptimeMs */.B)() - this.#readyAt < FRESH_MS;
        if (fresh && this.#socket.readable && this.#socket.writable)
            return this.#socket;
        this.close();
        return undefined;
    }
    close() {
        this.#socket.destroy();
    }
}

;// CONCATENATED MODULE: ./build/src/http.js




class TransportError extends Error {
    name = 'TransportError';
    sent;
    constructor(reason, sent, options) {
        super(reason, options);
        this.sent = sent;
    }
}
function httpClient(env) {
    const proxies = proxyEnv(env);
    const agents = new Map();
    let ahead;
    let closed = false;
    function transport(protocol) {
        const module = protocol === 'https:' ? external_node_https_namespaceObject : external_node_http_namespaceObject;
        let agent = agents.get(protocol);
        if (agent === undefined) {
            try {
                agent = new module.Agent({ keepAlive: true, proxyEnv: proxies });
            }
            catch (error) {
                throw new TransportError(REASONS.ERR_PROXY_INVALID_CONFIG ?? '', false, { cause: error });
            }
            agents.set(protocol, agent);
        }
        return { agent, request: module.request };
    }
    return {
        async send(request, options) {
            const started = (0,clock/* uptimeMs */.B)();
            try {
                const { agent, request: requester } = transport(request.url.protocol);
                const opened = ahead?.take(request.url);
                if (opened !== undefined)
                    ahead = undefined;
                const answer = await exchange(requester, opened ?? agent, request, options);
                options.onDone?.(request, (0,clock/* uptimeMs */.B)() - started, answer);
                return answer;
            }
            catch (error) {
                if (error instanceof TransportError)
                    options.onDone?.(request, (0,clock/* uptimeMs */.B)() - started, error);
                throw error;
            }
        },
        connectAhead(url) {
            if (!closed && proxies === undefined)
                ahead = new ConnectionAhead(url);
        },
        close() {
            closed = true;
            ahead?.close();
            for (const agent of agents.values())
                agent.destroy();
        },
    };
}
function proxyEnv(env) {
    const picked = {};
    for (const name of ['http_proxy', 'https_proxy', 'no_proxy']) {
        const value = env[name] || env[name.toUpperCase()];
        if (!value)
            continue;
        picked[name] = name === 'no_proxy' || value.includes('://') ? value : `http://${value}`;
    }
    return picked.http_proxy === undefined && picked.https_proxy === undefined ? undefined : picked;
}
function exchange(requester, way, { method, url, headers, body }, { timeoutMs, maxBytes, signal }) {
    return new Promise((resolve, reject) => {
        let sent = false;
        const payload = body === undefined ? undefined : Buffer.from(body, 'utf8');
        const request = requester(url, {
            method,
            ...('destroySoon' in way ? { createConnection: () => way } : { agent: way }),
            headers: payload ? { ...headers, 'Content-Length': payload.length } : headers,
        });
        const timer = setTimeout(() => fail(`no answer within ${timeoutMs / 1000} s`), timeoutMs);
        const onAbort = () => fail('cancelled');
        signal?.addEventListener('abort', onAbort, { once: true });
        function settle() {
            clearTimeout(timer);
            signal?.removeEventListener('abort', onAbort);
        }
        function fail(reason, cause) {
            settle();
            reject(new TransportError(reason, sent, cause === undefined ? undefined : { cause }));
            request.destroy();
        }
        request.once('socket', (socket) => {
            if (!socket.connecting)
                sent = true;
            else
                socket.once(url.protocol === 'https:' ? 'secureConnect' : 'connect', () => (sent = true));
        });
        request.once('error', (error) => fail(describe(error), error));
        request.once('upgrade', () => fail('an answer that switches to another protocol'));
        request.once('response', (answer) => {
            const chunks = [];
            let size = 0;
            answer.on('data', (chunk) => {
                size += chunk.length;
                if (size > maxBytes)
                    fail(`an answer larger than ${maxBytes} bytes`);
                else
                    chunks.push(chunk);
            });
            answer.once('error', (error) => fail(describe(error), error));
            answer.once('close', () => {
                if (!answer.complete)
                    return fail('the connection broke off within the answer');
                settle();
                resolve({
                    status: answer.statusCode ?? 0,
                    headers: flatten(answer.headers),
                    body: Buffer.concat(chunks),
                });
            });
        });
        if (signal?.aborted)
            onAbort();
        request.end(payload);
    });
}
function flatten(headers) {
    const flat = Object.create(null);
    for (const [name, value] of Object.entries(headers)) {
        if (value !== undefined)
            flat[name] = Array.isArray(value) ? value.join(', ') : value;
    }
    return flat;
}
function describe(error) {
    const code = error.code;
    return code === undefined ? 'the connection failed' : (REASONS[code] ?? `the connection failed (${code})`);
}
const REASONS = {
    ECONNREFUSED: 'the connection was refused',
    ECONNRESET: 'the connection was cut',
    EPIPE: 'the connection was cut',
    ENOTFOUND: 'the host name was not found',
    EAI_AGAIN: 'the host name could not be looked up',
    ETIMEDOUT: 'the connection timed out',
    ERR_PROXY_TUNNEL: 'the proxy opened no tunnel',
    ERR_PROXY_INVALID_CONFIG: 'the proxy variables of the environment make no sense',
    CERT_HAS_EXPIRED: "the host's certificate has expired",
    DEPTH_ZERO_SELF_SIGNED_CERT: "the host's certificate is signed by itself (NODE_EXTRA_CA_CERTS can name it)",
    SELF_SIGNED_CERT_IN_CHAIN: "the host's certificate comes from an unknown authority (NODE_EXTRA_CA_CERTS can name it)",
    UNABLE_TO_VERIFY_LEAF_SIGNATURE: "the host's certificate comes from an unknown authority (NODE_EXTRA_CA_CERTS can name it)",
};


/***/ }),

/***/ 263:
/***/ ((__unused_webpack_module, __webpack_exports__, __nccwpck_require__) => {

/* harmony export */ __nccwpck_require__.d(__webpack_exports__, {
/* harmony export */   Df: () => (/* binding */ withoutCommands),
/* harmony export */   E$: () => (/* binding */ redact),
/* harmony export */   Lx: () => (/* binding */ hasControls),
/* harmony export */   SW: () => (/* binding */ remoteText),
/* harmony export */   ZZ: () => (/* binding */ field),
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
    const flat = withoutControls(String(text))
        .replace(/\s+/g, ' ')
        .replace(/[\w+/=.~-]{40,}/g, '[\u2026]')
        .replace(/::+/g, ': :')
        .trim();
    return withoutCommands(shorten(flat, limit));
}
function withoutControls(text) {
    return isPlain(text) ? text : text.replace(controls(), ' ');
}
function hasControls(text) {
    return !isPlain(text) && controls().test(text);
}
function isPlain(text) {
    return /^[ -~]*$/.test(text);
}
const CONTROLS = '[\\p{C}\\p{Zl}\\p{Zp}]';
function controls() {
    return new RegExp(CONTROLS, 'gu');
}
function shorten(text, limit) {
    if (text.length <= limit)
        return text;
    return `${text.slice(0, limit - 1).replace(/[\uD800-\uDBFF]$/, '')}\u2026`;
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

/***/ 598:
/***/ ((module) => {

module.exports = builtin(() => require("node:crypto"));

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

;// CONCATENATED MODULE: external "node:fs"
const external_node_fs_namespaceObject = builtin(() => require("node:fs"));
;// CONCATENATED MODULE: external "os"
const external_os_namespaceObject = builtin(() => require("os"));
;// CONCATENATED MODULE: ./build/node_modules/@actions/core/lib/utils.js
function utils_toCommandValue(input) {
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
    process.stdout.write(cmd.toString() + external_os_namespaceObject.EOL);
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
    return utils_toCommandValue(s)
        .replace(/%/g, '%25')
        .replace(/\r/g, '%0D')
        .replace(/\n/g, '%0A');
}
function escapeProperty(s) {
    return utils_toCommandValue(s)
        .replace(/%/g, '%25')
        .replace(/\r/g, '%0D')
        .replace(/\n/g, '%0A')
        .replace(/:/g, '%3A')
        .replace(/,/g, '%2C');
}

;// CONCATENATED MODULE: external "crypto"
const external_crypto_namespaceObject = builtin(() => require("crypto"));
;// CONCATENATED MODULE: external "fs"
const external_fs_namespaceObject = builtin(() => require("fs"));
;// CONCATENATED MODULE: ./build/node_modules/@actions/core/lib/file-command.js




function file_command_issueFileCommand(command, message) {
    const filePath = process.env[`GITHUB_${command}`];
    if (!filePath) {
        throw new Error(`Unable to find environment variable for file command ${command}`);
    }
    if (!external_fs_namespaceObject.existsSync(filePath)) {
        throw new Error(`Missing file at path: ${filePath}`);
    }
    external_fs_namespaceObject.appendFileSync(filePath, `${utils_toCommandValue(message)}${external_os_namespaceObject.EOL}`, {
        encoding: 'utf8'
    });
}
function file_command_prepareKeyValueMessage(key, value) {
    const delimiter = `ghadelimiter_${external_crypto_namespaceObject.randomUUID()}`;
    const convertedValue = utils_toCommandValue(value);
    if (key.includes(delimiter)) {
        throw new Error(`Unexpected input: name should not contain the delimiter "${delimiter}"`);
    }
    if (convertedValue.includes(delimiter)) {
        throw new Error(`Unexpected input: value should not contain the delimiter "${delimiter}"`);
    }
    return `${key}<<${delimiter}${external_os_namespaceObject.EOL}${convertedValue}${external_os_namespaceObject.EOL}${delimiter}`;
}

;// CONCATENATED MODULE: external "path"
const external_path_namespaceObject = builtin(() => require("path"));
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
    const convertedVal = utils_toCommandValue(val);
    process.env[name] = convertedVal;
    const filePath = process.env['GITHUB_ENV'] || '';
    if (filePath) {
        return file_command_issueFileCommand('ENV', file_command_prepareKeyValueMessage(name, val));
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
        return file_command_issueFileCommand('OUTPUT', file_command_prepareKeyValueMessage(name, value));
    }
    process.stdout.write(external_os_namespaceObject.EOL);
    command_issueCommand('set-output', { name }, utils_toCommandValue(value));
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
    process.stdout.write(message + external_os_namespaceObject.EOL);
}
function startGroup(name) {
    command_issue('group', name);
}
function endGroup() {
    command_issue('endgroup');
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
        return issueFileCommand('STATE', prepareKeyValueMessage(name, value));
    }
    issueCommand('save-state', { name }, toCommandValue(value));
}
function getState(name) {
    return process.env[`STATE_${name}`] || '';
}
function getIDToken(aud) {
    return __awaiter(this, void 0, void 0, function* () {
        return yield OidcClient.getIDToken(aud);
    });
}





;// CONCATENATED MODULE: ./build/node_modules/@actions/github/lib/context.js


class Context {
    constructor() {
        var _a, _b, _c;
        this.payload = {};
        if (process.env.GITHUB_EVENT_PATH) {
            if ((0,external_fs_namespaceObject.existsSync)(process.env.GITHUB_EVENT_PATH)) {
                this.payload = JSON.parse((0,external_fs_namespaceObject.readFileSync)(process.env.GITHUB_EVENT_PATH, { encoding: 'utf8' }));
            }
            else {
                const path = process.env.GITHUB_EVENT_PATH;
                process.stdout.write(`GITHUB_EVENT_PATH ${path} does not exist${external_os_namespaceObject.EOL}`);
            }
        }
        this.eventName = process.env.GITHUB_EVENT_NAME;
        this.sha = process.env.GITHUB_SHA;
        this.ref = process.env.GITHUB_REF;
        this.workflow = process.env.GITHUB_WORKFLOW;
        this.action = process.env.GITHUB_ACTION;
        this.actor = process.env.GITHUB_ACTOR;
        this.job = process.env.GITHUB_JOB;
        this.runAttempt = parseInt(process.env.GITHUB_RUN_ATTEMPT, 10);
        this.runNumber = parseInt(process.env.GITHUB_RUN_NUMBER, 10);
        this.runId = parseInt(process.env.GITHUB_RUN_ID, 10);
        this.apiUrl = (_a = process.env.GITHUB_API_URL) !== null && _a !== void 0 ? _a : `https://api.github.com`;
        this.serverUrl = (_b = process.env.GITHUB_SERVER_URL) !== null && _b !== void 0 ? _b : `https://github.com`;
        this.graphqlUrl =
            (_c = process.env.GITHUB_GRAPHQL_URL) !== null && _c !== void 0 ? _c : `https://api.github.com/graphql`;
    }
    get issue() {
        const payload = this.payload;
        return Object.assign(Object.assign({}, this.repo), { number: (payload.issue || payload.pull_request || payload).number });
    }
    get repo() {
        if (process.env.GITHUB_REPOSITORY) {
            const [owner, repo] = process.env.GITHUB_REPOSITORY.split('/');
            return { owner, repo };
        }
        if (this.payload.repository) {
            return {
                owner: this.payload.repository.owner.login,
                repo: this.payload.repository.name
            };
        }
        throw new Error("context.repo requires a GITHUB_REPOSITORY environment variable like 'owner/repo'");
    }
}

;// CONCATENATED MODULE: ./build/node_modules/@actions/github/lib/github.js


const context = new Context();
function getOctokit(token, options, ...additionalPlugins) {
    const GitHubWithPlugins = GitHub.plugin(...additionalPlugins);
    return new GitHubWithPlugins(getOctokitOptions(token, options));
}

// EXTERNAL MODULE: ./build/src/clock.js + 1 modules
var clock = __nccwpck_require__(259);
// EXTERNAL MODULE: ./build/src/http.js + 5 modules
var http = __nccwpck_require__(392);
// EXTERNAL MODULE: ./build/src/errors.js
var errors = __nccwpck_require__(595);
// EXTERNAL MODULE: ./build/src/text.js
var src_text = __nccwpck_require__(263);
;// CONCATENATED MODULE: ./build/src/summary.js


function summaryOf(result, error, stateSentence) {
    const rows = [...(result.facts ?? [])];
    if (result.access !== undefined)
        rows.push(['Access token', `valid until ${(0,src_text/* utc */.n$)(result.access.expiresAt)}`]);
    rows.push(['Refresh token', `**${result.state}**. ${stateSentence}`]);
    const lines = [`### ${error ? `\u274c ${errors/* ERROR_TITLES */.N4[error.code]}` : 'Cobo access token'}`, ''];
    if (error)
        lines.push(plain(error.message), '', `**What to do:** ${plain(error.remedy)}`, '');
    const table = rows.map(([name, value]) => `| ${name} | ${value.replaceAll('|', '\\|')} |`);
    lines.push('| | |', '| --- | --- |', ...table, '');
    if (result.envelope !== undefined) {
        lines.push('The recovery envelope holds the rotated refresh token, encrypted for the holder of the private key. Start a run with it as the input `recovery-envelope`:', '', '```text', result.envelope, '```', '');
    }
    return lines.join('\n');
}
function plain(text) {
    return text
        .replace(/[\r\n]+/g, ' ')
        .replaceAll('&', '&amp;')
        .replaceAll('<', '&lt;')
        .replaceAll('](', ']\\(');
}

;// CONCATENATED MODULE: ./build/src/delivery.js





const STATE_SENTENCES = {
    unspent: 'The refresh token is unspent: this run did not use it up.',
    stored: 'The rotated refresh token is safe in every store.',
    delivered: 'The rotated refresh token is in the output `refresh-token`.',
    kept: 'Cobo sent no new refresh token, so the one in use stays valid.',
    reused: 'The refresh token was not used.',
    sealed: 'The rotated refresh token is sealed in the recovery envelope: start the next run with it as the input `recovery-envelope`.',
    unknown: 'The refresh token may be spent, and nobody holds its successor.',
};
class Delivery {
    #toolkit;
    #masks;
    #env;
    #keys;
    #accessTokenEnv;
    #facts = [];
    #envelopeShown = false;
    #group;
    #phaseBegan = 0;
    constructor(toolkit, masks, env) {
        this.#toolkit = toolkit;
        this.#masks = masks;
        this.#env = env;
    }
    info(line) {
        this.#openGroup();
        this.#toolkit.info(this.#clean(line));
    }
    debug(line) {
        if (this.#env.RUNNER_DEBUG !== '1')
            return;
        this.#openGroup();
        this.#toolkit.debug(this.#clean(line));
    }
    warning(line) {
        this.#toolkit.warning(this.#clean(line));
    }
    phase(name, now = (0,clock/* uptimeMs */.B)()) {
        this.debug(`time ${name.padEnd(8)} ${(now - this.#phaseBegan).toFixed(1)} ms`);
        this.#phaseBegan = now;
    }
    async step(title, work, outcome) {
        const started = (0,clock/* uptimeMs */.B)();
        this.#group = { title, open: false };
        let result;
        try {
            result = await work();
        }
        finally {
            if (this.#group.open)
                this.#toolkit.endGroup();
            this.#group = undefined;
        }
        this.info(`${outcome(result)} (${Math.round((0,clock/* uptimeMs */.B)() - started)} ms)`);
        return result;
    }
    #openGroup() {
        if (this.#group === undefined || this.#group.open)
            return;
        this.#group.open = true;
        this.#toolkit.startGroup(this.#group.title);
    }
    begin({ keys, accessTokenEnv, cobo }) {
        this.#keys = keys;
        this.#accessTokenEnv = accessTokenEnv;
        this.#facts.push(['Cobo', `${cobo.environment}, ${new URL(cobo.apiUrl).host}`]);
    }
    tellAppKey() {
        if (this.#keys !== undefined)
            this.#toolkit.setOutput('app-key', this.#keys.appKey);
        this.#keys = undefined;
    }
    insure(envelope) {
        this.#summarize({ state: 'sealed', envelope }, undefined);
    }
    showEnvelope(envelope) {
        if (this.#envelopeShown)
            return;
        this.#envelopeShown = true;
        this.info(`recovery-envelope: ${envelope}`);
    }
    succeeded(result) {
        this.#outputs(result);
        this.#summarize(result, undefined);
    }
    failed(error, result) {
        error.tokenState = result.state;
        if (error.code === 'internal')
            this.debug(stackOf(error.cause));
        if (result.envelope !== undefined)
            this.showEnvelope(result.envelope);
        this.#summarize(result, error);
        try {
            this.#outputs(result);
        }
        catch {
            this.warning('The outputs could not be written.');
        }
        this.#toolkit.error(this.#clean(this.#explain(error, result.state)), {
            title: errors/* ERROR_TITLES */.N4[error.code],
        });
        this.#toolkit.debug(`error code: ${error.code}`);
    }
    #clean(line) {
        return (0,src_text/* withoutCommands */.Df)(this.#masks.redact(line));
    }
    #explain(error, state) {
        return [error.message, STATE_SENTENCES[state], error.remedy, `[token-state: ${state}]`]
            .filter(Boolean)
            .join(' ');
    }
    #outputs({ state, access, refreshToken, envelope }) {
        this.tellAppKey();
        if (access !== undefined) {
            this.#toolkit.setOutput('access-token', access.accessToken);
            this.#toolkit.setOutput('token-type', access.tokenType);
            this.#toolkit.setOutput('scope', access.scope);
            this.#toolkit.setOutput('expires-in', String(access.expiresIn));
            this.#toolkit.setOutput('expires-at', (0,src_text/* utc */.n$)(access.expiresAt));
            if (this.#accessTokenEnv !== undefined)
                this.#toolkit.exportVariable(this.#accessTokenEnv, access.accessToken);
        }
        if (refreshToken !== undefined)
            this.#toolkit.setOutput('refresh-token', refreshToken);
        if (envelope !== undefined)
            this.#toolkit.setOutput('recovery-envelope', envelope);
        this.#toolkit.setOutput('token-state', state);
    }
    #summarize(result, error) {
        const file = this.#env.GITHUB_STEP_SUMMARY;
        if (!file)
            return;
        const text = this.#masks.redact(summaryOf({ ...result, facts: [...this.#facts, ...(result.facts ?? [])] }, error, STATE_SENTENCES[result.state]));
        try {
            (0,external_node_fs_namespaceObject.writeFileSync)(file, text);
        }
        catch {
            this.warning('The job summary could not be written.');
        }
    }
}
function stackOf(thrown) {
    return thrown instanceof Error ? (thrown.stack ?? thrown.name) : typeof thrown;
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

;// CONCATENATED MODULE: ./build/src/input-values.js


const FORKS = 'GitHub leaves secrets empty in runs from forks, in runs that Dependabot starts (which have secrets of their own), and where the name is misspelt.';
function readIdentifier(read, name) {
    const value = optional(read(name));
    if (value !== undefined && !/^[\x21-\x7e]{1,256}$/.test(value)) {
        throw (0,errors/* inputError */.Xu)(name, 'has blanks, other characters than ASCII, or more than 256 of them', 'Copy the ID from Cobo Portal.');
    }
    return value;
}
function readUrl(read, name) {
    const text = optional(read(name));
    return text === undefined ? undefined : checkedUrl(text, name);
}
function checkedUrl(text, name) {
    const url = URL.canParse(text) && !/\s/.test(text) && !(0,src_text/* hasControls */.Lx)(text) ? new URL(text) : undefined;
    if (url === undefined)
        throw (0,errors/* inputError */.Xu)(name, 'is not a URL', 'Give a whole URL that begins with `https://`.');
    if (url.username !== '' || url.password !== '') {
        throw (0,errors/* inputError */.Xu)(name, 'carries a user name or password', 'Leave them out.');
    }
    if (url.search !== '' || url.hash !== '' || /[?#]/.test(text)) {
        throw (0,errors/* inputError */.Xu)(name, 'has a query or a fragment', 'Give the base URL alone.');
    }
    if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isLoopback(url.hostname))) {
        throw (0,errors/* inputError */.Xu)(name, 'does not use `https:`', 'Only a loopback host may be called without it.');
    }
    return url.href.replace(/\/+$/, '');
}
function isLoopback(host) {
    return host === 'localhost' || host === '[::1]' || /^127(\.\d{1,3}){3}$/.test(host);
}
function readSecretName(read, name) {
    const value = optional(read(name))?.toUpperCase();
    if (value !== undefined && (!/^[A-Z_][A-Z0-9_]{0,199}$/.test(value) || value.startsWith('GITHUB_'))) {
        throw (0,errors/* inputError */.Xu)(name, 'is no name that GitHub takes', 'Letters, digits and `_` alone, not beginning with a digit or `GITHUB_`.');
    }
    return value;
}
const RESERVED = /^(GITHUB_|RUNNER_|ACTIONS_|INPUT_|NODE_OPTIONS$|PATH$|HOME$|CI$)/i;
function readVariableName(read, name) {
    const value = optional(read(name));
    if (value !== undefined && (!/^[A-Za-z_][A-Za-z0-9_]{0,199}$/.test(value) || RESERVED.test(value))) {
        throw (0,errors/* inputError */.Xu)(name, 'is no name for an environment variable of a job', 'Letters, digits and `_` alone, and none that the runner uses itself.');
    }
    return value;
}
function readTime(name, text) {
    const shape = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)$/;
    const day = text.slice(0, 10);
    const exists = shape.test(text) && isDay(day);
    const time = exists ? Date.parse(text) : Number.NaN;
    if (Number.isNaN(time)) {
        throw (0,errors/* inputError */.Xu)(name, 'is not a time in ISO 8601 with its zone', 'Give it as this action put it out, such as `2026-01-31T12:00:00Z`, or leave it empty.');
    }
    return time;
}
function isDay(day) {
    const time = Date.parse(day);
    return !Number.isNaN(time) && new Date(time).toISOString().startsWith(day);
}
function readFlag(read, name) {
    const value = read(name);
    if (/^(true|True|TRUE)$/.test(value))
        return true;
    if (/^(|false|False|FALSE)$/.test(value))
        return false;
    throw (0,errors/* inputError */.Xu)(name, 'is neither `true` nor `false`', 'Give one of the two.');
}
function readNumber(read, name, otherwise, least, most) {
    const text = read(name);
    if (text === '')
        return otherwise;
    const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
    if (!(value >= least && value <= most)) {
        throw (0,errors/* inputError */.Xu)(name, `is not a whole number from ${least} to ${most}`, `Leave it out for ${otherwise}.`);
    }
    return value;
}
function optional(value) {
    return value === '' ? undefined : value;
}
function missing(name, remedy) {
    return new errors/* ActionError */.lZ('input-missing', `The input \`${name}\` is empty.`, remedy);
}

// EXTERNAL MODULE: ./build/src/github/probe-name.js
var probe_name = __nccwpck_require__(288);
;// CONCATENATED MODULE: ./build/src/github/stores.js

class StoreGrammarError extends Error {
    name = 'StoreGrammarError';
}
const REPOSITORY = /^[A-Za-z0-9_.-]{1,100}\/[A-Za-z0-9_.-]{1,100}$/;
const OWNER = /^[A-Za-z0-9_.-]{1,100}$/;
function readStores(text, repository) {
    const stores = new Map();
    for (const [index, raw] of text.split(/\r?\n/).entries()) {
        const line = raw.trim();
        if (line === '')
            continue;
        try {
            const store = readStore(line, repository);
            stores.set(store.secretsPath.toLowerCase(), store);
        }
        catch (error) {
            if (error instanceof StoreGrammarError)
                throw new StoreGrammarError(`line ${index + 1} ${error.message}`);
            throw error;
        }
    }
    if (stores.size === 0)
        throw new StoreGrammarError('it names no store');
    return [...stores.values()];
}
function readStore(line, ownRepository) {
    const organization = /^organization:(.*)$/s.exec(line)?.[1];
    if (organization !== undefined)
        return organizationStore(organization.trim());
    const [, kind, rest = ''] = /^(repository|environment|dependabot)(?![\w-])(.*)$/s.exec(line) ?? [];
    if (kind === undefined) {
        throw new StoreGrammarError('begins with none of `repository`, `environment:`, `organization:`, `dependabot`');
    }
    if (kind === 'environment')
        return environmentStore(rest, ownRepository);
    if (rest !== '' && !rest.startsWith('@')) {
        throw new StoreGrammarError(`has something other than \`@owner/name\` after \`${kind}\``);
    }
    const repository = rest === '' ? own(ownRepository) : checkedRepository(rest.slice(1).trim());
    return kind === 'repository' ? repositoryStore(repository) : dependabotStore(repository);
}
function own(repository) {
    if (repository === undefined || !isRepository(repository)) {
        throw new StoreGrammarError('names no repository, and the workflow tells none (GITHUB_REPOSITORY); write `@owner/name`');
    }
    return repository;
}
function isRepository(text) {
    return REPOSITORY.test(text) && !text.split('/').some((part) => /^\.+$/.test(part));
}
function checkedRepository(repository) {
    if (!isRepository(repository)) {
        throw new StoreGrammarError('has something other than `owner/name` after the `@`');
    }
    return repository;
}
function repositoryStore(repository) {
    return {
        kind: 'repository',
        label: `repository@${repository}`,
        secretsPath: `/repos/${repository}/actions/secrets`,
        variablesPath: `/repos/${repository}/actions/variables`,
        permission: '"Secrets: write"',
        variablesPermission: '"Variables: write"',
    };
}
function dependabotStore(repository) {
    return {
        kind: 'dependabot',
        label: `dependabot@${repository}`,
        secretsPath: `/repos/${repository}/dependabot/secrets`,
        variablesPath: undefined,
        permission: '"Dependabot secrets: write"',
        variablesPermission: '',
    };
}
function environmentStore(rest, ownRepository) {
    const [, name = '', target] = /^:(.*?)(?:@([^@/]+\/[^@/]+))?$/s.exec(rest) ?? [];
    const environment = name.trim();
    if (environment === '')
        throw new StoreGrammarError('names no environment; write `environment:NAME`');
    if (environment.length > 255 || (0,src_text/* hasControls */.Lx)(environment) || /^\.+$/.test(environment)) {
        throw new StoreGrammarError('holds a name that no environment can have');
    }
    const repository = target === undefined ? own(ownRepository) : checkedRepository(target.trim());
    const path = `/repos/${repository}/environments/${encodeURIComponent(environment)}`;
    return {
        kind: 'environment',
        label: `environment:${environment}@${repository}`,
        secretsPath: `${path}/secrets`,
        variablesPath: `${path}/variables`,
        permission: '"Environments: write"',
        variablesPermission: '"Environments: write"',
    };
}
function organizationStore(name) {
    if (!OWNER.test(name) || /^\.+$/.test(name)) {
        throw new StoreGrammarError('names no organization; write `organization:NAME`');
    }
    return {
        kind: 'organization',
        label: `organization:${name}`,
        secretsPath: `/orgs/${name}/actions/secrets`,
        variablesPath: `/orgs/${name}/actions/variables`,
        permission: '"Organization secrets: write"',
        variablesPermission: '"Organization variables: write"',
    };
}

;// CONCATENATED MODULE: ./build/src/write-back-inputs.js




function readWriteBack(read, surroundings) {
    const refreshTokenSecret = readSecretName(read, 'refresh-token-secret');
    const accessTokenSecret = readSecretName(read, 'access-token-secret');
    const expiresAtVariable = readSecretName(read, 'expires-at-variable');
    const token = optional(read('github-token'));
    const stores = readStoresInput(read, surroundings.repository, refreshTokenSecret ?? accessTokenSecret ?? expiresAtVariable);
    const apiUrl = readUrl(read, 'github-api-url');
    if (stores === undefined)
        return undefined;
    if (refreshTokenSecret !== undefined && refreshTokenSecret === accessTokenSecret) {
        throw (0,errors/* inputError */.Xu)('access-token-secret', 'names the same secret as `refresh-token-secret`', 'Give each a name of its own.');
    }
    if (accessTokenSecret === (0,probe_name/* probeName */.A)(refreshTokenSecret ?? '')) {
        throw (0,errors/* inputError */.Xu)('access-token-secret', 'is the name of the probe that is written and deleted', 'Choose another.');
    }
    if (token === undefined) {
        throw missing('github-token', `It is needed to write secrets or variables: a fine-grained personal access token or a GitHub App token; the workflow's own \`GITHUB_TOKEN\` cannot write secrets. ${FORKS}`);
    }
    if (/\s|[^\x20-\x7e]/.test(token)) {
        throw (0,errors/* inputError */.Xu)('github-token', 'has blanks or characters that no token has', 'Store it again, without line breaks.');
    }
    return {
        token,
        apiUrl: apiUrl ?? checkedUrl(surroundings.apiUrl, 'github-api-url'),
        stores,
        refreshTokenSecret,
        accessTokenSecret,
        expiresAtVariable,
    };
}
function readStoresInput(read, repository, target) {
    const text = read('secret-stores');
    if (target === undefined && (text === '' || text === 'repository'))
        return undefined;
    try {
        const stores = readStores(text || 'repository', repository);
        return target === undefined ? undefined : stores;
    }
    catch (error) {
        if (!(error instanceof StoreGrammarError))
            throw error;
        throw (0,errors/* inputError */.Xu)('secret-stores', `is wrong: ${error.message}`, 'One store a line: `repository`, `environment:NAME`, `organization:NAME` or `dependabot`, with `@owner/name` for another repository.');
    }
}

;// CONCATENATED MODULE: ./build/src/inputs.js






function readInputs(toolkit, masks, surroundings) {
    const read = (name) => toolkit.getInput(name);
    const privateKey = toolkit.getInput('private-key', { trimWhitespace: false });
    const keys = readKeys(privateKey, masks);
    for (const name of ['refresh-token', 'github-token', 'access-token']) {
        masks.add(toolkit.getInput(name, { trimWhitespace: false }));
    }
    if (keys instanceof errors/* ActionError */.lZ)
        throw keys;
    const clientId = readIdentifier(read, 'client-id');
    if (clientId === undefined) {
        throw missing('client-id', "Give the Portal App's client ID, as Cobo Portal shows it.");
    }
    const orgId = readIdentifier(read, 'org-id');
    const refreshToken = optional(read('refresh-token'));
    const recoveryEnvelope = optional(read('recovery-envelope'));
    if (refreshToken === undefined && orgId === undefined && recoveryEnvelope === undefined) {
        throw missing('refresh-token', `Check the name of the secret. ${FORKS} Without a refresh token \`org-id\` is needed.`);
    }
    return {
        keys,
        clientId,
        refreshToken,
        orgId,
        recoveryEnvelope,
        cobo: readCobo(read),
        writeBack: readWriteBack(read, surroundings),
        accessTokenEnv: readVariableName(read, 'access-token-env'),
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
        return missing('private-key', `Check the name of the secret. ${FORKS}`);
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
            return (0,errors/* inputError */.Xu)('private-key', error.message, error.remedy);
        throw error;
    }
}
function maskHex(hex, masks) {
    masks.add(hex.toLowerCase());
    masks.add(hex.toUpperCase());
}
function readCobo(read) {
    const environment = read('cobo-environment') || 'prod';
    if (!isEnvironmentName(environment)) {
        throw (0,errors/* inputError */.Xu)('cobo-environment', 'is none of `prod`, `dev`, `sandbox`', 'Give one of the three, in lower case.');
    }
    const own = ENVIRONMENTS[environment];
    const responseKey = optional(read('response-public-key')) ?? own.responseKey;
    if (!(0,src_text/* isHex */.qv)(responseKey, 64)) {
        throw (0,errors/* inputError */.Xu)('response-public-key', 'is not 64 hexadecimal characters', "Leave it out to use the environment's own key.");
    }
    return { environment, apiUrl: readUrl(read, 'api-url') ?? own.apiUrl, responseKey };
}
function readStored(read) {
    const accessToken = optional(read('access-token'));
    const expiry = optional(read('expires-at'));
    const minValidity = readNumber(read, 'min-validity', 0, 0, 366 * 24 * 3600);
    const expiresAt = expiry === undefined ? undefined : readTime('expires-at', expiry);
    return accessToken === undefined || expiresAt === undefined
        ? undefined
        : { accessToken, expiresAt, minValidity };
}

;// CONCATENATED MODULE: ./build/src/masks.js

const SHORTEST_PIECE = 4;
class Masks {
    #register;
    #known = new Set();
    constructor(register) {
        this.#register = register;
    }
    add(secret) {
        this.#addPiece(secret);
        this.#addPiece(secret.trim());
        for (const line of secret.split(/\r\n|\r|\n|\\r\\n|\\n/)) {
            const piece = line.trim();
            if (piece.length >= SHORTEST_PIECE)
                this.#addPiece(piece);
        }
    }
    redact(text) {
        return (0,src_text/* redact */.E$)(text, [...this.#known].sort((a, b) => b.length - a.length));
    }
    #addPiece(piece) {
        if (piece.trim() === '' || this.#known.has(piece))
            return;
        this.#known.add(piece);
        this.#register(piece);
    }
}

;// CONCATENATED MODULE: ./build/src/refresh.js






async function refresh(world) {
    try {
        const status = await begin(world);
        return typeof status === 'number' ? status : await status();
    }
    finally {
        world.http.close();
    }
}
async function begin(world) {
    const masks = new Masks((secret) => world.toolkit.setSecret(secret));
    const delivery = new Delivery(world.toolkit, masks, world.env);
    const started = (0,clock/* uptimeMs */.B)();
    try {
        const inputs = readInputs(world.toolkit, masks, world.facts);
        delivery.phase('start', started);
        delivery.phase('read');
        delivery.begin(inputs);
        const reusable = stillGood(inputs, world.clock.now());
        if (reusable !== undefined)
            return reuse(delivery, reusable);
        const { rotate } = await __nccwpck_require__.e(/* import() */ 114).then(__nccwpck_require__.bind(__nccwpck_require__, 114));
        return () => rotate({ world, inputs, masks, delivery });
    }
    catch (thrown) {
        delivery.failed((0,errors/* asActionError */.z6)(thrown), { state: 'unspent' });
        return 1;
    }
}
function stillGood({ stored, dryRun, recoveryEnvelope }, now) {
    if (stored === undefined || dryRun || recoveryEnvelope !== undefined)
        return undefined;
    const expiresIn = Math.floor((stored.expiresAt - now) / 1000);
    if (expiresIn <= 0 || expiresIn < stored.minValidity)
        return undefined;
    return {
        accessToken: stored.accessToken,
        tokenType: 'Bearer',
        scope: '',
        expiresIn,
        expiresAt: stored.expiresAt,
    };
}
function reuse(delivery, access) {
    delivery.info(`\u2713 The stored access token is valid until ${(0,src_text/* utc */.n$)(access.expiresAt)}: handed out again, nothing rotated`);
    delivery.succeeded({ state: 'reused', access });
    return 0;
}

;// CONCATENATED MODULE: ./build/src/main.js






writeLinesAtOnce();
void refresh({
    toolkit: {
        debug: debug,
        endGroup: endGroup,
        error: error,
        exportVariable: exportVariable,
        getInput: getInput,
        info: info,
        setOutput: setOutput,
        setSecret: setSecret,
        startGroup: startGroup,
        warning: warning,
    },
    env: process.env,
    facts: {
        repository: process.env.GITHUB_REPOSITORY,
        runId: context.runId,
        runAttempt: context.runAttempt,
        jobStartedAt: modifiedAt(process.env.GITHUB_EVENT_PATH),
        apiUrl: context.apiUrl,
    },
    http: (0,http/* httpClient */.o)(process.env),
    clock: clock/* systemClock */.m,
    signals: process,
}).then((status) => {
    process.exit(status);
});
function modifiedAt(path) {
    return path ? (0,external_node_fs_namespaceObject.statSync)(path, { throwIfNoEntry: false })?.mtimeMs : undefined;
}
function writeLinesAtOnce() {
    const { write } = {
        write(text) {
            const bytes = Buffer.from(text, 'utf8');
            for (let at = 0; at < bytes.length;) {
                try {
                    at += (0,external_node_fs_namespaceObject.writeSync)(1, bytes, at);
                }
                catch (error) {
                    if (error.code !== 'EAGAIN')
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
function builtin(load) {
  let loaded;
  return new Proxy({}, {
    get: (_, name) => (name === "__esModule" ? undefined : (loaded ??= load())[name]),
  });
}
