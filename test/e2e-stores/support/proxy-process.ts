/**
 * A forward proxy in a process of its own, as a company runs one: it wants a user name and a password
 * (RFC 7617), opens tunnels (CONNECT), and passes plain requests on (absolute form). It alone knows where
 * the host names of the test lead: whatever arrives at such a host has come through here.
 *
 *     node proxy-process.ts '{"credentials":"user:password","hosts":{"api.cobo.test:443":34567}}'
 *
 * Prints its port, then one line of JSON (`Passage`) for each request; ends when its input ends.
 */
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';

/** The first argument, as JSON. */
export interface ProxySetup {
  /** `user:password`; without them everybody may pass. */
  credentials?: string;
  /** `host:port` as the client names it, and the port of this machine where it leads. */
  hosts: Record<string, number>;
}

/** One request, and what became of it. */
export interface Passage {
  how: 'tunnel' | 'forward';
  /** `host:port`. */
  to: string;
  outcome: 'passed' | 'refused' | 'unknown host';
}

const { credentials, hosts } = JSON.parse(process.argv[2] ?? '{"hosts":{}}') as ProxySetup;

function judge(how: Passage['how'], to: string, message: IncomingMessage): Passage['outcome'] {
  const wanted = credentials && `Basic ${Buffer.from(credentials).toString('base64')}`;
  const allowed = wanted === undefined || message.headers['proxy-authorization'] === wanted;
  const known = allowed && Object.hasOwn(hosts, to);
  const outcome = allowed ? (known ? 'passed' : 'unknown host') : 'refused';
  const passage: Passage = { how, to, outcome };
  process.stdout.write(`${JSON.stringify(passage)}\n`);
  return outcome;
}

const STATUS = { refused: 407, 'unknown host': 502 } as const;
const CHALLENGE = { 'proxy-authenticate': 'Basic realm="proxy of a test"' };

function forward(message: IncomingMessage, response: ServerResponse): void {
  const url = new URL(message.url ?? '');
  const to = `${url.hostname}:${url.port || '80'}`;
  const outcome = judge('forward', to, message);
  if (outcome !== 'passed') {
    response.writeHead(STATUS[outcome], CHALLENGE).end();
    return;
  }
  const { 'proxy-authorization': _own, 'proxy-connection': _hop, ...headers } = message.headers;
  const onward = request({
    host: '127.0.0.1',
    port: hosts[to],
    method: message.method,
    path: url.pathname + url.search,
    headers,
  });
  onward.once('response', (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(response);
  });
  onward.once('error', () => response.destroy());
  message.pipe(onward);
}

function tunnel(message: IncomingMessage, client: Socket): void {
  const to = message.url ?? '';
  const outcome = judge('tunnel', to, message);
  if (outcome !== 'passed') {
    client.end(
      `HTTP/1.1 ${STATUS[outcome]} No\r\nproxy-authenticate: ${CHALLENGE['proxy-authenticate']}\r\n\r\n`,
    );
    return;
  }
  const target = connect(hosts[to] ?? 0, '127.0.0.1', () => {
    client.write('HTTP/1.1 200 Connection established\r\n\r\n');
    target.pipe(client);
    client.pipe(target);
  });
  target.once('error', () => client.destroy());
  client.once('error', () => target.destroy());
}

const server = createServer(forward);
server.on('connect', tunnel);
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`${(server.address() as AddressInfo).port}\n`);
});
process.stdin.on('end', () => process.exit(0)).resume();
