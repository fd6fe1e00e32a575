import type { RequestSender } from '../pool/request-sender.ts';

const SENDERS = new WeakMap<object, RequestSender>();

/** Remembers what sends a manager's requests, for parts of this package that a page loads only when it needs them. */
export function rememberSender(manager: object, sender: RequestSender): void {
  SENDERS.set(manager, sender);
}

/**
 * What sends a manager's requests.
 *
 * @throws TypeError when it is no manager.
 */
export function senderOf(manager: object): RequestSender {
  const sender = SENDERS.get(manager);
  if (sender === undefined)
    throw new TypeError('manager must be a PoolManager of the same copy of @hip/client');
  return sender;
}
