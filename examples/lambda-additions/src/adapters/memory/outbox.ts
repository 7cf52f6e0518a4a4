import type { CloudEvent } from '../../domain/events.ts';

export type Subscriber = (event: CloudEvent) => Promise<void>;

/** Delivers stored events to their subscribers, one after the other, as the stream, the bus and the queues do. */
export class MemoryOutbox {
  readonly #subscribers = new Map<string, Subscriber>();
  #delivery: Promise<void> = Promise.resolve();

  subscribe(type: string, subscriber: Subscriber): void {
    this.#subscribers.set(type, subscriber);
  }

  add(event: CloudEvent): void {
    this.#delivery = this.#delivery.then(() => this.#subscribers.get(event.type)?.(event));
  }

  /** Settles when every event so far, and every event that these have caused, was delivered. */
  async drained(): Promise<void> {
    let seen: Promise<void> | undefined;
    while (seen !== this.#delivery) {
      seen = this.#delivery;
      await seen;
    }
  }
}
