import { dynamoOrderStore } from '../adapters/aws/order-store.ts';
import { gatewayHandler } from '../http/gateway.ts';
import { placeOrderRoute } from '../http/routes/place-order.ts';

export const handler = gatewayHandler(placeOrderRoute({ orders: dynamoOrderStore, now: () => new Date() }));
