import { authorize } from '../authorization.ts';
import { type HttpRequest, type HttpResponse, json } from '../message.ts';

/** PUT /reports/{id} */
export async function changeReportRoute(request: HttpRequest): Promise<HttpResponse> {
  const caller = authorize(request, 'orders:write');
  return Promise.resolve(json(200, { caller }));
}
