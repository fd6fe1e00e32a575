import * as client from '@hip/client';
import { FAILURE_MEANINGS, FAILURES, type FailureName } from '@hip/wire';
import { describe, expect } from 'vitest';
import { rejection, within } from '../support/eventually.ts';
import { type ClientRow, type Provoked, ROWS } from '../support/failure-rows.ts';
import { describeWith, test } from '../support/fixtures.ts';

// Every row of the table of failures that a client can provoke: its class, its code, its words, and what follows from
// whether the origin can have seen the request.

client.disableWarnings(client.InsecureRequestWarning);

const describeTls = await describeWith('openssl');

const CLIENT_ROWS = (Object.entries(ROWS) as [FailureName, object][]).filter(
  (entry): entry is [FailureName, ClientRow] => 'provoke' in entry[1],
);

const CLASSES: Record<string, unknown> = { ...client };

/** Classes whose errors are never repeated: nothing would be different. */
const FINAL: readonly string[] = [
  'AuthenticationError',
  'ClosedPoolError',
  'EgressDeniedError',
  'EmptyPoolError',
  'FullPoolError',
  'InvalidRequestError',
];

/** Rows of other classes that are final, too. */
const FINAL_ROWS: readonly string[] = ['session_unavailable', 'session_limit', 'tls_configuration_error'];

/** Whether a request is sent again after this failure. */
function isRepeated(name: FailureName, method: 'GET' | 'POST'): boolean {
  const { errorClass, sent } = FAILURES[name];
  if (FINAL.includes(errorClass) || FINAL_ROWS.includes(name)) return false;
  return sent === 'never' || method === 'GET';
}

function escaped(text: string): RegExp {
  return new RegExp(text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
}

async function failure(
  provoked: Provoked,
  method: 'GET' | 'POST',
  retries: number | false,
): Promise<client.HTTPError> {
  const failing = rejection(provoked.attempt(method, { retries }));
  return (await within(30_000, 'the failure', failing)) as client.HTTPError;
}

function expectRow(error: client.HTTPError, name: FailureName, row: ClientRow): void {
  const { errorClass, sent } = FAILURES[name];
  expect(error).toMatchObject({ name: errorClass, code: name, sent });
  expect(error.constructor).toBe(CLASSES[errorClass]);
  expect(error.message).toMatch(row.words ?? escaped(FAILURE_MEANINGS[name].text));
}

function declare([name, row]: [FailureName, ClientRow]): void {
  test(`${name}: ${FAILURES[name].errorClass}`, async ({ gateway, origin, http }) => {
    const provoked = await row.provoke({ gateway, origin, http });
    const error = await failure(provoked, 'GET', false);
    expectRow(error, name, row);
    expect(error).toMatchObject({ url: provoked.url, history: [] });
    if (provoked.http !== undefined) {
      const fetched = provoked.http.fetch(provoked.url).then((response) => response.text());
      const { cause, ...shown } = (await within(30_000, 'fetch()', rejection(fetched))) as TypeError;
      expect(shown).toEqual({});
      expectRow(cause as client.HTTPError, name, row);
      expect(cause).toMatchObject({ url: provoked.url });
    }
    if (row.once !== undefined) return;
    for (const method of ['GET', 'POST'] as const) {
      const again = await failure(provoked, method, 1);
      if (!isRepeated(name, method)) {
        expectRow(again, name, row);
        continue;
      }
      expect(again).toBeInstanceOf(client.MaxRetryError);
      const { reason, history, code, url, sent } = again as client.MaxRetryError;
      expectRow(reason, name, row);
      expect(
        history.map((entry) => entry.error?.code),
        method,
      ).toEqual([name, name]);
      expect({ code, url, sent }).toEqual({ code: name, url: provoked.url, sent: FAILURES[name].sent });
    }
  });
}

describe('a failure', () => {
  for (const entry of CLIENT_ROWS.filter(([, { needs }]) => needs === undefined)) declare(entry);
});

describeTls('a failure of TLS', () => {
  for (const entry of CLIENT_ROWS.filter(([, { needs }]) => needs !== undefined)) declare(entry);
});

test('no row is left out', () => {
  expect(Object.keys(ROWS)).toEqual(Object.keys(FAILURES));
});
