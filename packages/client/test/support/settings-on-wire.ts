import type { ClientMessage, HelloMessage, SettingsMessage } from '@hip/wire';
import type { GatewayScript, GatewaySide } from './gateway-side.ts';
import type { ScriptedGateway } from './scripted-gateway.ts';

/** Answers everything at once. */
export const ANSWERING: GatewayScript = { exchange: (exchange) => exchange.answer(200, [], 'hello') };

/** What a session was told about contexts and settings, hello aside. */
export function declarations(side: GatewaySide): Exclude<ClientMessage, HelloMessage>[] {
  return side.messages.all.filter((message) => message.type !== 'hello');
}

/** The settings a session was told, in order. */
export function settingsIn(side: GatewaySide): SettingsMessage[] {
  return side.messages.all.filter((message) => message.type === 'settings');
}

/** TLS and proxy of the settings that the latest exchange of the first session went with; the context has none. */
export function latestSettings(gateway: ScriptedGateway): Pick<SettingsMessage, 'tls' | 'proxy'> | undefined {
  const side = gateway.sessions.all[0] as GatewaySide;
  const id = side.exchanges.all.at(-1)?.contextId;
  const settings = settingsIn(side).find((message) => message.id === id);
  if (settings === undefined) return undefined;
  const { tls, proxy } = settings;
  return { ...(tls === undefined ? {} : { tls }), ...(proxy === undefined ? {} : { proxy }) };
}
