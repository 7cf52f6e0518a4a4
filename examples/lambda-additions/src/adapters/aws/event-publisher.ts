import type { CloudEvent } from '../../domain/events.ts';
import type { EventPublisher } from '../../domain/ports.ts';
import { traceHeader } from '../../tracing.ts';
import { awsService } from './client.ts';
import { required } from './environment.ts';

/** Quotas of one PutEvents request; a larger event travels in a request of its own. */
const MAX_ENTRIES = 10;
const MAX_BYTES = 256 * 1024;

const eventBridge = awsService({ service: 'events', target: 'AWSEvents', version: '1.1' });

interface Entry {
  readonly Detail: string;
  readonly [member: string]: unknown;
}

export const eventBridgePublisher: EventPublisher = {
  async publish(events) {
    let published = 0;
    for (const entries of chunk(events.map(entryOf))) {
      const accepted = await putEvents(entries);
      published += accepted;
      if (accepted < entries.length) {
        break;
      }
    }
    return published;
  },
};

/** PutEvents answers 200 even if it has refused entries; how many were accepted before the first refusal. */
async function putEvents(entries: readonly Entry[]): Promise<number> {
  const { Entries } = await eventBridge<{ Entries: { ErrorCode?: string }[] }>('PutEvents', { Entries: entries });
  const refused = Entries.findIndex(({ ErrorCode }) => ErrorCode !== undefined);
  return refused === -1 ? entries.length : refused;
}

function entryOf(event: CloudEvent): Entry {
  return {
    EventBusName: required('EVENT_BUS_NAME'),
    Source: event.source,
    DetailType: event.type,
    Time: Math.floor(Date.parse(event.time) / 1000),
    Detail: JSON.stringify(event),
    TraceHeader: traceHeader(event.traceparent),
  };
}

function chunk(entries: readonly Entry[]): Entry[][] {
  const chunks: Entry[][] = [];
  let bytes = 0;
  for (const entry of entries) {
    bytes += Buffer.byteLength(entry.Detail);
    const last = chunks.at(-1);
    if (last === undefined || last.length === MAX_ENTRIES || bytes > MAX_BYTES) {
      chunks.push([entry]);
      bytes = Buffer.byteLength(entry.Detail);
    } else {
      last.push(entry);
    }
  }
  return chunks;
}
