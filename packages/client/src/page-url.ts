/**
 * A URL, relative to the page where there is one.
 *
 * @throws DOMException "SyntaxError" when it cannot be parsed. It does not repeat the URL: that may hold a password.
 */
export function pageUrl(url: string | URL): URL {
  const base = baseUrl();
  if (!URL.canParse(url, base)) throw new DOMException('url cannot be parsed', 'SyntaxError');
  return new URL(url, base);
}

/** What relative URLs are relative to: the document's base, the URL of a worker, or nothing. */
export function baseUrl(): string | undefined {
  const { document, location } = globalThis as {
    document?: { baseURI: string };
    location?: { href: string };
  };
  return document?.baseURI ?? location?.href;
}
