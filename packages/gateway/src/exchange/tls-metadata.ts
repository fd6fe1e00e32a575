import { ByteWriter, type ResponseMetadata, WIRE_LIMITS } from '@hip/wire';
import type { TlsFacts } from '../connect/tls-client.ts';

/** What a client learns of TLS on the connection its response came on. The certificates only when it asks: they are large. */
export function tlsMetadata(facts: TlsFacts, withCertificates: boolean): ResponseMetadata {
  const metadata: ResponseMetadata = {
    tlsVersion: facts.version,
    tlsCipher: facts.cipher,
    tlsVerified: facts.isVerified,
    tlsResumed: facts.isResumed,
  };
  if (withCertificates) metadata.peerCertificates = chainBytes(facts.peerCertificates);
  return metadata;
}

/** As many certificates as there is room for, each after its length. */
function chainBytes(certificates: readonly Uint8Array[]): Uint8Array {
  const writer = new ByteWriter();
  for (const certificate of certificates) {
    if (writer.length + certificate.length + 4 > WIRE_LIMITS.maxPeerCertificatesBytes) break;
    writer.varint(certificate.length);
    writer.bytes(certificate);
  }
  return writer.take();
}
