import { once } from 'node:events';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { expect, onTestFinished, test } from 'vitest';
import { control } from '../support/control.ts';

// The parts of the harness that only raw sockets can prove.

test('a raw origin answers every head with its bytes, whatever they are', async () => {
  const { id, port } = await control('rawOrigin.start', { bytes: 'caf\u00e9', ending: 'close' });
  onTestFinished(async () => void (await control('rawOrigin.stop', { id })));
  const socket = connect(port, '127.0.0.1');
  socket.write('anything\r\n\r\n');
  expect(await text(socket.setEncoding('latin1'))).toBe('café');
});

test('connecting to a black hole neither succeeds nor fails', async () => {
  const { id, port } = await control('blackHole.start', {});
  onTestFinished(async () => void (await control('blackHole.stop', { id })));
  const socket = connect(port, '127.0.0.1');
  onTestFinished(() => void socket.destroy());
  const events = ['connect', 'error', 'close'].map((event) => once(socket, event).then(() => event));
  const quiet = new Promise((resolve) => setTimeout(resolve, 1_500, 'quiet')); // longer than the first SYN's repetition
  expect(await Promise.race([...events, quiet])).toBe('quiet');
});

test('an unused port refuses', async () => {
  const { port } = await control('port.unused', {});
  const [error] = (await once(
    connect(port, '127.0.0.1').on('error', () => {}),
    'error',
  )) as [NodeJS.ErrnoException];
  expect(error.code).toBe('ECONNREFUSED');
});
