import { type Order, viewOf } from './order.ts';

/** A CloudEvents 1.0 envelope; `correlationid` and `traceparent` are extension attributes. */
export interface CloudEvent<Data = unknown> {
  readonly specversion: '1.0';
  readonly id: string;
  readonly source: string;
  readonly type: string;
  readonly subject: string;
  readonly time: string;
  readonly datacontenttype: 'application/json';
  readonly data: Data;
  readonly correlationid?: string;
  readonly traceparent?: string;
}

/** Where an event comes from, so that one request can be followed through every queue. */
export interface EventContext {
  readonly source: string;
  readonly correlationId?: string;
  readonly traceparent?: string;
}

export type OrderEventType = 'order.created' | 'order.completed' | 'order.failed';

/**
 * The id is derived from the order and not drawn at random: an event that is published twice is
 * recognised by every consumer as the same event.
 */
export function orderEvent(type: OrderEventType, order: Order, context: EventContext): CloudEvent {
  const { id, updatedAt: time } = order;
  return cloudEvent({ type, id: `${id}.${type}`, subject: id, time, data: viewOf(order) }, context);
}

export interface WebhookDelivery {
  readonly provider: string;
  readonly deliveryId: string;
  readonly receivedAt: string;
  /** The raw body in base64, which keeps the event under the 400 KB of a table item whatever the bytes are. */
  readonly payload: string;
}

export function webhookEvent(delivery: WebhookDelivery, context: EventContext): CloudEvent<WebhookDelivery> {
  const subject = `${delivery.provider}/${delivery.deliveryId}`;
  const time = delivery.receivedAt;
  return cloudEvent({ type: 'webhook.received', id: subject, subject, time, data: delivery }, context);
}

type Occurrence<Data> = Pick<CloudEvent<Data>, 'type' | 'id' | 'subject' | 'time' | 'data'>;

function cloudEvent<Data>(occurrence: Occurrence<Data>, context: EventContext): CloudEvent<Data> {
  return {
    specversion: '1.0',
    source: context.source,
    datacontenttype: 'application/json',
    ...occurrence,
    correlationid: context.correlationId,
    traceparent: context.traceparent,
  };
}
