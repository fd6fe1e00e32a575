import type { Handler, HeaderList } from '../message.ts';
import { folderOf, type Stash } from '../stash.ts';

const ANY_ORIGIN: HeaderList = [['Access-Control-Allow-Origin', '*']];

/** Leaves a value under a key. */
export function stashPut(stash: Stash): Handler {
  return ({ method, path, query }, response) => {
    if (method === 'OPTIONS') {
      const preflight: HeaderList = [
        ['Access-Control-Allow-Methods', '*'],
        ['Access-Control-Allow-Headers', '*'],
      ];
      response.send(200, [...ANY_ORIGIN, ...preflight], 'done');
      return;
    }
    stash.put(folderOf(path), query.get('key') ?? '', query.get('value') ?? '');
    response.send(200, query.has('disallow_origin') ? [] : ANY_ORIGIN, 'done');
  };
}

/** Takes it, as JSON. */
export function stashTake(stash: Stash, folder?: string): Handler {
  return ({ path, query }, response) => {
    const value = stash.take(folder ?? folderOf(path), query.get('key') ?? '');
    response.send(200, [...ANY_ORIGIN, ['Content-Type', 'application/json']], JSON.stringify(value ?? null));
  };
}

/** Takes what a path of its own has left under a token, and says whether there was any. */
export function cleanStash(stash: Stash): Handler {
  return ({ path, query }, response) => {
    response.send(200, [], stash.take(path, query.get('token') ?? '') === undefined ? '0' : '1');
  };
}

interface Partitions {
  requests: number;
  failed: boolean;
  readonly connections: Map<string, string>;
}

/** Counts the requests and connections of a test, and sees whether two partitions shared a connection. */
export function networkPartitionKey(stash: Stash): Handler {
  return ({ path, query, socket, header }, response) => {
    const uuid = query.get('uuid') ?? '';
    const partition = query.get('partition_id') ?? '';
    const origin = header('origin');
    const headers: [string, string][] = [
      ['Cache-Control', 'no-store'],
      ['Content-Type', 'text/plain'],
    ];
    if (origin !== undefined) {
      headers.push(['Access-Control-Allow-Origin', origin], ['Access-Control-Allow-Credentials', 'true']);
    }
    const state = (stash.take(path, uuid) as Partitions | undefined) ?? {
      requests: 0,
      failed: false,
      connections: new Map<string, string>(),
    };
    const address = `${socket.remoteAddress}:${socket.remotePort}`;
    state.requests++;
    state.failed ||= (state.connections.get(address) ?? partition) !== partition;
    state.connections.set(address, partition);
    if (query.get('dispatch') === 'clean_up') {
      response.send(200, headers, 'cleanup complete');
      return;
    }
    stash.put(path, uuid, state);
    const counts = `. Request was sent ${state.requests} times. ${state.connections.size} connections were created.`;
    const verdict = state.failed ? 'Multiple partition IDs used on a socket' : 'ok';
    response.send(
      [query.number('status', 200), 'OK'],
      headers,
      verdict + (query.has('addcounter') && !state.failed ? counts : ''),
    );
  };
}
