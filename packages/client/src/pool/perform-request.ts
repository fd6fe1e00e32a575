import { CONNECTION_OPTIONS } from '../connection-options.ts';
import { extractBody } from '../exchange/request-body.ts';
import type { RequestInit } from '../options.ts';
import { checkNames, requestOptions } from './check-options.ts';
import { HTTPHeaderDict } from './http-header-dict.ts';
import { HTTPResponse } from './http-response.ts';
import type { RequestSender } from './request-sender.ts';

const REQUEST_OPTIONS = [
  'headers',
  'body',
  'preloadContent',
  'decodeContent',
  'timeout',
  'poolTimeout',
  'signal',
];

/**
 * urllib3's `request()` on one sender: method in upper case, body and headers as given, content preloaded unless told
 * otherwise.
 */
export async function performRequest(
  sender: RequestSender,
  method: string,
  url: URL,
  init: RequestInit,
): Promise<HTTPResponse> {
  const overrides = checkNames('request()', init, REQUEST_OPTIONS, CONNECTION_OPTIONS)
    ? { ...init }
    : undefined;
  const body = init.body === undefined || init.body === null ? undefined : extractBody(init.body);
  const response = await sender.send({
    method: method.toUpperCase(),
    url,
    lines: new HTTPHeaderDict(init.headers).toLines(),
    body,
    options: requestOptions(init),
    signal: init.signal,
    connectionFields: 'refuse',
    overrides,
  });
  const result = new HTTPResponse(url.href, response, { method, ...init });
  if (init.preloadContent ?? true) await result.preload();
  return result;
}
