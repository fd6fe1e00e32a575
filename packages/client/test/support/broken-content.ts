import { turns } from './arrivals.ts';
import type { GatewayExchange } from './gateway-exchange.ts';

/** Answers with a head and `begin`, and breaks off. */
export const reset =
  (name: 'http_response_incomplete' | 'response_read_timeout', fields: string[] = []) =>
  async (exchange: GatewayExchange): Promise<void> => {
    exchange.sendHead(200, fields);
    exchange.sendContent('begin');
    // What has not left with its stream is not sent after a reset.
    await turns();
    exchange.reset(name);
  };
