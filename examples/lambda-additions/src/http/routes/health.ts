import { json, type Route } from '../message.ts';

export const healthRoute: Route = () => Promise.resolve(json(200, { status: 'ok' }));
