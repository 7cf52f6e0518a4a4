import { describe, expect, it } from 'vitest';
import { changeReportRoute } from '../../src/http/routes/change-report.ts';
import { handler } from '../../src/functions/change-report.ts';
import { gatewayEvent } from '../support/gateway.ts';
import { aContext, aRequest } from '../support/samples.ts';

describe('PUT /reports/{id}', () => {
  it('answers its caller', async () => {
    const response = await changeReportRoute(aRequest());
    expect(response).toMatchObject({ status: 200, body: '{"caller":"alice"}' });
  });

  it('refuses a token without the scope orders:write', async () => {
    const request = aRequest({ claims: { sub: 'alice', scope: '' } });
    await expect(changeReportRoute(request)).rejects.toMatchObject({ code: 'forbidden' });
  });

  it('is what is deployed', async () => {
    expect(await handler(gatewayEvent(), aContext)).toMatchObject({ statusCode: 200 });
  });
});
