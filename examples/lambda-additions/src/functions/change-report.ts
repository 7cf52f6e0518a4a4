import { gatewayHandler } from '../http/gateway.ts';
import { changeReportRoute } from '../http/routes/change-report.ts';

export const handler = gatewayHandler(changeReportRoute);
