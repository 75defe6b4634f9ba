// The floor: the same requests as the action sends, by nothing but Node's own client. What they carry was signed
// and sealed by somebody else, no input is read, no answer is looked at. The connections are opened first of all.
const { connections, stages } = JSON.parse(require('node:fs').readFileSync(process.env.FLOOR_PLAN, 'utf8'));
const isSecure = connections[0].origin.startsWith('https:');
const { Agent, request } = isSecure ? require('node:https') : require('node:http');
const { connect } = isSecure ? require('node:tls') : require('node:net');

const ready = new Map();
for (const { origin, count } of connections) {
  const { hostname, port } = new URL(origin);
  const open = () => connect({ host: hostname, port: Number(port), ALPNProtocols: ['http/1.1'] });
  ready.set(origin, Array.from({ length: count }, open));
}
/** Hands out the connections that were opened, then keeps them. */
class Opened extends Agent {
  createConnection(options) {
    const socket = ready.get(`${isSecure ? 'https' : 'http'}://${options.host}:${options.port}`).shift();
    if (socket === undefined) throw new Error('the floor opens too few connections');
    return socket;
  }
}
const agent = new Opened({ keepAlive: true, maxSockets: 10 });

function send({ method, url, headers, body }) {
  return new Promise((resolve, reject) => {
    const sent = request(url, { method, agent, headers }, (answer) => {
      answer.on('data', () => undefined);
      answer.once('end', () => setImmediate(resolve));
    });
    sent.once('error', reject);
    sent.end(body);
  });
}

async function run() {
  for (const stage of stages) await Promise.all(stage.map(send));
}

void run().then(() => process.exit(0));
