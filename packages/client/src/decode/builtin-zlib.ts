/** What is used of a stream of `node:zlib`. */
export interface ZlibStream {
  /** Bytes its engine has taken. */
  readonly bytesWritten: number;
  write(bytes: Uint8Array, taken: () => void): unknown;
  read(): Uint8Array | null;
  on(event: 'readable', listener: () => void): unknown;
  on(event: 'error', listener: (error: Error) => void): unknown;
  destroy(): unknown;
}

type MakeStream = (options: { chunkSize: number }) => ZlibStream;

/** What is used of `node:zlib`. Older runtimes do not have all of it. */
export interface BuiltinZlib {
  readonly createInflateRaw?: MakeStream;
  readonly createBrotliDecompress?: MakeStream;
  readonly createZstdDecompress?: MakeStream;
  readonly crc32?: (bytes: Uint8Array, before: number) => number;
}

/**
 * `node:zlib`, where the runtime has it: Node, Deno, Bun, Workers. Reached without an import, which bundlers for browsers
 * would trip over.
 */
export function builtinZlib(): BuiltinZlib | undefined {
  const { process } = globalThis as {
    process?: { getBuiltinModule?: (name: string) => BuiltinZlib | undefined };
  };
  return process?.getBuiltinModule?.('node:zlib');
}
