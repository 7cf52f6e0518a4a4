import { randomUUID } from 'node:crypto';
import type { WebhookDelivery } from '../../domain/events.ts';
import type { WebhookStore } from '../../domain/ports.ts';
import { AwsError } from './client.ts';
import { dynamodb, isWritten, outbox, put, tableName, transact } from './table.ts';

/** Longer than any of the providers goes on repeating a delivery (Stripe: three days). */
const DELIVERY_LIFETIME_SECONDS = 7 * 24 * 60 * 60;

export const dynamoWebhookStore: WebhookStore = {
  async accept(delivery, event) {
    const { provider, deliveryId, receivedAt } = delivery;
    const expiresAt = Math.floor(Date.parse(receivedAt) / 1000) + DELIVERY_LIFETIME_SECONDS;
    const item = {
      pk: keyOf(delivery),
      kind: 'webhook',
      provider,
      deliveryId,
      receivedAt,
      status: 'received',
      expiresAt,
    };
    const unseen = { expression: 'attribute_not_exists(pk)' };
    return isWritten(await transact([put(item, unseen), outbox(event, randomUUID())], randomUUID()));
  },

  async complete(delivery) {
    try {
      await dynamodb('UpdateItem', {
        TableName: tableName(),
        Key: { pk: { S: keyOf(delivery) } },
        UpdateExpression: 'SET #status = :handled',
        ConditionExpression: '#status = :received',
        ExpressionAttributeNames: { '#status': 'status' },
        ExpressionAttributeValues: { ':handled': { S: 'handled' }, ':received': { S: 'received' } },
      });
      return true;
    } catch (error) {
      if (error instanceof AwsError && error.code === 'ConditionalCheckFailedException') {
        return false;
      }
      throw error;
    }
  },
};

function keyOf({ provider, deliveryId }: WebhookDelivery): string {
  return `WEBHOOK#${provider}#${deliveryId}`;
}
