import fc from 'fast-check';
import { expect, it } from 'vitest';
import { memoryOrderStore } from '../../src/adapters/memory/order-store.ts';
import { MemoryOutbox } from '../../src/adapters/memory/outbox.ts';
import { placeOrder } from '../../src/domain/place-order.ts';
import { processOrder } from '../../src/domain/process-order.ts';
import { reconcileOrders } from '../../src/domain/reconcile-orders.ts';

const context = { source: 'orders', correlationId: 'request-1' };
const START = Date.parse('2026-01-15T12:00:00.000Z');
const MINUTE = 60_000;

const someItems = fc.array(
  fc.record({ id: fc.stringMatching(/^[A-Za-z0-9_-]{1,64}$/), quantity: fc.integer({ min: 1, max: 1000 }) }),
  { minLength: 1, maxLength: 20 },
);

/** A service whose clock the test turns, and whose events it sees. */
function world() {
  const outbox = new MemoryOutbox();
  const published: string[] = [];
  for (const type of ['order.created', 'order.completed', 'order.failed']) {
    outbox.subscribe(type, (event) => Promise.resolve(void published.push(event.type)));
  }
  let time = START;
  const dependencies = { orders: memoryOrderStore(outbox), now: () => new Date(time) };
  const pass = (minutes: number) => {
    time += minutes * MINUTE;
  };
  return { dependencies, outbox, published, pass };
}

it('a repeated request gets the same answer, and another one with its key none', async () => {
  await fc.assert(
    fc.asyncProperty(someItems, someItems, fc.integer({ min: 1, max: 5 }), async (items, others, repeats) => {
      const { dependencies, outbox, published } = world();
      const request = { owner: 'alice', items, idempotencyKey: 'k'.repeat(16) };
      const first = await placeOrder(dependencies, request, context);
      for (let n = 0; n < repeats; n += 1) {
        expect(await placeOrder(dependencies, request, context)).toEqual({ outcome: 'replayed', answer: first.answer });
      }
      fc.pre(JSON.stringify(items) !== JSON.stringify(others));
      expect(await placeOrder(dependencies, { ...request, items: others }, context)).toMatchObject({
        outcome: 'mismatch',
      });
      await outbox.drained();
      expect(published).toEqual(['order.created']);
    }),
  );
});

it('an order ends once, whatever is delivered and however often', async () => {
  const step = fc.constantFrom('process' as const, 'reconcile' as const, 'wait' as const);
  await fc.assert(
    fc.asyncProperty(someItems, fc.array(step, { maxLength: 12 }), async (items, steps) => {
      const { dependencies, outbox, published, pass } = world();
      const { answer } = await placeOrder(dependencies, { owner: 'alice', items }, context);
      const { id } = JSON.parse(answer) as { id: string };
      const run = {
        process: () => processOrder(dependencies, id, context),
        reconcile: () => reconcileOrders(dependencies, context),
        wait: () => {
          pass(11);
        },
      };
      for (const name of [...steps, 'process' as const]) {
        await run[name]();
      }
      await outbox.drained();
      const ends = published.filter((type) => type !== 'order.created');
      const order = await dependencies.orders.get(id);
      expect(ends).toEqual([`order.${String(order?.status)}`]);
      expect(order?.attempts).toBeLessThanOrEqual(3);
    }),
  );
});
