import {
  ConnectTimeoutError,
  IncompleteRead,
  NameResolutionError,
  NewConnectionError,
  ProtocolError,
  ReadTimeoutError,
} from '@hip/client';
import { describe, expect } from 'vitest';
import { eventually, rejection } from '../support/eventually.ts';
import { expectFailure } from '../support/expect-failure.ts';
import {
  LOOPBACK,
  newBlackHole,
  newClient,
  newGateway,
  newRawOrigin,
  test,
  unusedAddress,
} from '../support/fixtures.ts';

/** A gateway that gives up on a silent origin soon. */
const IMPATIENT = { ...LOOPBACK, config: { timeouts: { readTimeoutMs: 300 } } };

describe('toward the origin', () => {
  test('nobody listens: NewConnectionError that names the host and port', async ({ http }) => {
    const { url, host } = await unusedAddress();
    await expectFailure(http, url, NewConnectionError, new RegExp(`${host}.*refused|refused.*${host}`, 'is'));
  });

  test('a name that does not exist: NameResolutionError that names it', async ({ http }) => {
    await expectFailure(http, 'http://nothing-here.invalid/', NameResolutionError, /nothing-here\.invalid/);
  });

  test('an address that swallows packets: ConnectTimeoutError after the connect timeout', async () => {
    const hole = await newBlackHole();
    const http = newClient(
      await newGateway({ ...LOOPBACK, config: { timeouts: { connectTimeoutMs: 300 } } }),
    );
    await expectFailure(http, hole.url, ConnectTimeoutError, /timed out/i);
  });

  test('an origin that never answers: ReadTimeoutError after the read timeout', async ({ origin }) => {
    const http = newClient(await newGateway(IMPATIENT));
    await expectFailure(http, origin.url('/never-head'), ReadTimeoutError, /timed out/i);
    await eventually(async () => expect((await origin.counts()).requestsOpen).toBe(0));
  });

  test('an origin that stops in the middle of the body: ReadTimeoutError', async ({ origin }) => {
    const http = newClient(await newGateway(IMPATIENT));
    await expectFailure(http, origin.url('/never-end'), ReadTimeoutError, /timed out|timeout/i);
    await eventually(async () => expect((await origin.counts()).requestsOpen).toBe(0));
  });

  test('a request may ask for shorter timeouts', async ({ http, origin }) => {
    const hole = await newBlackHole();
    const connecting = rejection(
      http.request('GET', hole.url, { retries: false, timeout: { connect: 200 } }),
    );
    expect(await connecting).toBeInstanceOf(ConnectTimeoutError);
    const reading = rejection(
      http.request('GET', origin.url('/never-head'), { retries: false, timeout: { read: 200 } }),
    );
    expect(await reading).toBeInstanceOf(ReadTimeoutError);
    const both = rejection(http.request('GET', origin.url('/never-end'), { retries: false, timeout: 200 }));
    expect(await both).toBeInstanceOf(ReadTimeoutError);
  });

  test('the timeout of one request does not end another', async ({ http, origin }) => {
    const held = http.request('GET', origin.url('/slow-start/go'));
    await rejection(
      http.request('GET', origin.url('/never-head'), { retries: false, timeout: { read: 200 } }),
    );
    await origin.release('go');
    expect((await held).status).toBe(200);
  });

  test('a connection that is reset in the body: ProtocolError', async ({ http, origin }) => {
    await expectFailure(http, origin.url('/head-then-reset'), ProtocolError, /connection|response|body/i);
  });

  test('a body that ends before its length: IncompleteRead', async ({ http, origin }) => {
    await expectFailure(
      http,
      origin.url('/short'),
      IncompleteRead,
      /response ended before|bytes read|incomplete/i,
    );
  });

  test('a connection that is closed without an answer: ProtocolError', async ({ http }) => {
    const raw = await newRawOrigin({ bytes: '', ending: 'close' });
    await expectFailure(http, raw.url, ProtocolError, /before a response/i);
  });
});
