import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';

export interface Request {
  readonly operation: string;
  readonly headers: IncomingMessage['headers'];
  readonly input: Record<string, unknown>;
}

export type Reply = { readonly status?: number; readonly body?: unknown } | 'hang-up';

/** An AWS endpoint that answers what it was told to, in that order, and remembers what it was asked. */
export class FakeAws {
  readonly requests: Request[] = [];
  readonly #replies: Reply[] = [];
  readonly #server: Server;

  private constructor() {
    this.#server = createServer((incoming, outgoing) => {
      void json(incoming).then((input) => {
        const operation = String(incoming.headers['x-amz-target']).split('.')[1] ?? '';
        this.requests.push({ operation, headers: incoming.headers, input: input as Record<string, unknown> });
        const reply = this.#replies.shift() ?? { status: 500, body: { __type: 'NoReplyLeft' } };
        if (reply === 'hang-up') {
          outgoing.destroy();
          return;
        }
        outgoing.writeHead(reply.status ?? 200).end(JSON.stringify(reply.body ?? {}));
      });
    });
  }

  static async start(): Promise<FakeAws> {
    const aws = new FakeAws();
    await new Promise<void>((resolve) => aws.#server.listen(0, '127.0.0.1', resolve));
    const { port } = aws.#server.address() as AddressInfo;
    Object.assign(process.env, {
      AWS_ENDPOINT_URL: `http://127.0.0.1:${String(port)}`,
      AWS_REGION: 'eu-west-1',
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
      AWS_SESSION_TOKEN: 'test',
      TABLE_NAME: 'orders',
      EVENT_BUS_NAME: 'orders',
      QUEUE_URL: 'http://queue',
      DEAD_LETTER_QUEUE_URL: 'http://dead-letters',
      WEBHOOK_SECRETS_ARN: 'arn:secret',
      MAX_RECEIVE_COUNT: '5',
    });
    return aws;
  }

  reply(...replies: Reply[]): void {
    this.#replies.push(...replies);
  }

  reset(): void {
    this.requests.length = 0;
    this.#replies.length = 0;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

export function cancelled(...reasons: { Code: string; Item?: unknown }[]): Reply {
  return { status: 400, body: { __type: 'com.amazonaws#TransactionCanceledException', CancellationReasons: reasons } };
}
