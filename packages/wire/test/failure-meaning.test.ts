import { describe, expect, it } from 'vitest';
import { FAILURES, type FailureName } from '../src/failure.ts';
import { FAILURE_MEANINGS, failureText } from '../src/failure-meaning.ts';

/** Every type that RFC 9209 §2.3 registers. */
const PROXY_ERRORS: ReadonlySet<string> = new Set([
  'dns_timeout',
  'dns_error',
  'destination_not_found',
  'destination_unavailable',
  'destination_ip_prohibited',
  'destination_ip_unroutable',
  'connection_refused',
  'connection_terminated',
  'connection_timeout',
  'connection_read_timeout',
  'connection_write_timeout',
  'connection_limit_reached',
  'tls_protocol_error',
  'tls_certificate_error',
  'tls_alert_received',
  'http_request_error',
  'http_request_denied',
  'http_response_incomplete',
  'http_response_header_section_size',
  'http_response_header_size',
  'http_response_body_size',
  'http_response_trailer_section_size',
  'http_response_trailer_size',
  'http_response_transfer_coding',
  'http_response_content_coding',
  'http_response_timeout',
  'http_upgrade_failed',
  'http_protocol_error',
  'proxy_internal_response',
  'proxy_internal_error',
  'proxy_configuration_error',
  'proxy_loop_detected',
]);

it('has a meaning for every failure, and for nothing else', () => {
  expect(Object.keys(FAILURE_MEANINGS)).toEqual(Object.keys(FAILURES));
});

describe.each(Object.entries(FAILURE_MEANINGS))('%s', (_, meaning) => {
  it('names a proxy error of RFC 9209', () => {
    expect(PROXY_ERRORS).toContain(meaning.proxyError);
  });

  it('has words for a person', () => {
    expect(meaning.text.length).toBeGreaterThan(10);
  });
});

it('tells a failure in words: the meaning, then the detail of the case', () => {
  const name: FailureName = 'draining';
  expect(failureText({ name, detail: '' })).toBe(FAILURE_MEANINGS.draining.text);
  expect(failureText({ name, detail: 'until noon' })).toBe(`${FAILURE_MEANINGS.draining.text}: until noon`);
});
