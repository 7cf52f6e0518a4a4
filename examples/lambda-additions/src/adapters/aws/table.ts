import type { AttributeValue, TransactWriteItem } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import type { CloudEvent } from '../../domain/events.ts';
import { AwsError, awsService } from './client.ts';
import { required } from './environment.ts';

/** Outbox entries leave through the stream within seconds; they are kept for a look at what was sent. */
const OUTBOX_LIFETIME_SECONDS = 7 * 24 * 60 * 60;

export type Item = Record<string, AttributeValue>;

export const dynamodb = awsService({ service: 'dynamodb', target: 'DynamoDB_20120810', version: '1.0' });

export function tableName(): string {
  return required('TABLE_NAME');
}

export interface Condition {
  readonly expression: string;
  readonly names?: Record<string, string>;
  readonly values?: Record<string, unknown>;
}

/** A conditional put as one part of a transaction; a failed condition brings the item that was in the way. */
export function put(item: Record<string, unknown>, { expression, names, values }: Condition): TransactWriteItem {
  return {
    Put: {
      TableName: tableName(),
      Item: marshall(item, { removeUndefinedValues: true }),
      ConditionExpression: expression,
      ...(names && { ExpressionAttributeNames: names }),
      ...(values && { ExpressionAttributeValues: marshall(values) }),
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    },
  };
}
/** The outbox entry: the table's stream carries it to the event bus (docs/adr/0003-outbox.md). */
export function outbox(event: CloudEvent, entryId: string): TransactWriteItem {
  const expiresAt = Math.floor(Date.parse(event.time) / 1000) + OUTBOX_LIFETIME_SECONDS;
  const entry = { pk: `EVENT#${entryId}`, kind: 'event', event: JSON.stringify(event), expiresAt };
  return put(entry, { expression: 'attribute_not_exists(pk)' });
}

/** Why each part of a transaction was refused, in the order of the parts; undefined when all of it was written. */
export type Refusal = readonly { readonly Code?: string; readonly Item?: Item }[];

export async function transact(items: readonly TransactWriteItem[], token: string): Promise<Refusal | undefined> {
  try {
    await dynamodb('TransactWriteItems', { TransactItems: items, ClientRequestToken: token });
    return undefined;
  } catch (error) {
    if (error instanceof AwsError && error.code === 'TransactionCanceledException') {
      return (error.details['CancellationReasons'] ?? []) as Refusal;
    }
    throw error;
  }
}

/**
 * Whether a transaction was written; false if its first part's condition did not hold.
 *
 * @throws when it was refused for any other reason, such as a transaction on the same item: it may succeed later.
 */
export function isWritten(refusal: Refusal | undefined): boolean {
  if (refusal === undefined) {
    return true;
  }
  if (refusal[0]?.Code === 'ConditionalCheckFailed') {
    return false;
  }
  throw new Error(`the transaction was refused: ${codesOf(refusal)}`);
}

export function codesOf(refusal: Refusal): string {
  return refusal.map(({ Code }) => Code ?? 'None').join(', ');
}
