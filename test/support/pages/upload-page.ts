import { PoolManager } from '@hip/client';
import { contentBytes } from '../content.ts';

// Runs in a page: sends a large File, and tells the server the page came from how it went.

/** What the fragment of the page's URL says, as JSON. */
export interface UploadOrder {
  readonly gateway: string;
  readonly token: string;
  readonly url: string;
  /** The File is so many bytes of the deterministic content… */
  readonly partBytes: number;
  /** …so many times in a row: in memory, and on disk, they are there once. */
  readonly times: number;
}

/** What came of it. */
export interface UploadReport {
  readonly error?: string;
  /** What the origin answered. */
  readonly answer?: unknown;
  readonly lastProgress?: unknown;
}

async function upload({ gateway, token, url, partBytes, times }: UploadOrder): Promise<UploadReport> {
  const http = new PoolManager({ gateway, token });
  const part = new Blob([contentBytes(partBytes)]);
  // What a page takes for any upload is taken before it is watched.
  await http.fetch(`${url}/small`, { method: 'PUT', body: new File([part, part, part], 'small.bin') });
  await fetch('/ready', { method: 'POST' });
  let lastProgress: unknown;
  const response = await http.fetch(`${url}/large`, {
    method: 'PUT',
    body: new File(Array<Blob>(times).fill(part), 'large.bin'),
    hip: {
      onUploadProgress: (progress) => {
        lastProgress = progress;
      },
    },
  });
  const answer: unknown = await response.json();
  await http.close();
  return { answer, lastProgress };
}

const report = await upload(JSON.parse(decodeURIComponent(location.hash.slice(1))) as UploadOrder).catch(
  (error: unknown) => ({ error: `${error}: ${(error as Error).cause}` }),
);
await fetch('/report', { method: 'POST', body: JSON.stringify(report) });
