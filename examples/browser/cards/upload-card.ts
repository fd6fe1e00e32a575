import type { PoolManager } from '@hip/client';
import { errorText, isCancelled } from '../view/error-view.ts';
import { formatBytes } from '../view/format.ts';
import { TransferView } from '../view/transfer-view.ts';

const CHUNK_BYTES = 65_536;

/** The card with the large upload. */
export function mountUpload(http: PoolManager, origin: string): void {
  const view = new TransferView('upload-form', async (totalBytes, signal) => {
    let sentBytes = 0;
    view.say('Streaming.');
    try {
      const body = content(totalBytes, (bytes) => {
        sentBytes = bytes;
        view.moved(bytes);
      });
      const response = await http.request('POST', `${origin}/upload`, { body, signal });
      const { receivedBytes } = (await response.json()) as { receivedBytes: number };
      view.finished(sentBytes);
      const isComplete = receivedBytes === totalBytes;
      view.say(
        isComplete
          ? `Complete: the origin received all ${formatBytes(receivedBytes)}.`
          : `The origin received ${formatBytes(receivedBytes)} of ${formatBytes(totalBytes)}.`,
        isComplete ? 'good' : 'bad',
      );
    } catch (error) {
      view.finished(sentBytes);
      if (isCancelled(error)) view.say(`Cancelled after ${formatBytes(sentBytes)} had left.`);
      else view.say(errorText(error), 'bad');
    }
  });
}

/** Random bytes, one piece at a time and only when there is room for one: what has been asked for has left. */
async function* content(
  totalBytes: number,
  left: (bytes: number) => void,
): AsyncGenerator<Uint8Array, void, undefined> {
  const piece = crypto.getRandomValues(new Uint8Array(CHUNK_BYTES));
  for (let sentBytes = 0; sentBytes < totalBytes; ) {
    const next = piece.subarray(0, Math.min(CHUNK_BYTES, totalBytes - sentBytes));
    yield next;
    sentBytes += next.length;
    left(sentBytes);
  }
}
