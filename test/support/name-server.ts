import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { isIPv4 } from 'node:net';

/** Record types (RFC 1035 §3.2.2, RFC 3596 §2.1). */
const TYPES = { a: 1, aaaa: 28 } as const;

/**
 * A DNS server that answers what a test tells it to: for each name a list of answers, each a list of addresses; one answer per
 * question for a type, the last one from then on. A name it does not know is NXDOMAIN.
 */
export class NameServer {
  /** Names that were asked for, with the type, in order. */
  readonly questions: string[] = [];
  readonly #socket: Socket;
  readonly #answers: ReadonlyMap<string, readonly (readonly string[])[]>;
  readonly #asked = new Map<string, number>();

  private constructor(answers: Record<string, readonly (readonly string[])[]>) {
    this.#answers = new Map(Object.entries(answers));
    this.#socket = createSocket('udp4', (query, { port, address }) => {
      this.#socket.send(this.#reply(query), port, address);
    });
  }

  static async start(answers: Record<string, readonly (readonly string[])[]>): Promise<NameServer> {
    const server = new NameServer(answers);
    server.#socket.bind(0, '127.0.0.1');
    await once(server.#socket, 'listening');
    return server;
  }

  /** As `--dns` takes it. */
  get address(): string {
    return `127.0.0.1:${this.#socket.address().port}`;
  }

  stop(): void {
    this.#socket.close();
  }

  /** RFC 1035 §4.1. Queries have one question and, behind it, EDNS, which needs no answer. */
  #reply(query: Buffer): Buffer {
    const labels: string[] = [];
    let at = 12;
    for (let length = query[at] as number; length > 0; length = query[at] as number) {
      labels.push(query.toString('latin1', at + 1, at + 1 + length));
      at += 1 + length;
    }
    const question = query.subarray(12, at + 5);
    const type = query.readUInt16BE(at + 1);
    const name = labels.join('.').toLowerCase();
    this.questions.push(`${name} ${type === TYPES.a ? 'A' : 'AAAA'}`);
    const known = this.#answers.get(name);
    const records =
      known === undefined
        ? []
        : this.#next(`${name} ${type}`, known).filter((address) => isIPv4(address) === (type === TYPES.a));
    const head = Buffer.alloc(12);
    query.copy(head, 0, 0, 2);
    // A response with recursion; NXDOMAIN for a name that is not known.
    head.writeUInt16BE(known === undefined ? 0x8183 : 0x8180, 2);
    head.writeUInt16BE(1, 4);
    head.writeUInt16BE(records.length, 6);
    return Buffer.concat([head, question, ...records.map(record)]);
  }

  #next(key: string, answers: readonly (readonly string[])[]): readonly string[] {
    const count = this.#asked.get(key) ?? 0;
    this.#asked.set(key, count + 1);
    return answers[Math.min(count, answers.length - 1)] ?? [];
  }
}

/** A record for the name of the question, which is valid for no time at all. */
function record(address: string): Buffer {
  const data = isIPv4(address) ? Buffer.from(address.split('.').map(Number)) : ipv6Bytes(address);
  const fixed = Buffer.alloc(12);
  fixed.writeUInt16BE(0xc00c, 0); // a pointer to the name of the question
  fixed.writeUInt16BE(isIPv4(address) ? TYPES.a : TYPES.aaaa, 2);
  fixed.writeUInt16BE(1, 4); // IN
  fixed.writeUInt16BE(data.length, 10);
  return Buffer.concat([fixed, data]);
}

function ipv6Bytes(address: string): Buffer {
  const text = new URL(`http://[${address}]`).hostname.slice(1, -1);
  const [before = '', after] = text.split('::');
  const groups = (part: string): string[] => (part === '' ? [] : part.split(':'));
  const [head, tail] = [groups(before), groups(after ?? '')];
  const zeros = Array.from({ length: 8 - head.length - tail.length }, () => '0');
  const all = after === undefined ? head : [...head, ...zeros, ...tail];
  return Buffer.from(all.map((group) => group.padStart(4, '0')).join(''), 'hex');
}
