import { HTTPError, IncompleteRead, MaxRetryError, ProtocolError, SessionError } from '@hip/client';
import { type ErrorJSON, errorFromJSON } from '@hip/client/error-json';
import { expect } from 'vitest';
import type { FailingSetup, PostedFailure } from './failing-requests.ts';

/** What arrives in the thread that has started the worker. */
export function expectPosted(
  posted: readonly PostedFailure[],
  { redirectUrl, shortUrl }: FailingSetup,
): void {
  expect(posted).toHaveLength(5);
  // The platform keeps the text and the causes, and makes a plain Error of it.
  for (const { raw, json } of posted) {
    expect(raw).toBeInstanceOf(json.class === 'DOMException' ? DOMException : Error);
    expect(raw.message).toBe(json.message);
    expect((raw.cause as Error | undefined)?.message).toBe((json.cause as ErrorJSON | undefined)?.message);
    expect(raw).not.toBeInstanceOf(HTTPError);
  }
  const [retried, short, fetched, lost, aborted] = posted.map(({ json }) => errorFromJSON(json));
  expect(retried).toBeInstanceOf(MaxRetryError);
  expect(retried).toMatchObject({
    name: 'MaxRetryError',
    code: 'connection_terminated',
    sent: 'always',
    reason: expect.any(ProtocolError),
    history: [
      { url: redirectUrl, status: 302, error: undefined },
      { error: expect.any(ProtocolError) },
      { error: expect.any(ProtocolError) },
    ],
  });
  expect(short).toBeInstanceOf(IncompleteRead);
  expect(short).toMatchObject({ url: shortUrl, partial: 5, expected: 995, sent: 'always' });
  expect(fetched).toBeInstanceOf(TypeError);
  expect(fetched?.cause).toBeInstanceOf(IncompleteRead);
  expect(fetched?.cause).toMatchObject({ url: shortUrl });
  expect(lost).toBeInstanceOf(SessionError);
  expect(lost?.cause).toBeInstanceOf(RangeError);
  expect(aborted).toBeInstanceOf(DOMException);
  expect(aborted?.name).toBe('AbortError');
}
