import { SUBPROTOCOL } from '@hip/wire';
import { Hono } from 'hono';
import { SESSION_PATH } from './websocket-listener.ts';

/** What the HTTP surface tells about the gateway. */
export interface HttpSurfaceState {
  /** Does the gateway take new sessions? */
  readonly isReady: () => boolean;
}

/**
 * Everything the gateway answers by plain HTTP: whether it lives (`/livez`), whether it takes sessions (`/readyz`), and
 * what is wrong with a request for a session that asks for no upgrade. Upgrades themselves never come here.
 */
export function createHttpSurface({ isReady }: HttpSurfaceState): Hono {
  const app = new Hono();

  // Nothing here may be answered from a cache: a proxy would report a gateway alive that is not.
  app.use(async (context, next) => {
    await next();
    context.header('cache-control', 'no-store');
  });

  app.get('/livez', (context) => context.json({ status: 'ok' }));

  app.get('/readyz', (context) =>
    isReady() ? context.json({ status: 'ok' }) : context.json({ status: 'draining' }, 503),
  );

  // RFC 9110 §15.5.22: a 426 says with Upgrade what it wants.
  app.get(SESSION_PATH, (context) =>
    context.text(
      `This is the session endpoint of a hip gateway. Connect with a WebSocket that offers the subprotocol ${SUBPROTOCOL}.\n`,
      426,
      { upgrade: 'websocket', connection: 'upgrade' },
    ),
  );

  app.notFound((context) => context.json({ status: 'not found' }, 404));

  return app;
}
