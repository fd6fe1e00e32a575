/**
 * Certificates and keys as content, never as a path on the gateway: PEM text, bytes (PEM, or DER for certificates), a
 * `Blob` or `File`, or, in Node, a `file:` URL that the client reads.
 */
export type CredentialSource = string | URL | Uint8Array | ArrayBuffer | Blob;

/** A version of TLS. */
export type TlsVersion = 'TLSv1' | 'TLSv1.1' | 'TLSv1.2' | 'TLSv1.3';

/**
 * TLS toward origins, as urllib3's pools take it. What is left out has the gateway's default. Two requests that differ
 * in any of it never share a connection.
 *
 * A name that is none is refused at once. Values are looked at when the first request needs them: that request, and each
 * one after it, fails with {@link InvalidRequestError} where a value is of the wrong kind, and with {@link SSLError} where
 * content cannot be read or used. Content is read once by a manager and its pools; a read that failed is tried again.
 */
export interface TlsOptions {
  /**
   * Whether the origin's certificate must verify. With anything but `CERT_REQUIRED`, and without
   * {@link TlsOptions.assertFingerprint}, each request to an `https:` URL raises {@link InsecureRequestWarning}. The
   * names without `CERT_` mean the same.
   *
   * @defaultValue the gateway's, `CERT_REQUIRED`
   * @see urllib3 `cert_reqs`
   */
  certReqs?: 'CERT_REQUIRED' | 'CERT_OPTIONAL' | 'CERT_NONE' | 'REQUIRED' | 'OPTIONAL' | 'NONE';

  /**
   * Certificates that are trusted, instead of those the gateway trusts.
   *
   * @defaultValue what the gateway's operator chose
   * @see urllib3 `ca_certs`, `ca_cert_data`
   */
  caCerts?: CredentialSource;

  /**
   * The client's certificate, followed by those up to its authority; its key too, unless {@link TlsOptions.keyFile} has
   * that.
   *
   * @defaultValue none
   * @see urllib3 `cert_file`
   */
  certFile?: CredentialSource;

  /**
   * Key of the client's certificate, in PEM.
   *
   * @defaultValue what {@link TlsOptions.certFile} has
   * @see urllib3 `key_file`
   */
  keyFile?: CredentialSource;

  /**
   * Decrypts {@link TlsOptions.keyFile} or {@link TlsOptions.pfx}.
   *
   * @defaultValue none
   * @see urllib3 `key_password`
   */
  keyPassword?: string;

  /**
   * The client's certificate and key as a PKCS #12 store (RFC 7292): bytes, a `Blob`, or a `file:` URL.
   *
   * @defaultValue none
   */
  pfx?: Exclude<CredentialSource, string> | `file:${string}`;

  /**
   * Name of a certificate and key that the operator keeps at the gateway, for those who may use them.
   *
   * @defaultValue none
   */
  identity?: string;

  /**
   * Name sent in SNI and expected in the certificate, instead of the URL's host. With an address no SNI can be sent,
   * which raises {@link SNIMissingWarning}.
   *
   * @defaultValue the host
   * @see urllib3 `server_hostname`
   */
  serverHostname?: string;

  /**
   * Name expected in the certificate, instead of the host; `false` expects none. The chain is verified all the same.
   *
   * @defaultValue the host
   * @see urllib3 `assert_hostname`
   */
  assertHostname?: string | false;

  /**
   * MD5, SHA-1 or SHA-256 of the origin's certificate in hexadecimal, with or without colons: expected instead of a
   * name. The chain is verified all the same.
   *
   * @defaultValue none
   * @see urllib3 `assert_fingerprint`
   */
  assertFingerprint?: string;

  /**
   * Oldest version accepted.
   *
   * @defaultValue the gateway's, `TLSv1.2`
   * @see urllib3 `ssl_minimum_version`
   */
  sslMinimumVersion?: TlsVersion;

  /**
   * Newest version accepted.
   *
   * @defaultValue the gateway's, `TLSv1.3`
   * @see urllib3 `ssl_maximum_version`
   */
  sslMaximumVersion?: TlsVersion;

  /**
   * Ciphers in OpenSSL's form, such as `ECDHE+AESGCM`.
   *
   * @defaultValue the gateway's, those of its Node
   */
  ciphers?: string;

  /**
   * Protocols offered (ALPN, RFC 7301), best first.
   *
   * @defaultValue the gateway's, `http/1.1`
   */
  alpnProtocols?: readonly string[];

  /**
   * Whether {@link HTTPResponse.tls} has the origin's certificates.
   *
   * @defaultValue false
   */
  peerCertificates?: boolean;
}
