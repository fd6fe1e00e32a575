/**
 * A certificate for `origin.example`, `localhost` and `127.0.0.1`, signed by itself, valid for a hundred years. Nobody
 * trusts it. Made with `openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -days 36500 -nodes`.
 */
export const TEST_CERTIFICATE = `-----BEGIN CERTIFICATE-----
MIIBuzCCAWGgAwIBAgIUEtW7RtGvQyEqB7lwXpx5O+PtkcowCgYIKoZIzj0EAwIw
EzERMA8GA1UEAwwIaGlwIHRlc3QwIBcNMjYxMTIzMDEzNzU5WhgPMjEyNjEwMzAw
MTM3NTlaMBMxETAPBgNVBAMMCGhpcCB0ZXN0MFkwEwYHKoZIzj0CAQYIKoZIzj0D
AQcDQgAEOLaH8RSClh/LqfAJxfF3g/k59iR2v3G1JaJtjqJfLHhP+sgEKPHANvn2
JnKpevVUrG87tQi6xZHVi1tHO6BdcaOBkDCBjTAdBgNVHQ4EFgQUFZWZa39x/uEr
mCJSa0QPKViXTwwwHwYDVR0jBBgwFoAUFZWZa39x/uErmCJSa0QPKViXTwwwKgYD
VR0RBCMwIYIOb3JpZ2luLmV4YW1wbGWCCWxvY2FsaG9zdIcEfwAAATAPBgNVHRMB
Af8EBTADAQH/MA4GA1UdDwEB/wQEAwIChDAKBggqhkjOPQQDAgNIADBFAiAzZbrt
gKTpqCwGPS5HMbtKwHt+qXKZXn83tycDwUWMGQIhAP+Y3mnovuW0yz2rG6XIUfjH
NDw2FNmiIaj3Riz3W1BX
-----END CERTIFICATE-----
`;

/** Key of {@link TEST_CERTIFICATE}; protects nothing. */
export const TEST_KEY = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgZAzDjY5isAxU1awi
nEcBC66xTQq3Wn2WWDsDjvX7SdGhRANCAAQ4tofxFIKWH8up8AnF8XeD+Tn2JHa/
cbUlom2Ool8seE/6yAQo8cA2+fYmcql69VSsbzu1CLrFkdWLW0c7oF1x
-----END PRIVATE KEY-----
`;
