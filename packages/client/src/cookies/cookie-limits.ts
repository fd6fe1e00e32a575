/** Longest name and value of a cookie, together, in bytes; what browsers take (RFC 6265bis §5.6; §6.1 asks for no less). */
export const maxCookieBytes = 4_096;

/** Longest attribute of a cookie, in bytes; a longer one is as if it were not there (RFC 6265bis §5.6). */
export const maxAttributeBytes = 1_024;

/** Cookies kept of one site, subdomains included: Chromium's number (RFC 6265bis §6.1 asks for 50 of a domain). */
export const maxCookiesPerSite = 180;

/** Cookies kept in all (RFC 6265bis §6.1). */
export const maxCookies = 3_000;

/** Longest life of a cookie from when it is set, in milliseconds: 400 days (RFC 6265bis §5.5). */
export const maxCookieLifetimeMs = 34_560_000_000;
