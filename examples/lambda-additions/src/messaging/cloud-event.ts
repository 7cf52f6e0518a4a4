import * as v from 'valibot';
import type { CloudEvent, EventContext, WebhookDelivery } from '../domain/events.ts';
import { service } from '../observability.ts';

const Envelope = v.object({
  specversion: v.literal('1.0'),
  id: v.pipe(v.string(), v.minLength(1)),
  source: v.string(),
  type: v.string(),
  subject: v.pipe(v.string(), v.minLength(1)),
  time: v.pipe(v.string(), v.isoTimestamp()),
  datacontenttype: v.literal('application/json'),
  data: v.unknown(),
  correlationid: v.optional(v.string()),
  traceparent: v.optional(v.string()),
});

const OrderData = v.object({ id: v.string(), createdAt: v.pipe(v.string(), v.isoTimestamp()) });

const Delivery = v.object({
  provider: v.string(),
  deliveryId: v.string(),
  receivedAt: v.pipe(v.string(), v.isoTimestamp()),
  payload: v.string(),
});

/** @throws when the text is not a CloudEvent; a consumer never acts on a half-understood message. */
export function parseEvent(text: string): CloudEvent {
  return v.parse(Envelope, JSON.parse(text));
}

export function orderDataOf(event: CloudEvent): v.InferOutput<typeof OrderData> {
  return v.parse(OrderData, event.data);
}

export function deliveryOf(event: CloudEvent): WebhookDelivery {
  return v.parse(Delivery, event.data);
}

/** The context for events that this event causes. */
export function contextOf({ correlationid, traceparent }: CloudEvent): EventContext {
  return { source: service, correlationId: correlationid, traceparent };
}
