import type { Kind, Received } from './support.ts';
import { toHex } from './support.ts';

// A second way to the same answer, to compare the incremental decoder with: reads a whole message in the order RFC 9292
// describes it, with BigInt integers, a string per field and regular expressions. Slow and short on purpose.

class Refused extends Error {}

const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const CONTROL_NAMES = [':method', ':scheme', ':authority', ':path', ':status'];

class Input {
  at = 0;
  readonly bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  get atEnd(): boolean {
    return this.at === this.bytes.length;
  }

  take(length: bigint): Uint8Array {
    if (length > BigInt(this.bytes.length - this.at)) throw new Refused('truncated');
    this.at += Number(length);
    return this.bytes.subarray(this.at - Number(length), this.at);
  }

  integer(): bigint {
    const [first] = this.take(1n) as unknown as [number];
    let value = BigInt(first & 0x3f);
    for (const byte of this.take(BigInt(2 ** (first >> 6) - 1))) value = value * 256n + BigInt(byte);
    return value;
  }

  string(): string {
    return String.fromCharCode(...this.take(this.integer()));
  }
}

/** What the message says, or undefined when RFC 9292 makes it invalid. */
export function referenceDecode(kind: Kind, bytes: Uint8Array): Received | undefined {
  try {
    return read(kind, new Input(bytes));
  } catch (error) {
    if (error instanceof Refused) return undefined;
    throw error;
  }
}

function read(kind: Kind, input: Input): Received {
  const framing = input.integer();
  if (framing > 3n || (framing % 2n === 1n) !== (kind === 'response')) throw new Refused('framing');
  const isKnown = framing < 2n;
  const received: Received = { informational: [], content: '', ends: 1 };

  if (kind === 'request') {
    const head = {
      method: input.string(),
      scheme: input.string(),
      authority: input.string(),
      path: input.string(),
    };
    checkTarget(head);
    received.request = { ...head, fields: section(input, isKnown, 'header') };
  } else {
    for (;;) {
      const status = Number(input.integer());
      if (status < 100 || status > 599) throw new Refused('status');
      if (status < 200 && input.atEnd) throw new Refused('no final response');
      const head = { status, fields: section(input, isKnown, 'header') };
      if (status >= 200) {
        received.response = head;
        break;
      }
      received.informational.push(head);
    }
  }
  received.content = content(input, isKnown);
  received.trailers = section(input, isKnown, 'trailer');
  if (input.take(BigInt(input.bytes.length - input.at)).some((byte) => byte !== 0))
    throw new Refused('padding');
  return received;
}

function checkTarget(head: { method: string; scheme: string; authority: string; path: string }): void {
  const { method, scheme, authority, path } = head;
  if (!TOKEN.test(method)) throw new Refused('method');
  if (!/^[\w.~%!$&'()*+,;=:@[\]-]*$/.test(authority)) throw new Refused('authority');
  if (!/^[!"$-~]*$/.test(path)) throw new Refused('path');
  if (scheme === '') {
    if (method !== 'CONNECT' || path !== '' || authority === '') throw new Refused('scheme');
    return;
  }
  if (!/^[A-Za-z][A-Za-z0-9+.-]*$/.test(scheme)) throw new Refused('scheme');
  if (!/^https?$/i.test(scheme)) return;
  if (authority.includes('@')) throw new Refused('userinfo');
  if (!path.startsWith('/') && !(method === 'OPTIONS' && path === '*')) throw new Refused('path');
}

function section(input: Input, isKnown: boolean, kind: 'header' | 'trailer'): string[] {
  if (input.atEnd) return [];
  const fields: string[] = [];
  let sawField = false;
  const lines = isKnown ? new Input(input.take(input.integer())) : input;
  while (!(isKnown && lines.atEnd)) {
    const name = lines.string().replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase());
    if (name === '') {
      if (isKnown) throw new Refused('empty name');
      break;
    }
    if (name.startsWith(':')) {
      if (sawField || kind === 'trailer' || CONTROL_NAMES.includes(name)) throw new Refused('pseudo-field');
    } else {
      sawField = true;
    }
    if (!TOKEN.test(name.startsWith(':') ? name.slice(1) : name)) throw new Refused('name');
    const value = lines.string();
    if (/[\0\r\n]|^[ \t]|[ \t]$/.test(value)) throw new Refused('value');
    fields.push(name, value);
  }
  return fields;
}

function content(input: Input, isKnown: boolean): string {
  if (input.atEnd) return '';
  if (isKnown) return toHex(input.take(input.integer()));
  let hex = '';
  for (;;) {
    const length = input.integer();
    if (length === 0n) return hex;
    hex += toHex(input.take(length));
  }
}
