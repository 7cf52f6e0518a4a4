import { gatewayHandler } from '../http/gateway.ts';
import { listReportsRoute } from '../http/routes/list-reports.ts';

export const handler = gatewayHandler(listReportsRoute);
