import { dynamoOrderStore } from '../adapters/aws/order-store.ts';
import { gatewayHandler } from '../http/gateway.ts';
import { getOrderRoute } from '../http/routes/get-order.ts';

export const handler = gatewayHandler(getOrderRoute({ orders: dynamoOrderStore }));
