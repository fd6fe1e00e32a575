import { expect, test } from 'vitest';
import { createHttpSurface } from '../../src/listener/http-surface.ts';

const ready = createHttpSurface({ isReady: () => true });
const draining = createHttpSurface({ isReady: () => false });

test.each([
  ['lives', ready, '/livez', 200, { status: 'ok' }],
  ['lives while it drains', draining, '/livez', 200, { status: 'ok' }],
  ['is ready', ready, '/readyz', 200, { status: 'ok' }],
  ['is not ready while it drains', draining, '/readyz', 503, { status: 'draining' }],
  ['has nothing else', ready, '/', 404, { status: 'not found' }],
  ['has nothing below', ready, '/livez/x', 404, { status: 'not found' }],
])('%s', async (_name, surface, path, status, body) => {
  const response = await surface.request(path);
  expect(response.status).toBe(status);
  expect(await response.json()).toEqual(body);
  expect(response.headers.get('cache-control')).toBe('no-store');
});

test('asks for an upgrade where sessions are', async () => {
  const response = await ready.request('/session');
  expect([response.status, response.headers.get('upgrade')]).toEqual([426, 'websocket']);
  expect(await response.text()).toContain('qmux-02.hip-1');
});

test('answers HEAD, and no other method', async () => {
  expect((await ready.request('/livez', { method: 'HEAD' })).status).toBe(200);
  expect((await ready.request('/livez', { method: 'POST' })).status).toBe(404);
});
