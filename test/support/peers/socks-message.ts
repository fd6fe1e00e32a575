/** The SOCKS messages that a client sends. */
export type SocksMessage = 'socks5-greeting' | 'socks5-credentials' | 'socks5-request' | 'socks4-request';

/** Length of the message at the start of `bytes`; undefined while not all of it is there. */
export function socksMessageLength(kind: SocksMessage, bytes: Buffer): number | undefined {
  const length = LENGTHS[kind](bytes);
  return Number.isNaN(length) || length > bytes.length ? undefined : length;
}

/** NaN comes of bytes that are not there. */
const LENGTHS: Record<SocksMessage, (bytes: Buffer) => number> = {
  // RFC 1928 §3: VER, NMETHODS, METHODS
  'socks5-greeting': (bytes) => 2 + byteAt(bytes, 1),

  // RFC 1929 §2: VER, ULEN, UNAME, PLEN, PASSWD
  'socks5-credentials': (bytes) => {
    const passwordAt = 2 + byteAt(bytes, 1);
    return passwordAt + 1 + byteAt(bytes, passwordAt);
  },

  // RFC 1928 §4: VER, CMD, RSV, ATYP, DST.ADDR, DST.PORT; a name has its length before it
  'socks5-request': (bytes) => {
    const addressBytes = { 1: 4, 3: 1 + byteAt(bytes, 4), 4: 16 }[byteAt(bytes, 3)];
    return 4 + (addressBytes ?? Number.NaN) + 2;
  },

  // VN, CD, DSTPORT, DSTIP, USERID, NUL; in 4a, told by an address 0.0.0.x, then a name and NUL
  'socks4-request': (bytes) => {
    const userEnd = bytes.indexOf(0, 8);
    if (userEnd < 0) return Number.NaN;
    const hasName = bytes.readUInt32BE(4) <= 0xff && byteAt(bytes, 7) !== 0;
    if (!hasName) return userEnd + 1;
    const nameEnd = bytes.indexOf(0, userEnd + 1);
    return nameEnd < 0 ? Number.NaN : nameEnd + 1;
  },
};

function byteAt(bytes: Buffer, offset: number): number {
  return bytes[offset] ?? Number.NaN;
}
