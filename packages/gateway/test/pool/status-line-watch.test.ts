import { describe, expect, test } from 'vitest';
import { StatusLineWatch } from '../../src/pool/status-line-watch.ts';

/** What a parser would be shown when `text` arrives in pieces of `size` bytes. */
function shown(watch: StatusLineWatch, text: string, size: number): string {
  const bytes = Buffer.from(text, 'latin1');
  for (let at = 0; at < bytes.length; at += size) watch.inspect(bytes.subarray(at, at + size));
  return bytes.toString('latin1');
}

const FINAL = 'HTTP/1.1 200 OK\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n';

describe.each([1, 2, 3, 5, 7, 10, 11, 12, 13, 1_000])('in pieces of %d bytes', (size) => {
  test.each([
    ['a final response, content that looks like a 100 included', FINAL, FINAL, 0],
    ['a 100', `HTTP/1.1 100 Continue\r\n\r\n${FINAL}`, `HTTP/1.1 109 Continue\r\n\r\n${FINAL}`, 1],
    [
      'a 100 with fields, after a 103 with a tricky one',
      `HTTP/1.1 103 Hints\r\na: \r\r\n\r\nHTTP/1.1 100 Go\r\na: b\r\n\r\n${FINAL}`,
      `HTTP/1.1 103 Hints\r\na: \r\r\n\r\nHTTP/1.1 109 Go\r\na: b\r\n\r\n${FINAL}`,
      1,
    ],
    [
      'empty lines first',
      `\r\n\r\nHTTP/1.1 100 \r\n\r\n${FINAL}`,
      `\r\n\r\nHTTP/1.1 109 \r\n\r\n${FINAL}`,
      1,
    ],
    ['a real 109', `HTTP/1.1 109 X\r\n\r\n${FINAL}`, `HTTP/1.1 109 X\r\n\r\n${FINAL}`, 0],
    [
      'no HTTP',
      'garbage that is long enough to have a status',
      'garbage that is long enough to have a status',
      0,
    ],
  ])('%s', (_name, text, expected, continues) => {
    const watch = new StatusLineWatch();
    watch.expectResponse();
    expect(shown(watch, text, size)).toBe(expected);
    let taken = 0;
    while (watch.takeContinue()) taken += 1;
    expect(taken).toBe(continues);
  });

  test('tells the version of the final response', () => {
    const watch = new StatusLineWatch();
    watch.expectResponse();
    shown(watch, `HTTP/1.1 100 Continue\r\n\r\nHTTP/1.0 200 OK\r\n\r\n`, size);
    expect(watch.httpVersion).toBe('1.0');
    watch.expectResponse();
    shown(watch, FINAL, size);
    expect(watch.httpVersion).toBe('1.1');
  });
});

test('nothing is looked at before a response is expected', () => {
  expect(shown(new StatusLineWatch(), 'HTTP/1.1 100 Continue\r\n\r\n', 50)).toBe(
    'HTTP/1.1 100 Continue\r\n\r\n',
  );
});
