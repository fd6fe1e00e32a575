import type { CodingDecoder, Engine } from './engine.ts';

/** A coding that is nothing but what an engine undoes. What follows its data is ignored, as browsers do. */
export class EngineDecoder implements CodingDecoder {
  readonly #engine: Engine;

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  push(bytes: Uint8Array): void {
    if (!this.#engine.hasEnded) this.#engine.push(bytes);
  }

  pull(): Uint8Array | undefined | Promise<Uint8Array | undefined> {
    return this.#engine.pull();
  }

  end(): void {}

  close(): void {
    this.#engine.close();
  }
}
