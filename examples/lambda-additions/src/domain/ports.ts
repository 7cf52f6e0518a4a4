import type { CloudEvent, WebhookDelivery } from './events.ts';
import type { Order } from './order.ts';

/** A caller's Idempotency-Key, together with the answer that a repeat of the request must get. */
export interface Claim {
  readonly owner: string;
  readonly key: string;
  /** Hash of the request: the same key with another request is a mistake of the caller. */
  readonly fingerprint: string;
  readonly answer: string;
  readonly expiresAt: Date;
}

export type Placement =
  | { readonly outcome: 'placed' }
  | { readonly outcome: 'replayed'; readonly answer: string }
  | { readonly outcome: 'mismatch' }
  | { readonly outcome: 'in-progress' };

export interface OrderStore {
  /** Stores the order, its event and the claim on the key together, or nothing of them. */
  place(order: Order, event: CloudEvent, claim?: Claim): Promise<Placement>;
  get(id: string): Promise<Order | undefined>;
  /**
   * Replaces `from` by `to` and stores the event, if nobody has changed the order since it was read.
   * Answers false, and changes nothing, where somebody has.
   */
  transition(from: Order, to: Order, event: CloudEvent): Promise<boolean>;
  /** Orders that have been `processing` since before the given time, oldest first. */
  findStale(before: Date): Promise<readonly Order[]>;
}

export interface WebhookStore {
  /** Stores the delivery's id and its event together; false if the id was seen before. */
  accept(delivery: WebhookDelivery, event: CloudEvent): Promise<boolean>;
  /** Marks the delivery as handled; false if it was before. */
  complete(delivery: WebhookDelivery): Promise<boolean>;
}

export interface WebhookSecrets {
  /** The secrets that are valid now: two of them while one is being rotated. */
  for(provider: string): Promise<readonly string[]>;
}

export interface EventPublisher {
  /** Publishes the events in order and answers how many of them, from the first, have arrived. */
  publish(events: readonly CloudEvent[]): Promise<number>;
}

export interface FailedMessage {
  readonly receiptHandle: string;
  readonly body: string;
  readonly attributes: Readonly<Record<string, string>>;
}

export interface RetryQueue {
  /** Lets the message become visible again after the given number of seconds. */
  delay(message: FailedMessage, seconds: number): Promise<void>;
  /** Puts the whole message into the dead-letter queue, with what went wrong. */
  bury(message: FailedMessage, cause: Readonly<Record<string, string>>): Promise<void>;
}

export type Clock = () => Date;
