import { ProtocolError } from '@hip/client';
import { describe, expect } from 'vitest';
import { rejection } from '../support/eventually.ts';
import { expectFailure } from '../support/expect-failure.ts';
import { newClient, newRawOrigin, test } from '../support/fixtures.ts';

describe('an origin that does not speak HTTP', () => {
  const head = 'HTTP/1.1 200 OK\r\n';
  const malformed: Record<string, string> = {
    'a banner of another protocol': 'SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n\r\n',
    'a status line without a number': 'HTTP/1.1 OK\r\n\r\n',
    'a version that does not exist': 'HTTP/7.3 200 OK\r\nContent-Length: 0\r\n\r\n',
    'a folded field line': `${head}X-Folded: a\r\n b\r\nContent-Length: 0\r\n\r\n`,
    'a field line without a colon': `${head}not a field\r\nContent-Length: 0\r\n\r\n`,
    'two lengths that differ': `${head}Content-Length: 3\r\nContent-Length: 5\r\n\r\nabcde`,
    'a length that is no number': `${head}Content-Length: three\r\n\r\nabc`,
    'a negative length': `${head}Content-Length: -3\r\n\r\nabc`,
    'a chunk size that is no number': `${head}Transfer-Encoding: chunked\r\n\r\nxyz\r\nabc\r\n0\r\n\r\n`,
    'a space before the colon': `${head}Content-Length : 3\r\n\r\nabc`,
    'a NUL in a field value': `${head}X-Nul: a\0b\r\nContent-Length: 0\r\n\r\n`,
  };

  for (const [name, bytes] of Object.entries(malformed)) {
    test(`${name}: ProtocolError, and the gateway lives on`, async ({ http, origin }) => {
      const raw = await newRawOrigin({ bytes, ending: 'close' });
      await expectFailure(http, raw.url, ProtocolError, /HTTP|response/i);
      expect((await http.request('GET', origin.url('/hello'))).status).toBe(200);
    });
  }

  test('bytes after the end of a response are never taken for the next one', async ({ http }) => {
    const raw = await newRawOrigin({
      bytes: `${head}Content-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nEVIL`,
      ending: 'hold',
    });
    for (let i = 0; i < 3; i++) {
      const outcome = await http.request('GET', raw.url).then(
        (response) => response.text(),
        (error: unknown) => error,
      );
      if (outcome instanceof Error) expect(outcome).toBeInstanceOf(ProtocolError);
      else expect(outcome).toBe('ok');
    }
  });

  test.for(['000', '099', '101', '600', '999'])(
    'the status %s, which nobody can mean: ProtocolError, and nothing of it reaches another session',
    async (status, { http, gateway, origin }) => {
      const raw = await newRawOrigin({
        bytes: `HTTP/1.1 ${status} Odd\r\nContent-Length: 3\r\n\r\nodd`,
        ending: 'close',
      });
      const error = await rejection(http.request('GET', raw.url, { retries: false }));
      expect(error).toMatchObject({ name: 'ProtocolError', code: 'http_protocol_error' });
      const neighbour = newClient(gateway);
      expect(await (await neighbour.request('GET', origin.url('/hello'))).text()).toBe('hello, world\n');
      await expect(http.fetch(raw.url)).rejects.toThrow(TypeError);
      expect(await (await neighbour.fetch(origin.url('/hello'))).text()).toBe('hello, world\n');
    },
  );

  test('a reason phrase without end is cut, and the response arrives', async ({ http }) => {
    const raw = await newRawOrigin({
      bytes: `HTTP/1.1 200 ${'long '.repeat(6_000)}\r\nContent-Length: 4\r\n\r\nfine`,
      ending: 'close',
    });
    expect(await (await http.request('GET', raw.url)).text()).toBe('fine');
  });
});
