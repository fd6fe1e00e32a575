import { expect } from 'vitest';
import { rejection, within } from './eventually.ts';

type ErrorClass = abstract new (...args: never[]) => Error;

/** Both faces of a client. */
interface Client {
  request(method: string, url: string, init: { retries: false }): Promise<unknown>;
  fetch(url: string): Promise<Response>;
}

/**
 * One failure as each face of the client shows it: `request()` without retries rejects with the class, `fetch()` (or reading its
 * body) with a `TypeError` whose cause is of that class. The message must let a person act.
 */
export async function expectFailure(
  http: Client,
  url: string,
  errorClass: ErrorClass,
  message: RegExp,
): Promise<void> {
  const [requested, fetched] = await within(
    15_000,
    'the two failures',
    Promise.all([
      rejection(http.request('GET', url, { retries: false })),
      rejection(http.fetch(url).then((response) => response.text())),
    ]),
  );
  expect(requested).toBeInstanceOf(errorClass);
  expect((requested as Error).name).toBe((requested as Error).constructor.name);
  expect((requested as Error).message).toMatch(message);
  expect(fetched).toBeInstanceOf(TypeError);
  expect((fetched as Error).cause).toBeInstanceOf(errorClass);
}
