import { describe, expect, onTestFinished } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { describeWith, newSquid, test } from '../support/fixtures.ts';
import { streamId } from '../support/hostile-fixtures.ts';
import { exchange, type RawRequest, stream } from '../support/raw-frames.ts';
import { RawSession } from '../support/raw-session.ts';
import { Witness, type WitnessedRequest } from '../support/witness.ts';

// What a client can say that no client of ours would, and what of it reaches an origin: not one byte, or one request that the
// strictest reader takes for exactly one.

/** A request with something wrong about it; authority and path are a witness's where it has none. */
type Part = Partial<RawRequest>;

async function newWitness(tls?: { chain: string; key: string }): Promise<Witness> {
  const witness = await Witness.start(tls);
  onTestFinished(() => witness.stop());
  return witness;
}

/** Sends the request, then a good one, which is answered. Gives what the origin had of both. */
async function send(session: RawSession, witness: Witness, part: Part): Promise<WitnessedRequest[]> {
  const authority = `127.0.0.1:${witness.port}`;
  const hostile = exchange({ authority, path: '/hostile', ...part });
  for (let offset = 0; offset < hostile.length; offset += PIECE_BYTES) {
    const fin = offset + PIECE_BYTES >= hostile.length;
    session.send(stream(streamId(1), hostile.subarray(offset, offset + PIECE_BYTES), { offset, fin }));
  }
  const scheme = part.scheme === 'https' ? 'https' : 'http';
  session.send(stream(streamId(2), exchange({ scheme, authority, path: '/good' }), { fin: true }));
  await eventually(() => expect(session.received.includes('/good')).toBe(true));
  expect(session.isOpen).toBe(true);
  return witness.requests;
}

/** Fits into a record, whatever the gateway takes. */
const PIECE_BYTES = 8_192;

const LINE_ENDS = ['\r\n', '\n', '\r', '\0', '\r\n ', '\r\n\t', '\x0b', '\x0c', '\x85', '\x7f'];
const SMUGGLED = 'GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n';

/** Nothing of these may reach an origin. */
const REFUSED: [what: string, part: Part][] = [
  ...LINE_ENDS.map((end): [string, Part] => ['in the method', { method: `GET${end}X` }]),
  ...['', ' ', 'GET ', ' GET', 'G ET', 'GET:', 'GET /', 'G\xcbT', '"GET"', 'GET(', 'CONNECT', SMUGGLED].map(
    (method): [string, Part] => ['method', { method }],
  ),
  ...LINE_ENDS.map((end): [string, Part] => ['in the path', { path: `/a${end}b` }]),
  ...[
    '',
    'a',
    '*',
    ' /',
    '/a b',
    '/a#b',
    '/a\xe9',
    'http://127.0.0.1/',
    '//127.0.0.1/ HTTP/1.1',
    `/ HTTP/1.1\r\n\r\n${SMUGGLED}`,
  ].map((path): [string, Part] => ['path', { path }]),
  ...LINE_ENDS.map((end): [string, Part] => ['in the authority', { authority: `127.0.0.1:80${end}` }]),
  ...[
    '',
    ':80',
    'a:',
    'a:b',
    'a:0',
    'a:65536',
    'a:080080',
    'u@127.0.0.1',
    'a/b',
    'a?b',
    'a#b',
    'a\\b',
    'a b',
    '[::1',
    '::1',
    '[::1]x',
    '[fe80::1%25lo]',
    '[::1%lo]',
    '%31',
    '\xff',
    'a,b:x',
  ].map((authority): [string, Part] => ['authority', { authority }]),
  ...LINE_ENDS.map((end): [string, Part] => ['in a name', { fields: [[`x${end}y`, '1']] }]),
  ...[
    ' ',
    'x ',
    ' x',
    'x y',
    'x:',
    ':',
    ':path',
    ':method',
    ':authority',
    ':scheme',
    ':status',
    ':protocol',
    'x\xe9',
    'x(',
    'x"',
    'x,y',
    'x\t',
    'transfer-encoding ',
    'content-length:',
  ].map((name): [string, Part] => ['name', { fields: [[name, '1']] }]),
  ...['\r\n', '\n', '\r', '\0', '\r\n ', '\r\n\t'].map((end): [string, Part] => [
    'in a value',
    { fields: [['x', `a${end}b`]] },
  ]),
  ...[' a', 'a ', '\ta', 'a\t', 'a\r\nTransfer-Encoding: chunked', `a\r\n\r\n${SMUGGLED}`].map(
    (value): [string, Part] => ['value', { fields: [['x', value]] }],
  ),
  [
    'two of Host',
    {
      fields: [
        ['host', 'a.example'],
        ['host', 'b.example'],
      ],
    },
  ],
  [
    'two of Host, one in capitals',
    {
      fields: [
        ['host', 'a.example'],
        ['Host', 'a.example'],
      ],
    },
  ],
  ...['', 'a b', 'a/b', 'u@a', 'a:b', 'a:99999', 'a\xff', '[::1', 'a?b', 'a#b', 'http://a/'].map(
    (host): [string, Part] => ['Host', { fields: [['host', host]] }],
  ),
  ...['1000', '-1', '+0', '0x0', '1, 1', '0 0', ' 0', '', 'a', '00000000000000000000', '1e1'].map(
    (length): [string, Part] => ['Content-Length', { method: 'POST', fields: [['content-length', length]] }],
  ),
  [
    'lengths that differ',
    {
      method: 'POST',
      content: 'abc',
      fields: [
        ['content-length', '3'],
        ['content-length', '4'],
      ],
    },
  ],
  [
    'a length that is too short',
    { method: 'POST', content: `abc${SMUGGLED}`, fields: [['content-length', '3']] },
  ],
  ['trailer with a line end', { method: 'POST', content: 'abc', trailers: [['x', 'a\r\nb']] }],
  ['trailer that is a pseudo-field', { method: 'POST', content: 'abc', trailers: [[':path', '/smuggled']] }],
  // The engine has no asterisk-form, so it is refused as a whole.
  ['path', { method: 'OPTIONS', path: '*' }],
  ['another scheme', { scheme: 'ftp' }],
  ['no scheme', { scheme: '' }],
];

describe('not one byte reaches the origin', () => {
  test.for(REFUSED)('%s: %j', async ([_what, part], { gateway }) => {
    const [session, witness] = [await RawSession.openAuthenticated(gateway), await newWitness()];
    const requests = await send(session, witness, part);
    expect(requests.map(({ target }) => target)).toEqual(['/good']);
    session.terminate();
  });
});

const HOP_BY_HOP = [
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authentication-info',
  'proxy-authorization',
  'proxy-connection',
  'proxy-foo',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'expect',
  'http2-settings',
];

/** What an origin gets of these is one request, with these fields beside Host and what frames the content. */
const MENDED: [what: string, part: Part, fields: [string, string][], content?: string][] = [
  ...HOP_BY_HOP.flatMap((name): [string, Part, [string, string][]][] =>
    [name, name.toUpperCase(), name.replace(/^./, (first) => first.toUpperCase())].map((spelling) => [
      'goes no further',
      {
        fields: [
          [spelling, name === 'connection' ? 'x-a, host, content-length' : 'chunked'],
          ['x-b', '2'],
        ],
      },
      [['x-b', '2']],
    ]),
  ),
  [
    'Transfer-Encoding beside Content-Length',
    {
      method: 'POST',
      content: 'abc',
      fields: [
        ['content-length', '3'],
        ['transfer-encoding', 'chunked'],
      ],
    },
    [],
    'abc',
  ],
  [
    'Transfer-Encoding twice',
    {
      method: 'POST',
      content: 'abc',
      fields: [
        ['transfer-encoding', 'identity'],
        ['Transfer-Encoding', 'xchunked'],
      ],
    },
    [],
    'abc',
  ],
  [
    'the same length twice',
    {
      method: 'POST',
      content: 'abc',
      fields: [
        ['content-length', '3'],
        ['Content-Length', '3'],
      ],
    },
    [],
    'abc',
  ],
  [
    'Connection that names the framing',
    {
      method: 'POST',
      content: 'abc',
      fields: [
        ['connection', 'content-length, host, transfer-encoding'],
        ['content-length', '3'],
      ],
    },
    [],
    'abc',
  ],
  ['a request as content', { method: 'POST', content: SMUGGLED }, [], SMUGGLED],
  ['a request as the content of GET', { method: 'GET', content: SMUGGLED }, [], SMUGGLED],
  ['chunks as content', { method: 'POST', content: '0\r\n\r\n' }, [], '0\r\n\r\n'],
  [
    'trailers that frame',
    {
      method: 'POST',
      content: 'abc',
      trailers: [
        ['content-length', '0'],
        ['transfer-encoding', 'chunked'],
        ['host', 'b.example'],
        ['x-t', '1'],
      ],
    },
    [],
    'abc',
  ],
  ['bytes beyond ASCII', { fields: [['x', 'caf\xe9 \x80\xff']] }, [['x', 'caf\xe9 \x80\xff']]],
  ['a tab inside', { fields: [['x', 'a\tb']] }, [['x', 'a\tb']]],
  ['an empty value', { fields: [['x', '']] }, [['x', '']]],
  ['a Host of its own', { fields: [['HOST', 'b.example:81']] }, []],
  ['strange targets', { path: '//a@b:99/..;/%00%0d%0a?a=b|c"<>{}^`\\' }, []],
  ['a method of its own', { method: "M-SEARCH!#$%&'*+.^_`|~" }, []],
  ['the method of a preface', { method: 'PRI', path: '/SM' }, []],
];

/** How a request came, less what the gateway frames it with. */
function own({ fields }: WitnessedRequest): [string, string][] {
  const framing = ['host', 'content-length', 'transfer-encoding', 'connection'];
  return fields.filter(([name]) => !framing.includes(name.toLowerCase()));
}

describe('one well-formed request reaches the origin', () => {
  test.for(MENDED)('%s: %j', async ([_what, part, fields, content = ''], { gateway }) => {
    const [session, witness] = [await RawSession.openAuthenticated(gateway), await newWitness()];
    const requests = await send(session, witness, part);
    await eventually(() => expect(witness.requests).toHaveLength(2));
    const hostile = witness.requests.find(({ target }) => target !== '/good') ?? requests[0];
    expect(hostile).toMatchObject({ method: part.method ?? 'GET', target: part.path ?? '/hostile', content });
    expect(own(hostile as WitnessedRequest)).toEqual(fields);
    expect(witness.received.toLowerCase()).not.toMatch(
      /proxy-|upgrade|http2-settings|keep-alive: chunked|x-t/,
    );
    session.terminate();
  });
});

test('as many fields as fit into a head, and no more', async ({ gateway }) => {
  const witness = await newWitness();
  for (const [count, targets] of [
    [20_000, ['/good']],
    [5_000, ['/hostile', '/good']],
  ] as const) {
    const session = await RawSession.openAuthenticated(gateway);
    const before = witness.requests.length;
    const fields = Array.from({ length: count }, (): [string, string] => ['x', '1']);
    await send(session, witness, { fields });
    await eventually(() => expect(witness.requests.length - before).toBe(targets.length));
    expect(new Set(witness.requests.slice(before).map(({ target }) => target))).toEqual(new Set(targets));
    session.terminate();
  }
});

const describeTls = await describeWith('openssl');
describeTls('toward an https origin', () => {
  test('the same, under TLS', async ({ gateway, pki }) => {
    const witness = await newWitness(pki.servers.good);
    const tls = { caCerts: pki.root.certificate };
    for (const [, part] of [
      ...REFUSED.filter(([what]) => /value|name|method|path|trailer/.test(what)),
      ...MENDED,
    ]) {
      const session = await RawSession.openAuthenticated(gateway, { tls });
      const before = witness.requests.length;
      await send(session, witness, { ...part, scheme: 'https' });
      const isMended = MENDED.some(([, each]) => each === part);
      await eventually(() => expect(witness.requests.length - before).toBe(isMended ? 2 : 1));
      session.terminate();
    }
  });
});

const describeSquid = await describeWith('squid');
describeSquid('through a proxy that forwards', () => {
  test('the same, and fields for proxies are the operator of the proxy’s alone', async ({ gateway }) => {
    const [witness, squid] = [await newWitness(), await newSquid()];
    const proxy = { scheme: 'http', host: '127.0.0.1', port: squid.port, headers: ['x-for-proxy', '1'] };
    // OPTIONS of the whole server has a form for proxies.
    const refused = REFUSED.filter(([what]) => /value|name|method|path|trailer/.test(what));
    for (const [, part] of refused.filter(([, { method }]) => method !== 'OPTIONS')) {
      const session = await RawSession.openAuthenticated(gateway, { proxy });
      const before = witness.requests.length;
      await send(session, witness, part);
      expect(witness.requests.length - before).toBe(1);
      session.terminate();
    }
    for (const { target, rawHeaders } of (await squid.requests()) as {
      target: string;
      rawHeaders: string[];
    }[]) {
      expect(target).toBe(`http://127.0.0.1:${witness.port}/good`);
      expect(rawHeaders.filter((_, at) => at % 2 === 0).map((name) => name.toLowerCase())).not.toContain('x');
    }
  });
});
