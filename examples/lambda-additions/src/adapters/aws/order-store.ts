import { createHash, randomUUID } from 'node:crypto';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import type { Order } from '../../domain/order.ts';
import type { Claim, OrderStore, Placement } from '../../domain/ports.ts';
import { codesOf, dynamodb, isWritten, type Item, outbox, put, type Refusal, tableName, transact } from './table.ts';

const STALE_INDEX = 'stale-orders';

/** Spreads the index of waiting orders, whose writes would otherwise all meet in one partition. */
const STALE_SHARDS = 4;

export const dynamoOrderStore: OrderStore = {
  async place(order, event, claim) {
    const writes = [put(itemOf(order), { expression: 'attribute_not_exists(pk)' }), outbox(event, randomUUID())];
    if (claim !== undefined) {
      writes.push(putClaim(claim, order.createdAt));
    }
    const refusal = await transact(writes, order.id);
    return refusal === undefined ? { outcome: 'placed' } : placementOf(refusal, claim);
  },

  async get(id) {
    const { Item: item } = await dynamodb<{ Item?: Item }>('GetItem', {
      TableName: tableName(),
      Key: { pk: { S: `ORDER#${id}` } },
      ConsistentRead: true,
    });
    return item === undefined ? undefined : orderOf(item);
  },

  async transition(from, to, event) {
    const unchanged = {
      expression: '#status = :status AND updatedAt = :updatedAt',
      names: { '#status': 'status' },
      values: { ':status': from.status, ':updatedAt': from.updatedAt },
    };
    return isWritten(await transact([put(itemOf(to), unchanged), outbox(event, randomUUID())], randomUUID()));
  },

  async findStale(before) {
    const shards = await Promise.all(Array.from({ length: STALE_SHARDS }, (_, shard) => queryStale(shard, before)));
    return shards.flat().sort((a, b) => a.updatedAt.localeCompare(b.updatedAt));
  },
};

function itemOf(order: Order): Record<string, unknown> {
  const waiting = order.status === 'processing' ? { waitingShard: shardOf(order.id) } : {};
  return { ...order, ...waiting, pk: `ORDER#${order.id}`, kind: 'order' };
}

function shardOf(id: string): number {
  return Number.parseInt(id.slice(-2), 16) % STALE_SHARDS;
}

function orderOf(item: Item): Order {
  const { id, owner, status, items, attempts, createdAt, updatedAt } = unmarshall(item) as Order;
  return { id, owner, status, items, attempts, createdAt, updatedAt };
}

/** The key's claim is written in the same transaction as the order: nobody can check first and act later. */
function putClaim({ owner, key, fingerprint, answer, expiresAt }: Claim, now: string) {
  const pk = `IDEMPOTENCY#${createHash('sha256').update(`${owner}\n${key}`).digest('hex')}`;
  return put(
    { pk, kind: 'idempotency', fingerprint, answer, expiresAt: Math.floor(expiresAt.getTime() / 1000) },
    {
      expression: 'attribute_not_exists(pk) OR expiresAt < :now',
      values: { ':now': Math.floor(Date.parse(now) / 1000) },
    },
  );
}

function placementOf(refusal: Refusal, claim: Claim | undefined): Placement {
  const earlier = refusal[2]?.Item;
  if (earlier === undefined) {
    return conflictOf(refusal);
  }
  const { fingerprint, answer } = unmarshall(earlier) as Claim;
  return fingerprint === claim?.fingerprint ? { outcome: 'replayed', answer } : { outcome: 'mismatch' };
}

/** @throws unless the transaction met another one, with the same key, that is still running. */
function conflictOf(refusal: Refusal): Placement {
  if (refusal.some(({ Code }) => Code === 'TransactionConflict')) {
    return { outcome: 'in-progress' };
  }
  throw new Error(`the order was not stored: ${codesOf(refusal)}`);
}

async function queryStale(shard: number, before: Date): Promise<Order[]> {
  const { Items } = await dynamodb<{ Items: Item[] }>('Query', {
    TableName: tableName(),
    IndexName: STALE_INDEX,
    KeyConditionExpression: 'waitingShard = :shard AND updatedAt < :before',
    ExpressionAttributeValues: marshall({ ':shard': shard, ':before': before.toISOString() }),
    Limit: 100,
  });
  return Items.map(orderOf);
}
