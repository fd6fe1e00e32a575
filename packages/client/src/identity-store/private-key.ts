import { Asn1Error, type Asn1Value, asn1, asn1Member, encodeAsn1, TAG } from './asn1.ts';

const RSA = '1.2.840.113549.1.1.1';
const EC = '1.2.840.10045.2.1';

/** Curves by object identifier (RFC 5480 §2.1.1.1) that Web Crypto has. */
const CURVES: Readonly<Record<string, string>> = {
  '1.2.840.10045.3.1.7': 'P-256',
  '1.3.132.0.34': 'P-384',
  '1.3.132.0.35': 'P-521',
};

/** Others by object identifier (RFC 8410 §3). */
const EDWARDS: Readonly<Record<string, string>> = { '1.3.101.112': 'Ed25519' };

/** Where the parameters of an ECPrivateKey stand (RFC 5915 §3). */
const EC_PARAMETERS = TAG.context0Constructed;

/**
 * Whether a private key belongs to a certificate's public key; `undefined` where this browser has no such keys. What the
 * one signs the other must verify.
 *
 * @param key - PKCS #8 (RFC 5958).
 * @param publicKey - SubjectPublicKeyInfo (RFC 5280 §4.1.2.7).
 * @throws {@link Asn1Error} when the key is none.
 */
export async function belongs(
  key: Uint8Array<ArrayBuffer>,
  publicKey: Asn1Value,
): Promise<boolean | undefined> {
  const algorithm = algorithmOf(asn1Member(publicKey.children(TAG.sequence), 0));
  const [version, identifier, value] = asn1(key).children(TAG.sequence);
  if (version?.tag !== TAG.integer || identifier === undefined || value?.tag !== TAG.octetString) {
    throw new Asn1Error('expected a private key');
  }
  const own = algorithmOf(identifier);
  if (algorithm === undefined || own === undefined) return undefined;
  if (JSON.stringify(algorithm) !== JSON.stringify(own)) return false;
  const { subtle } = crypto;
  let privateKey: CryptoKey;
  try {
    privateKey = await subtle.importKey('pkcs8', key, algorithm, false, ['sign']);
  } catch (cause) {
    if ((cause as Error).name === 'NotSupportedError') return undefined;
    throw new Asn1Error('expected a private key', { cause });
  }
  const message = crypto.getRandomValues(new Uint8Array(32));
  const signature = await subtle.sign(algorithm, privateKey, message);
  const verifier = await subtle.importKey('spki', publicKey.encoded, algorithm, false, ['verify']);
  return subtle.verify(algorithm, verifier, signature, message);
}

/** The form that OpenSSL calls traditional, as PKCS #8: `RSA PRIVATE KEY` (RFC 8017 A.1.2), `EC PRIVATE KEY` (RFC 5915). */
export function pkcs8OfTraditional(
  label: string,
  der: Uint8Array<ArrayBuffer>,
): Uint8Array<ArrayBuffer> | undefined {
  const algorithm = label === 'RSA PRIVATE KEY' ? RSA_ALGORITHM : ecAlgorithm(label, der);
  if (algorithm === undefined) return undefined;
  const version = encodeAsn1(TAG.integer, Uint8Array.of(0));
  return encodeAsn1(TAG.sequence, version, algorithm, encodeAsn1(TAG.octetString, der));
}

/** 1.2.840.113549.1.1.1 with parameters of NULL. */
const RSA_ALGORITHM = Uint8Array.of(48, 13, 6, 9, 42, 134, 72, 134, 247, 13, 1, 1, 1, 5, 0);

/** 1.2.840.10045.2.1 */
const EC_IDENTIFIER = Uint8Array.of(6, 7, 42, 134, 72, 206, 61, 2, 1);

function ecAlgorithm(label: string, der: Uint8Array<ArrayBuffer>): Uint8Array | undefined {
  if (label !== 'EC PRIVATE KEY') return undefined;
  const parameters = asn1(der)
    .children(TAG.sequence)
    .find(({ tag }) => tag === EC_PARAMETERS);
  if (parameters === undefined) return undefined;
  return encodeAsn1(TAG.sequence, EC_IDENTIFIER, parameters.content);
}

type SigningAlgorithm =
  | { readonly name: 'RSASSA-PKCS1-v1_5'; readonly hash: 'SHA-256' }
  | { readonly name: 'ECDSA'; readonly namedCurve: string; readonly hash: 'SHA-256' }
  | { readonly name: string };

/** What Web Crypto calls an AlgorithmIdentifier; `undefined` where it has none. */
function algorithmOf(identifier: Asn1Value): SigningAlgorithm | undefined {
  const [name, parameters] = identifier.children(TAG.sequence);
  const algorithm = name?.objectIdentifier();
  if (algorithm === RSA) return { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' };
  if (algorithm === EC && parameters?.tag === TAG.objectIdentifier) {
    const namedCurve = CURVES[parameters.objectIdentifier()];
    return namedCurve === undefined ? undefined : { name: 'ECDSA', namedCurve, hash: 'SHA-256' };
  }
  const edwards = EDWARDS[algorithm ?? ''];
  return edwards === undefined ? undefined : { name: edwards };
}
