import { SessionError } from '@hip/client';
import { expect } from 'vitest';
import type { Gateway } from '../support/control.ts';
import { eventually, within } from '../support/eventually.ts';
import { LOOPBACK, newClient, newGateway, newWebSocketOrigin, test } from '../support/fixtures.ts';
import { opened, SocketEvents } from '../support/socket-events.ts';

test('a gateway that is killed: an error of its session, and the next socket is on the next gateway', async () => {
  const peer = await newWebSocketOrigin();
  const gateway = await newGateway();
  const http = newClient(gateway);
  const events = await opened(new http.WebSocket(peer.url('/echo?1')));
  await gateway.signal('SIGKILL');
  const { error } = await within(10_000, 'the error of the WebSocket', events.expect('error'));
  expect(error).toBeInstanceOf(SessionError);
  expect(error).toMatchObject({ code: 'session_lost' });
  expect(await events.expect('close')).toMatchObject({ code: 1006, wasClean: false });
  await eventually(async () => expect(await peer.visit('/echo?1')).toMatchObject({ closeCode: 1006 }));

  await gateway.exited();
  await gateway.restart();
  const next = new http.WebSocket(peer.url('/echo?2'));
  const nextEvents = await opened(next);
  next.send('back');
  expect(await nextEvents.message()).toBe('back');
});

test('a gateway that is asked to end closes WebSockets with 1001, and ends', async () => {
  const peer = await newWebSocketOrigin();
  const gateway = await newGateway();
  const http = newClient(gateway);
  const events = await opened(new http.WebSocket(peer.url('/echo?1')));
  await gateway.signal('SIGTERM');
  expect(await within(5_000, 'the close of the WebSocket', events.expect('close'))).toEqual({
    type: 'close',
    code: 1001,
    reason: 'the gateway is going away',
    wasClean: true,
  });
  expect((await within(5_000, 'the end of the gateway', gateway.exited())).exitCode).toBe(0);
  await eventually(async () =>
    expect(await peer.visit('/echo?1')).toMatchObject({ closeCode: 1001, isOpen: false }),
  );
});

test('one that is not open yet when the gateway is asked to end is opened by the next', async () => {
  const peer = await newWebSocketOrigin();
  const gateway = await newGateway();
  const http = newClient(gateway);
  const socket = new http.WebSocket(peer.url('/hang'));
  const events = new SocketEvents(socket);
  await eventually(() => peer.visit('/hang'));
  await gateway.signal('SIGTERM');
  const successor = await successorOf(gateway);
  await eventually(async () => expect(await peer.log()).toHaveLength(2));
  expect(events.all).toEqual([]);
  socket.close();
  await events.expect('error');
  await successor.stop();
});

/** The address is free as soon as the earlier gateway has closed its listener. */
function successorOf(gateway: Gateway): Promise<Gateway> {
  return eventually(() => newGateway({ ...LOOPBACK, listen: gateway.host, token: gateway.token }));
}
