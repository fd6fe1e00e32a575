import type { PoolManager } from '@hip/client';
import { errorText, isCancelled } from '../view/error-view.ts';
import { formatBytes } from '../view/format.ts';
import { piecesOf } from '../view/pieces.ts';
import { TransferView } from '../view/transfer-view.ts';

/** What the demo origin says about a download of its own. */
interface DownloadStatus {
  state: 'sending' | 'complete' | 'stopped';
  sentBytes: number;
  totalBytes: number;
}

/** How long the origin may take to notice that nobody reads any more, in milliseconds, and how often it is asked. */
const NOTICE_MS = 3_000;
const ASK_AGAIN_MS = 50;

/** The card with the large download. */
export function mountDownload(http: PoolManager, origin: string): void {
  const view = new TransferView('download-form', async (totalBytes, signal) => {
    const id = crypto.randomUUID();
    let receivedBytes = 0;
    view.say('Streaming.');
    try {
      const response = await http.fetch(`${origin}/download?mb=${totalBytes / 1_000_000}&id=${id}`, {
        signal,
      });
      if (response.body === null) throw new Error(`the origin answered ${response.status} without a body`);
      for await (const chunk of piecesOf(response.body)) {
        receivedBytes += chunk.length;
        view.moved(receivedBytes);
      }
      view.finished(receivedBytes);
      view.say(`Complete: ${formatBytes(receivedBytes)} arrived.`, 'good');
    } catch (error) {
      view.finished(receivedBytes);
      if (!isCancelled(error)) {
        view.say(errorText(error), 'bad');
        return;
      }
      view.say('Cancelled. Asking the origin how far it got.');
      const told = await originStatus(http, `${origin}/download/status?id=${id}`).catch(errorText);
      if (typeof told === 'string') view.say(told, 'bad');
      else view.say(outcome(told), told.state === 'stopped' ? 'good' : 'neutral');
    }
  });
}

/** The origin's own count, once it has noticed that the download is over. */
async function originStatus(http: PoolManager, url: string): Promise<DownloadStatus> {
  const deadlineMs = performance.now() + NOTICE_MS;
  for (;;) {
    const status = (await (await http.fetch(url)).json()) as DownloadStatus;
    if (status.state !== 'sending' || performance.now() > deadlineMs) return status;
    await new Promise((resolve) => setTimeout(resolve, ASK_AGAIN_MS));
  }
}

function outcome({ state, sentBytes, totalBytes }: DownloadStatus): string {
  const share = `${formatBytes(sentBytes)} of ${formatBytes(totalBytes)}`;
  if (state === 'stopped') return `Cancelled. The origin stopped after sending ${share}.`;
  return state === 'complete'
    ? 'Cancelled, but the origin had sent everything already.'
    : `Cancelled, but the origin is still sending: ${share}.`;
}
