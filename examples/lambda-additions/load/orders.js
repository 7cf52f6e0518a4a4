// k6 run -e URL=https://… -e TOKEN=… load/orders.js
// Twice the expected peak for ten minutes; the limits are those of docs/slo.yaml.
import { check } from 'k6';
import http from 'k6/http';

const PEAK_REQUESTS_PER_SECOND = Number(__ENV.PEAK || 10);
const { URL, TOKEN } = __ENV;
const headers = { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json' };

export const options = {
  scenarios: {
    orders: {
      executor: 'constant-arrival-rate',
      rate: 2 * PEAK_REQUESTS_PER_SECOND,
      timeUnit: '1s',
      duration: __ENV.DURATION || '10m',
      preAllocatedVUs: 50,
    },
  },
  thresholds: {
    http_req_duration: ['p(95)<300'],
    http_req_failed: ['rate<0.001'],
    checks: ['rate>0.999'],
  },
};

export default function placeAndReadOrder() {
  const placed = http.post(`${URL}/orders`, JSON.stringify({ items: [{ id: 'load-test', quantity: 1 }] }), { headers });
  check(placed, { 'the order is created': ({ status }) => status === 201 });
  const read = http.get(`${URL}${placed.headers['Location']}`, { headers, tags: { name: '/orders/{id}' } });
  check(read, { 'the order is there': ({ status }) => status === 200 });
}
