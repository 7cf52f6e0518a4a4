import { authorize } from '../authorization.ts';
import { type HttpRequest, type HttpResponse, json } from '../message.ts';

/** GET /reports */
export async function listReportsRoute(request: HttpRequest): Promise<HttpResponse> {
  const caller = authorize(request, 'orders:read');
  return Promise.resolve(json(200, { caller }));
}
