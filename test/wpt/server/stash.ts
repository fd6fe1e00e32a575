/** Where handlers leave values for one another. A value can be taken once, by the path that it was put for. */
export class Stash {
  readonly #values = new Map<string, unknown>();

  put(path: string, key: string, value: unknown): void {
    this.#values.set(`${path}\n${key}`, value);
  }

  take(path: string, key: string): unknown {
    const name = `${path}\n${key}`;
    const value = this.#values.get(name);
    this.#values.delete(name);
    return value;
  }
}

/** The folder of a path, with its slash. */
export function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/') + 1);
}
