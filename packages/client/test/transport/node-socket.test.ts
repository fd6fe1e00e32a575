import { channel } from 'node:diagnostics_channel';
import { SUBPROTOCOL } from '@hip/wire';
import { expect, it } from 'vitest';
import { unrefSockets } from '../../src/transport/node-socket.ts';

/** What Node's undici tells of a request, as this process hears it; the names of sockets that let go of it. */
function requests(): { write: (name: string, protocol: string) => void; unreferenced: string[] } {
  const unreferenced: string[] = [];
  const write = (name: string, protocol: string): void => {
    const headers = `GET /session HTTP/1.1\r\nupgrade: websocket\r\nsec-websocket-protocol: ${protocol}\r\n\r\n`;
    channel('undici:client:sendHeaders').publish({
      headers,
      socket: { unref: () => void unreferenced.push(name) },
    });
  };
  return { write, unreferenced };
}

it('concerns sockets of sessions only, until all of them are connected', () => {
  const { write, unreferenced } = requests();
  write('too early', SUBPROTOCOL);
  const [first, second] = [unrefSockets(), unrefSockets()];
  first();
  first();
  write('session', SUBPROTOCOL);
  write('chat', 'chat.v1');
  second();
  write('too late', SUBPROTOCOL);
  expect(unreferenced).toEqual(['session']);
});
