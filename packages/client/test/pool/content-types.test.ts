import { describe, expect, it } from 'vitest';
import { guessContentType } from '../../src/pool/content-types.ts';

describe('guessContentType', () => {
  it.each([
    ['a.txt', 'text/plain'],
    ['A.TXT', 'text/plain'],
    ['a.html', 'text/html'],
    ['a.htm', 'text/html'],
    ['a.css', 'text/css'],
    ['a.csv', 'text/csv'],
    ['a.md', 'text/markdown'],
    ['a.js', 'text/javascript'],
    ['a.mjs', 'text/javascript'],
    ['a.json', 'application/json'],
    ['a.xml', 'text/xml'],
    ['a.pdf', 'application/pdf'],
    ['a.zip', 'application/zip'],
    ['a.wasm', 'application/wasm'],
    ['a.png', 'image/png'],
    ['a.jpg', 'image/jpeg'],
    ['a.jpeg', 'image/jpeg'],
    ['a.gif', 'image/gif'],
    ['a.webp', 'image/webp'],
    ['a.svg', 'image/svg+xml'],
    ['a.ico', 'image/vnd.microsoft.icon'],
    ['a.mp3', 'audio/mpeg'],
    ['a.mp4', 'video/mp4'],
    ['a.doc', 'application/msword'],
    ['a.b.png', 'image/png'],
    ['ü ö.png', 'image/png'],
    ['dir.x/a.png', 'image/png'],
    ['a', 'application/octet-stream'],
    ['a.', 'application/octet-stream'],
    ['.png', 'application/octet-stream'],
    ['dir/.png', 'application/octet-stream'],
    ['a.png/b', 'application/octet-stream'],
    ['a.unheard-of', 'application/octet-stream'],
    ['a.constructor', 'application/octet-stream'],
    ['a.__proto__', 'application/octet-stream'],
    ['', 'application/octet-stream'],
    [undefined, 'application/octet-stream'],
  ])('of %j is %s', (filename, type) => {
    expect(guessContentType(filename)).toBe(type);
  });

  it('gives what it is told to where it knows nothing', () => {
    expect(guessContentType('a', 'text/x')).toBe('text/x');
    expect(guessContentType('a.png', 'text/x')).toBe('image/png');
  });
});
