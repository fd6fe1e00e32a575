import { type Engine, NO_BYTES } from './engine.ts';
import { LoadError } from './load-error.ts';

/** Content made at a time, at most. */
const PIECE_BYTES = 65_536;

/** `code` of a result: the data has ended. */
const SUCCESS = 1;

/** `code` of a result: all input was taken. */
const NEEDS_MORE_INPUT = 2;

/** What is used of `brotli-wasm`. */
interface BrotliModule {
  readonly DecompressStream: new () => BrotliStream;
}

interface BrotliStream {
  decompress(input: Uint8Array, outputBytes: number): BrotliResult;
  free(): void;
}

interface BrotliResult {
  readonly buf: Uint8Array;
  readonly code: number;
  readonly input_offset: number;
  free(): void;
}

/** The memory of a WebAssembly module is not collected: what is dropped is freed with what dropped it. */
const dropped = new FinalizationRegistry<BrotliStream>((stream) => stream.free());

/**
 * An engine for brotli (RFC 7932) where the platform has none. Loads `brotli-wasm`, which is half a megabyte. When its
 * script does not come, the next call tries again; when its WebAssembly does not, `brotli-wasm` itself remembers that for as
 * long as the page lives, and offers no second try.
 *
 * @throws {@link LoadError}.
 */
export async function loadBrotli(): Promise<Engine> {
  try {
    // Its types describe the module that Node would require; what is imported has a promise of that module.
    const module = (await import('brotli-wasm')) as unknown as { default: Promise<BrotliModule> };
    const { DecompressStream } = await module.default;
    return new BrotliWasmEngine(new DecompressStream());
  } catch (cause) {
    throw new LoadError('br: brotli-wasm must be there for it, and cannot be loaded', { cause });
  }
}

class BrotliWasmEngine implements Engine {
  #stream: BrotliStream | undefined;
  rest: Uint8Array = NO_BYTES;
  hasEnded = false;

  constructor(stream: BrotliStream) {
    this.#stream = stream;
    dropped.register(this, stream, this);
  }

  push(bytes: Uint8Array): void {
    this.rest = bytes;
  }

  pull(): Uint8Array | undefined {
    while (this.#stream !== undefined && !this.hasEnded) {
      const result = this.#stream.decompress(this.rest, PIECE_BYTES);
      const { buf, code } = result;
      this.rest = this.rest.subarray(result.input_offset);
      result.free();
      this.hasEnded = code === SUCCESS;
      if (buf.length > 0) return buf;
      if (code === NEEDS_MORE_INPUT) return undefined;
    }
    return undefined;
  }

  close(): void {
    dropped.unregister(this);
    this.#stream?.free();
    this.#stream = undefined;
  }
}
