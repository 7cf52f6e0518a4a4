import { eventBridgePublisher } from '../adapters/aws/event-publisher.ts';
import { outboxPublisher } from '../messaging/outbox.ts';

export const handler = outboxPublisher(eventBridgePublisher);
