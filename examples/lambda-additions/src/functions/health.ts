import { gatewayHandler } from '../http/gateway.ts';
import { healthRoute } from '../http/routes/health.ts';

export const handler = gatewayHandler(healthRoute);
