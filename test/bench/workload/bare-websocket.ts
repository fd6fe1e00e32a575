import { median } from '../median.ts';
import { MESSAGE_BYTES } from './measurement.ts';
import { megabytesPerSecond } from './transfer.ts';

/** Length of an echoed message, in bytes: about what a small GET takes on the wire. */
const ECHO_BYTES = 128;

/** Unacknowledged bytes an upload may have under way: enough that it never waits for an acknowledgement. */
const UPLOAD_WINDOW_BYTES = 8 * 1024 * 1024;

/** What one connection is for: `onMessage` sees every message; the promise it is given to settles the measurement. */
async function withSocket<T>(
  url: string,
  use: (socket: WebSocket, settle: { resolve(value: T): void; reject(reason: unknown): void }) => void,
): Promise<T> {
  const socket = new WebSocket(url);
  socket.binaryType = 'arraybuffer';
  try {
    return await new Promise<T>((resolve, reject) => {
      socket.addEventListener('error', () => reject(new Error(`bare WebSocket ${url} failed`)));
      socket.addEventListener('close', ({ code }) =>
        reject(new Error(`bare WebSocket ${url} closed with ${code}`)),
      );
      socket.addEventListener('open', () => use(socket, { resolve, reject }));
    });
  } finally {
    socket.close();
  }
}

/** Median time of an echoed message, one after the other, in milliseconds. */
export function websocketLatencyMs(url: string, messages: number): Promise<number> {
  return withSocket<number>(`${url}/echo`, (socket, { resolve }) => {
    const message = new Uint8Array(ECHO_BYTES);
    const times: number[] = [];
    let sentMs = performance.now();
    socket.addEventListener('message', () => {
      times.push(performance.now() - sentMs);
      if (times.length === messages) {
        resolve(median(times));
        return;
      }
      sentMs = performance.now();
      socket.send(message);
    });
    socket.send(message);
  });
}

/** Time from asking for `bytes` bytes to the last of them; answers MB/s. The connection is open before the clock starts. */
export function websocketDownload(url: string, bytes: number): Promise<number> {
  return withSocket<number>(`${url}/download`, (socket, { resolve }) => {
    const startedMs = performance.now();
    let received = 0;
    socket.addEventListener('message', ({ data }: MessageEvent<ArrayBuffer>) => {
      received += data.byteLength;
      if (received >= bytes) resolve(megabytesPerSecond(bytes, startedMs));
    });
    socket.send(String(bytes));
  });
}

/** Time from the first message to the acknowledgement of the last byte; answers MB/s. */
export function websocketUpload(url: string, bytes: number): Promise<number> {
  return withSocket<number>(`${url}/upload`, (socket, { resolve }) => {
    const chunk = new Uint8Array(MESSAGE_BYTES);
    const startedMs = performance.now();
    let sent = 0;
    let acknowledged = 0;
    function sendWithinWindow(): void {
      while (sent < bytes && sent - acknowledged < UPLOAD_WINDOW_BYTES) {
        const length = Math.min(bytes - sent, MESSAGE_BYTES);
        socket.send(chunk.subarray(0, length));
        sent += length;
      }
    }
    socket.addEventListener('message', ({ data }: MessageEvent<string>) => {
      acknowledged = Number(data);
      if (acknowledged >= bytes) resolve(megabytesPerSecond(bytes, startedMs));
      else sendWithinWindow();
    });
    sendWithinWindow();
  });
}
