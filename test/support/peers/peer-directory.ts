import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A directory for one server's files. Servers started by root become somebody else: all may read and write here. */
export class PeerDirectory {
  readonly path: string;

  constructor(name: string) {
    this.path = mkdtempSync(join(tmpdir(), `hip-${name}-`));
    chmodSync(this.path, 0o777);
  }

  join(name: string): string {
    return join(this.path, name);
  }

  /** Writes a file and gives its path. */
  write(name: string, content: string | Uint8Array, mode = 0o644): string {
    const path = this.join(name);
    writeFileSync(path, content);
    chmodSync(path, mode); // whatever the umask
    return path;
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}
