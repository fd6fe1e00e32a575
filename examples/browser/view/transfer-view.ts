import { byId, find } from './dom.ts';
import { formatBytes, formatMs, formatSpeed } from './format.ts';

/** The speed shown is that of this much of the past, in milliseconds: it follows, and does not flicker. */
const SPEED_WINDOW_MS = 1_000;

/** How often figures change, in milliseconds: a person cannot read faster. */
const UPDATE_MS = 100;

/** The parts that the download and the upload card share: sizes, buttons, progress, figures. */
export class TransferView {
  readonly #form: HTMLFormElement;
  readonly #sizes: HTMLFieldSetElement;
  readonly #start: HTMLButtonElement;
  readonly #cancel: HTMLButtonElement;
  readonly #progress: HTMLProgressElement;
  readonly #outcome: HTMLParagraphElement;
  #samples: { atMs: number; bytes: number }[] = [];
  #startedMs = 0;
  #shownMs = 0;
  #totalBytes = 0;

  /** @param run - one transfer; when it is over its promise resolves, whatever came of it. */
  constructor(id: string, run: (totalBytes: number, signal: AbortSignal) => Promise<void>) {
    this.#form = byId(id, HTMLFormElement);
    this.#sizes = find(this.#form, 'fieldset', HTMLFieldSetElement);
    this.#start = find(this.#form, 'button[type=submit]', HTMLButtonElement);
    this.#cancel = find(this.#form, 'button[type=button]', HTMLButtonElement);
    this.#progress = find(this.#form, 'progress', HTMLProgressElement);
    this.#outcome = find(this.#form, '.outcome', HTMLParagraphElement);
    this.#form.addEventListener('submit', (event) => {
      event.preventDefault();
      void this.#run(run);
    });
  }

  /** Bytes so far. */
  moved(bytes: number): void {
    const nowMs = performance.now();
    const isOver = bytes >= this.#totalBytes;
    if (nowMs - this.#shownMs < UPDATE_MS && !isOver) return;
    this.#shownMs = nowMs;
    this.#samples.push({ atMs: nowMs, bytes });
    while (this.#samples.length > 2 && nowMs - (this.#samples[0]?.atMs ?? nowMs) > SPEED_WINDOW_MS) {
      this.#samples.shift();
    }
    const oldest = this.#samples[0] ?? { atMs: this.#startedMs, bytes: 0 };
    this.#progress.value = bytes;
    this.#figure('bytes', formatBytes(bytes));
    this.#figure('time', formatMs(nowMs - this.#startedMs));
    this.#figure('speed', formatSpeed(bytes - oldest.bytes, nowMs - oldest.atMs));
  }

  /** The end of it: bytes in all, at the average speed. */
  finished(bytes: number): void {
    const tookMs = performance.now() - this.#startedMs;
    this.#progress.value = bytes;
    this.#figure('bytes', formatBytes(bytes));
    this.#figure('time', formatMs(tookMs));
    this.#figure('speed', formatSpeed(bytes, tookMs));
  }

  /** What is going on or came of it, in words. */
  say(text: string, kind: 'neutral' | 'good' | 'bad' = 'neutral'): void {
    this.#outcome.textContent = text;
    this.#outcome.dataset['kind'] = kind;
  }

  async #run(run: (totalBytes: number, signal: AbortSignal) => Promise<void>): Promise<void> {
    const controller = new AbortController();
    const cancel = (): void => controller.abort();
    this.#totalBytes = Number(new FormData(this.#form).get('megabytes')) * 1_000_000;
    this.#startedMs = performance.now();
    this.#samples = [{ atMs: this.#startedMs, bytes: 0 }];
    this.#progress.max = this.#totalBytes;
    this.#setRunning(true);
    this.#cancel.addEventListener('click', cancel);
    try {
      this.moved(0);
      await run(this.#totalBytes, controller.signal);
    } finally {
      this.#cancel.removeEventListener('click', cancel);
      this.#setRunning(false);
    }
  }

  #setRunning(isRunning: boolean): void {
    const held = document.activeElement;
    this.#sizes.disabled = isRunning;
    this.#start.disabled = isRunning;
    this.#cancel.disabled = !isRunning;
    // A button that is disabled loses the focus; whoever uses the keyboard wants the other one next.
    if (isRunning && held === this.#start) this.#cancel.focus();
    if (!isRunning && held === this.#cancel) this.#start.focus();
  }

  #figure(name: string, text: string): void {
    find(this.#form, `[data-figure=${name}]`, HTMLElement).textContent = text;
  }
}
