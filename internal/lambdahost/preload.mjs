// Answers the one native module of aws-lambda-ric in plain JavaScript, so that AWS's own runtime client runs without a
// compiler. Loaded by `node --import` before the client.
import { Agent, request } from 'node:http';
import Module from 'node:module';

const agent = new Agent({ keepAlive: true, maxSockets: 1 });
const [hostname, port] = process.env.AWS_LAMBDA_RUNTIME_API.split(':');

function call(method, path, body, headers = {}) {
  return new Promise((resolve, reject) => {
    const outgoing = request({ agent, hostname, port, method, path: `/2018-06-01/runtime/${path}`, headers }, (incoming) => {
      const chunks = [];
      incoming.on('data', (chunk) => chunks.push(chunk));
      incoming.on('end', () => resolve({ bodyJson: Buffer.concat(chunks).toString('utf8'), headers: incoming.headers }));
      incoming.on('error', reject);
    });
    outgoing.on('error', reject);
    outgoing.end(body);
  });
}

const client = {
  initializeClient: () => undefined,
  next: () => call('GET', 'invocation/next'),
  done: (id, body) => void call('POST', `invocation/${id}/response`, body),
  error: (id, body, xray) =>
    void call('POST', `invocation/${id}/error`, body, {
      'lambda-runtime-function-error-type': JSON.parse(body).errorType ?? 'Error',
      'lambda-runtime-function-xray-error-cause': Buffer.from(xray).toString('base64'),
    }),
};

const load = Module._load;
Module._load = (name, ...rest) => (name.endsWith('rapid-client.node') ? client : load(name, ...rest));
