import type { Socket } from 'node:net';

/** The peer has closed, as a write sees it. */
const PEER_GONE: ReadonlySet<string> = new Set(['ECONNRESET', 'EPIPE', 'EPROTOTYPE']);

type Written = (error?: Error | null) => void;
type Write = (chunk: unknown, encoding: BufferEncoding, written: Written) => void;
type WriteMany = (chunks: unknown, written: Written) => void;

/**
 * Lets `socket` be read to its end although a write has failed because the peer has closed. An origin that refuses an
 * upload (413, 401) often answers and closes before it has read all; the answer then waits in our kernel, and Node
 * would throw it away with the socket. urllib3 reads it too.
 *
 * Whatever is written after that is lost, as it would be in any case; `onFirst` is told once. That there was no answer
 * shows when the socket is read.
 */
export function readAfterWriteError(socket: Socket, onFirst: () => void): void {
  let isBroken = false;
  const forgiving = (written: Written): Written => {
    return (error) => {
      if (
        error === null ||
        error === undefined ||
        !PEER_GONE.has((error as NodeJS.ErrnoException).code ?? '')
      ) {
        written(error);
        return;
      }
      written();
      if (isBroken) return;
      isBroken = true;
      onFirst();
    };
  };
  // Node's documented hooks of a Writable; the instance's own ones go before the prototype's.
  const hooks = socket as unknown as { _write: Write; _writev: WriteMany };
  const write = hooks._write.bind(socket);
  const writeMany = hooks._writev.bind(socket);
  hooks._write = (chunk, encoding, written) => write(chunk, encoding, forgiving(written));
  hooks._writev = (chunks, written) => writeMany(chunks, forgiving(written));
}
