import { expect, it } from 'vitest';
import { pair } from '../support/endpoint.ts';
import { Lane } from '../support/lane.ts';
import { matchesPattern, pattern } from '../support/pattern.ts';
import { Random } from '../support/random.ts';

// Whatever the users of two sessions do, and in whatever steps records travel: no session faults, every stream carries the
// bytes that were written, in order, and once everybody reads, everything that was ended arrives.

/** One direction of one stream, as its writer and its reader know it. */
interface Flow {
  written: number;
  ended: boolean;
  /** Broken off by either side: what arrives need only be a beginning. */
  broken: boolean;
  reader: Lane | undefined;
  writer: Lane | undefined;
}

class Walk {
  readonly #random: Random;
  readonly #pair: ReturnType<typeof pair>;
  readonly #flows: Flow[] = [];
  readonly #byStream = new Map<number, { up: Flow; down: Flow }>();
  /** Bytes that go each way on a stream at most: small windows take many rounds. */
  readonly #mostBytes: number;
  #mismatches = 0;

  constructor(seed: number) {
    const random = new Random(seed);
    this.#random = random;
    const window = random.pick([200, 5_000, 100_000, 1_000_000]);
    const session = random.pick([1, 2, 10]) * window;
    this.#mostBytes = Math.min(2_000_000, 100 * window);
    let nowMs = 1;
    const now = () => (nowMs += random.below(3));
    this.#pair = pair({
      client: {
        now,
        parameters: { initialMaxData: session, initialMaxStreamDataBidiLocal: window, maxRecordSize: 16_382 },
      },
      gateway: {
        now,
        parameters: {
          initialMaxData: session,
          initialMaxStreamDataBidiRemote: window,
          initialMaxStreamsBidi: random.pick([1, 3, 20]),
          maxRecordSize: random.pick([16_382, 65_536]),
        },
        accept: this.#laneOptions('up'),
        onStream: (lane) => {
          const flows = this.#byStream.get(lane.stream.id);
          if (flows === undefined) throw new Error(`stream ${lane.stream.id} was never opened`);
          flows.up.reader = lane;
          flows.down.writer = lane;
        },
      },
    });
  }

  run(steps: number): void {
    this.#pair.copies = this.#random.below(2) === 0;
    for (let step = 0; step < steps; step++) this.#step();
    this.#bulk(steps);
    // Everybody ends what is not ended and reads, and all records travel, until nothing is left to do.
    for (let round = 0, busy = true; busy; round++) {
      if (round > 100_000) throw new Error('the streams do not come to an end');
      this.#pair.run();
      busy = false;
      for (const flow of this.#flows) {
        if (flow.writer !== undefined && !flow.ended && !flow.broken) {
          this.#end(flow);
          busy = true;
        }
        if (flow.reader !== undefined && flow.reader.unread > 0) {
          flow.reader.consume();
          busy = true;
        }
      }
    }
    this.#check();
  }

  /** Full queues both ways: records leave full, and handlers are called in the middle of it. */
  #bulk(steps: number): void {
    const { client, gateway } = this.#pair;
    for (const flow of this.#flows) this.#write(flow, 300_000);
    for (let step = 0; step < steps; step++) {
      const flow = this.#flows.length > 0 ? this.#random.pick(this.#flows) : undefined;
      if (this.#random.below(4) > 0)
        this.#pair.carryOne(...this.#random.pick([[client, gateway] as const, [gateway, client] as const]));
      else if (flow?.reader !== undefined && flow.reader.unread > 0) flow.reader.consume();
    }
  }

  #step(): void {
    const { client, gateway } = this.#pair;
    const random = this.#random;
    const flow = this.#flows.length > 0 ? random.pick(this.#flows) : undefined;
    switch (random.below(16)) {
      case 0:
      case 1:
        this.#open();
        return;
      case 2:
      case 3:
      case 4:
        if (flow?.writer !== undefined) this.#write(flow, random.pick([0, 1, 50, 3_000, 20_000, 200_000]));
        return;
      case 5:
      case 6:
        if (flow?.writer !== undefined) this.#end(flow);
        return;
      case 7:
        if (flow?.writer !== undefined && random.below(3) === 0) {
          flow.broken = true;
          flow.writer.stream.reset(1);
        }
        return;
      case 8:
        if (flow?.reader !== undefined && random.below(3) === 0) {
          flow.broken = true;
          flow.reader.stream.stopSending(2);
        }
        return;
      case 9:
      case 10:
        if (flow?.reader !== undefined) flow.reader.consume(random.below(flow.reader.unread + 1));
        return;
      case 11:
        random.pick([client, gateway]).session.ping();
        return;
      default:
        if (random.below(2) === 0) this.#pair.carryOne(client, gateway);
        else this.#pair.carryOne(gateway, client);
    }
  }

  #open(): void {
    const lane = new Lane(this.#laneOptions('down'));
    const stream = this.#pair.client.session.openStream(lane);
    if (stream === undefined) return;
    lane.stream = stream;
    const up: Flow = { written: 0, ended: false, broken: false, reader: undefined, writer: lane };
    const down: Flow = { written: 0, ended: false, broken: false, reader: lane, writer: undefined };
    this.#flows.push(up, down);
    this.#byStream.set(stream.id, { up, down });
  }

  #write(flow: Flow, length: number): void {
    if (flow.ended || flow.writer?.stream.isWritable !== true) return;
    for (let left = Math.min(length, this.#mostBytes - flow.written); left > 0; left -= 50_000) {
      const bytes = pattern(flow.written, Math.min(left, 50_000));
      flow.written += bytes.length;
      flow.writer.stream.write(bytes);
    }
  }

  #end(flow: Flow): void {
    if (flow.ended) return;
    flow.ended = true;
    flow.writer?.stream.end();
  }

  #laneOptions(direction: 'up' | 'down') {
    return {
      consume: false,
      keep: false,
      onData: (lane: Lane, bytes: Uint8Array) => {
        if (!matchesPattern(lane.receivedBytes - bytes.length, bytes)) this.#mismatches++;
      },
      // Inside a record that is being filled: every call a handler may make.
      onWritable: (lane: Lane) => {
        const flows = this.#byStream.get(lane.stream.id);
        if (flows === undefined) return;
        const flow = direction === 'up' ? flows.down : flows.up;
        this.#write(flow, this.#random.below(200_000));
        if (lane.unread > 0) lane.consume();
        const other = this.#random.pick(this.#flows);
        if (other.reader !== undefined && other.reader.unread > 0) other.reader.consume();
        if (this.#random.below(20) === 0 && other.writer !== undefined) {
          other.broken = true;
          other.writer.stream.reset(3);
        }
      },
    };
  }

  #check(): void {
    const { client, gateway } = this.#pair;
    expect([...client.closes, ...gateway.closes]).toEqual([]);
    expect(this.#mismatches).toBe(0);
    for (const { up, down } of this.#byStream.values()) {
      for (const flow of [up, down]) {
        if (flow.broken || !flow.ended) continue;
        if (flow.reader?.stops.length || flow.reader?.resets.length) continue;
        expect([flow.reader?.receivedBytes, flow.reader?.fins]).toEqual([flow.written, 1]);
      }
    }
    const unfinished = [...this.#byStream.values()].filter(({ down }) => down.writer === undefined);
    expect(client.session.streamCount).toBe(unfinished.length);
    expect(gateway.session.streamCount).toBe(0);
  }
}

it.each(Array.from({ length: 10 }, (_, at) => 10 * at))(
  'ten walks from seed %d on',
  { timeout: 30_000 },
  (first) => {
    for (let seed = first; seed < first + 10; seed++) new Walk(seed).run(400);
  },
);
