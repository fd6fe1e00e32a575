import { onTestFinished } from 'vitest';
import { type ExchangeRequest, type ExchangeResponse, exchange } from '../../src/exchange/exchange.ts';
import { extractBody, type RequestBody } from '../../src/exchange/request-body.ts';
import type { BodySource } from '../../src/options.ts';
import type { ManagerContext } from '../../src/session/manager-context.ts';
import { SessionManager, type SessionManagerOptions } from '../../src/session/session-manager.ts';

/** The context every exchange of a test uses. */
export const CONTEXT: ManagerContext = { name: 'test', numPools: 10, maxsize: 1, block: false };

/** A session manager that is closed when the test is over. */
export function sessionsTo(options: SessionManagerOptions): SessionManager {
  const sessions = new SessionManager(options);
  onTestFinished(() => sessions.close());
  return sessions;
}

/** What a test says of its request; GET / without a body when it says nothing. */
export interface TestRequest extends Partial<Omit<ExchangeRequest, 'body'>> {
  path?: string;
  body?: BodySource;
}

/** Sends a request. Nobody need look at how it ends: a test that fails early should tell that, not what it left behind. */
export function send(sessions: SessionManager, request: TestRequest = {}): Promise<ExchangeResponse> {
  const { path = '/', body, ...rest } = request;
  const response = exchange(sessions, {
    context: CONTEXT,
    head: {
      method: body === undefined ? 'GET' : 'POST',
      scheme: 'http',
      authority: 'origin.test',
      path,
      fields: [],
    },
    body: body === undefined ? undefined : (extractBody(body) as RequestBody),
    options: {},
    signal: undefined,
    ...rest,
  });
  response.catch(() => {});
  return response;
}

/** The whole content of a response, as text. */
export async function textOf(response: ExchangeResponse): Promise<string> {
  const pieces: Uint8Array[] = [];
  for (let piece = await response.body.next(); piece !== undefined; piece = await response.body.next()) {
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString();
}
