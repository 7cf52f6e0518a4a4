import { describe, expect, it } from 'vitest';
import { listReportsRoute } from '../../src/http/routes/list-reports.ts';
import { handler } from '../../src/functions/list-reports.ts';
import { gatewayEvent } from '../support/gateway.ts';
import { aContext, aRequest } from '../support/samples.ts';

describe('GET /reports', () => {
  it('answers its caller', async () => {
    const response = await listReportsRoute(aRequest());
    expect(response).toMatchObject({ status: 200, body: '{"caller":"alice"}' });
  });

  it('refuses a token without the scope orders:read', async () => {
    const request = aRequest({ claims: { sub: 'alice', scope: '' } });
    await expect(listReportsRoute(request)).rejects.toMatchObject({ code: 'forbidden' });
  });

  it('is what is deployed', async () => {
    expect(await handler(gatewayEvent(), aContext)).toMatchObject({ statusCode: 200 });
  });
});
