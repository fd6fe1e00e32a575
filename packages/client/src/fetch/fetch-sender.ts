import type { RequestHistory } from '../errors.ts';
import type { ExchangeResponse } from '../exchange/exchange.ts';
import type { OutgoingRequest } from '../pool/request-sender.ts';

/** Sends what is sent for one `fetch()`: the manager's sender, or one that does so as `init.hip` says. */
export interface FetchSender {
  /** @param history - where it tells of attempts that came before the response. */
  send(request: OutgoingRequest, history: RequestHistory[]): Promise<ExchangeResponse>;
}
