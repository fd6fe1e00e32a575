import type { Handler } from '../message.ts';
import type { Stash } from '../stash.ts';
import { cacheable, conditional } from './caching.ts';
import {
  authentication,
  badGzipBody,
  dumpAuthorization,
  echoContent,
  echoHeaders,
  inspectHeaders,
  method,
  parseHeaders,
  scriptWithHeader,
  status,
} from './echo.ts';
import { longWav, partialText, RANGE_FOLDER } from './range.ts';
import { contentLength, contentType, message, statusCode } from './raw.ts';
import { redirect, redirectEmptyLocation, redirectHere } from './redirect.ts';
import { badChunkEncoding, infiniteSlowResponse, trickle } from './slow.ts';
import { cleanStash, networkPartitionKey, stashPut, stashTake } from './stashing.ts';

/** What the suite's Python handlers do, by their path, written from what the tests ask of them. */
export function handlers(stash: Stash): ReadonlyMap<string, Handler> {
  const api: Record<string, Handler> = {
    'authentication.py': authentication,
    'bad-chunk-encoding.py': badChunkEncoding,
    'cache.py': conditional,
    'clean-stash.py': cleanStash(stash),
    'dump-authorization-header.py': dumpAuthorization,
    'echo-content.py': echoContent,
    'echo-content.h2.py': echoContent,
    'infinite-slow-response.py': infiniteSlowResponse(stash),
    'inspect-headers.py': inspectHeaders,
    'method.py': method,
    'redirect.py': redirect(stash),
    'redirect.h2.py': redirectHere,
    'redirect-empty-location.py': redirectEmptyLocation,
    'script-with-header.py': scriptWithHeader,
    'stash-put.py': stashPut(stash),
    'stash-take.py': stashTake(stash),
    'status.py': status,
    'trickle.py': trickle,
  };
  return new Map([
    ...Object.entries(api).map(([name, handler]) => [`/fetch/api/resources/${name}`, handler] as const),
    ['/common/redirect.py', redirectHere],
    ['/fetch/api/request/resources/cache.py', cacheable(stash)],
    ['/fetch/connection-pool/resources/network-partition-key.py', networkPartitionKey(stash)],
    ['/fetch/content-encoding/resources/bad-gzip-body.py', badGzipBody],
    ['/fetch/content-length/resources/content-length.py', contentLength],
    ['/fetch/content-type/resources/content-type.py', contentType],
    ['/fetch/h1-parsing/resources/message.py', message],
    ['/fetch/h1-parsing/resources/status-code.py', statusCode],
    ['/fetch/range/resources/long-wav.py', longWav(stash)],
    ['/fetch/range/resources/partial-text.py', partialText],
    ['/fetch/range/resources/stash-take.py', stashTake(stash, RANGE_FOLDER)],
    ['/xhr/resources/echo-headers.py', echoHeaders],
    ['/xhr/resources/parse-headers.py', parseHeaders],
    ['/xhr/resources/status.py', status],
  ]);
}
