import { describe, expect, it } from 'vitest';
import { urlOfHistory } from '../../src/pool/request-history.ts';
import { Retry } from '../../src/pool/retry.ts';
import { answer, failure, redirect } from '../support/attempts.ts';

const GET = { method: 'GET', url: 'http://origin.test/' };

describe('urlOfHistory', () => {
  it('is what was asked for, until a redirect is followed', () => {
    let retry = new Retry();
    const url = () => urlOfHistory(retry.history, '/asked');
    expect(url()).toBe('/asked');
    retry = retry.increment({ ...GET, error: failure('dns_error') });
    retry = retry.increment({ ...GET, response: answer(503) });
    expect(url()).toBe('/asked');
    retry = retry.increment({ ...GET, response: redirect(302, '/s?q=1') });
    expect(url()).toBe('/s?q=1');
    retry = retry.increment({ ...GET, response: redirect(301, '/t#frag') });
    expect(url()).toBe('/t#frag');
    retry = retry.increment({ ...GET, response: answer(503) });
    expect(url()).toBe('/t#frag');
  });
});
