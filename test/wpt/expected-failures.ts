/** Tests that our fetch does not pass, and why. */
export interface ExpectedFailure {
  readonly file: string;
  /** Names of tests; all of the file when left out. */
  readonly tests?: readonly (string | RegExp)[];
  /** Where; everywhere when left out. */
  readonly runtime?: 'node' | 'chromium';
  readonly reason: string;
}

const API = '/fetch/api';

const FORBIDDEN = 'wants headers dropped that a page may not send. Sending them is what a tunnel is for';
const NO_CACHE = 'wants an HTTP cache. A tunnel has none';
const NO_CORS = 'wants CORS enforced. Reaching what has none is what a tunnel is for';
const STRICT_HEAD =
  'has a response that the origin wrote against RFC 9112. The gateway has undici read it, which refuses what browsers repair';
const CONTROL_CHARACTERS =
  'sends a control character in a field value, which RFC 9110 §5.5 forbids. undici, the gateway, refuses it';
const NO_FILE_READER = 'uses FileReader, which Node does not have';
const NO_XHR = 'is about XMLHttpRequest, which Node does not have';

export const EXPECTED_FAILURES: readonly ExpectedFailure[] = [
  {
    file: `${API}/basic/request-forbidden-headers.any.js`,
    tests: [
      /^(?!Connection|Expect|Keep-Alive|TE |Trailer|Transfer-Encoding|Upgrade).* is a forbidden request header$/,
      /is forbidden to use value (?:trace|track|connect),?$/i,
    ],
    reason: FORBIDDEN,
  },
  {
    file: `${API}/request/request-headers.any.js`,
    tests: [/^Adding invalid (?:no-cors )?request header/, /request constructor is filtering headers/],
    reason: FORBIDDEN,
  },
  {
    file: `${API}/headers/header-setcookie.any.js`,
    tests: ['Set-Cookie is a forbidden response header'],
    reason: 'wants Set-Cookie hidden. Showing it is what a tunnel is for',
  },
  {
    file: '/fetch/range/general.any.js',
    tests: ['Privileged header not allowed for guard type: request-no-cors'],
    reason: FORBIDDEN,
  },
  {
    file: '/fetch/range/general.any.js',
    tests: ['Cross Origin Fetch with non safe range header'],
    reason: NO_CORS,
  },
  {
    file: `${API}/redirect/redirect-mode.any.js`,
    tests: ['manual redirect with a CORS error should be rejected'],
    reason: NO_CORS,
  },
  { file: `${API}/basic/conditional-get.any.js`, reason: NO_CACHE },
  {
    file: `${API}/request/request-cache-default.any.js`,
    tests: [/checks the cache for previously cached content and avoids going to the network/],
    reason: NO_CACHE,
  },
  {
    file: `${API}/request/request-cache-force-cache.any.js`,
    tests: [
      /checks the cache for previously cached content and avoid revalidation/,
      /stores the response in the cache.* fresh response$/,
    ],
    reason: NO_CACHE,
  },
  {
    file: `${API}/request/request-cache-only-if-cached.any.js`,
    tests: [/avoids revalidation/, /uses cached same-origin redirects/],
    reason: NO_CACHE,
  },
  {
    file: `${API}/request/request-cache-reload.any.js`,
    tests: [/does store the response in the cache.* fresh response$/],
    reason: NO_CACHE,
  },
  {
    file: `${API}/basic/request-headers-case.any.js`,
    reason:
      'wants names of fields sent as they were written. On the wire to the gateway they are lower case (RFC 9292 §3.6)',
  },
  {
    file: `${API}/basic/status.h2.any.js`,
    reason:
      'wants no status text of an origin that speaks HTTP/2. The gateway speaks HTTP/1.1 with it, and has one',
  },
  {
    file: `${API}/basic/request-upload.any.js`,
    tests: ['Fetch with POST with text body on 421 response should be retried once on new connection.'],
    reason:
      'wants a second try over a new connection. Connections are pooled at the gateway, which answers with the 421',
  },
  { file: `${API}/basic/header-value-combining.any.js`, reason: STRICT_HEAD },
  {
    file: '/fetch/content-length/api-and-duplicate-headers.any.js',
    tests: [/^fetch\(\)/],
    reason: STRICT_HEAD,
  },
  {
    file: '/fetch/content-length/parsing.window.js',
    tests: [
      /Input: "Content-Length: (?:42|30)(?:,|\\r\\n).*Expected: (?:42|30)\.$/,
      /Input: "Content-Length: (?:aaaah|42s|30s|-1|0x20|\\"30\\"|").*Expected: 42\.$/,
    ],
    reason: STRICT_HEAD,
  },
  {
    file: '/fetch/security/1xx-response.any.js',
    tests: ['Status(101) should be accepted, with removing body.'],
    reason: 'has a 101 that nobody asked for. The gateway takes it for an error, as RFC 9110 §15.2.2 lets it',
  },
  {
    file: `${API}/headers/header-values-normalize.any.js`,
    tests: [/^fetch\(\) with value %(?:0[1-8EF]|1[0-9A-F])$/],
    reason: CONTROL_CHARACTERS,
  },
  {
    file: `${API}/headers/header-values.any.js`,
    tests: ['fetch() with all valid values'],
    reason: CONTROL_CHARACTERS,
  },
  {
    file: `${API}/basic/scheme-blob.sub.any.js`,
    tests: ['Fetching URL.createObjectURL(invalid_type_blob) is OK'],
    reason: 'is answered by the platform, as all blob: URLs: neither Node nor Chromium passes it',
  },
  {
    file: '/fetch/range/blob.any.js',
    tests: ['A blob range request with no end.', 'Blob range with whitespace around equals sign'],
    runtime: 'node',
    reason: 'is answered by the platform, as all blob: URLs: Node does not pass it',
  },
  {
    file: `${API}/request/request-keepalive-quota.html`,
    tests: [/over the Quota Limit/, /only its allocated Quota/, /if the Quota is used up/],
    reason:
      'wants bodies of requests with keepalive limited. In a tunnel it has no meaning: the session ends with the page',
  },
  {
    file: `${API}/body/mime-type.any.js`,
    tests: [/Response: Extract a MIME type with clone$/],
    reason: 'has its parentheses wrong: the fetch of Node, undici and Chromium fail it, too',
  },
  {
    file: `${API}/redirect/redirect-origin.any.js`,
    tests: [
      '[POST] Redirect 307 Same origin to same origin',
      '[POST] Redirect 308 Same origin to same origin',
    ],
    reason:
      'wants no Origin in a POST, against the standard and request-headers.any.js: the fetch of Node, undici and Chromium fail it, too',
  },
  {
    file: `${API}/request/request-consume-empty.any.js`,
    tests: ['Consume empty FormData request body as text'],
    reason:
      'wants no bytes for an empty form, which has a closing boundary (HTML standard): the fetch of Node, undici and Chromium fail it, too',
  },
  {
    file: `${API}/response/response-consume-empty.any.js`,
    tests: ['Consume empty FormData response body as text'],
    reason:
      'wants no bytes for an empty form, which has a closing boundary (HTML standard): the fetch of Node, undici and Chromium fail it, too',
  },
  {
    file: `${API}/request/request-disturbed.any.js`,
    tests: ['Input request used for creating new request became disturbed even if body is not used'],
    runtime: 'node',
    reason: 'wants the body of a Request used by another that has its own, which the standard does not say',
  },
  {
    file: `${API}/request/request-disturbed.any.js`,
    tests: ['Input request used for creating new request became disturbed'],
    runtime: 'chromium',
    reason: 'wants another stream in the new Request. Chromium moves the one there is, also without us',
  },
  {
    file: `${API}/request/request-consume.any.js`,
    tests: [/ as blob/],
    runtime: 'node',
    reason: NO_FILE_READER,
  },
  {
    file: `${API}/request/request-consume-empty.any.js`,
    tests: ["Consume request's body as blob"],
    runtime: 'node',
    reason: NO_FILE_READER,
  },
  {
    file: `${API}/response/response-consume-empty.any.js`,
    tests: ["Consume response's body as blob"],
    runtime: 'node',
    reason: NO_FILE_READER,
  },
  {
    file: `${API}/headers/header-values-normalize.any.js`,
    tests: [/^XMLHttpRequest/],
    runtime: 'node',
    reason: NO_XHR,
  },
  {
    file: `${API}/headers/header-values.any.js`,
    tests: [/^XMLHttpRequest/],
    runtime: 'node',
    reason: NO_XHR,
  },
  {
    file: '/fetch/content-length/api-and-duplicate-headers.any.js',
    tests: [/^XMLHttpRequest/],
    runtime: 'node',
    reason: NO_XHR,
  },
];
