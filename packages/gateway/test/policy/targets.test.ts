import { isIP } from 'node:net';
import { expect, test } from 'vitest';
import { DEFAULTS } from '../../src/defaults.ts';
import { planRequest } from '../../src/exchange/request-plan.ts';
import { createEgressPolicy } from '../../src/policy/egress-policy.ts';
import { canonicalHost } from '../../src/policy/host-name.ts';
import { poolSettings } from '../support/settings.ts';

/** What becomes of a target before anything is resolved: a name still has to be, and its addresses are judged then. */
type Verdict = 'public' | 'name' | 'denied' | 'malformed';

const TARGETS: Record<Verdict, string> = {
  public: `
    8.8.8.8 8.8.8.8:80 8.8.8.8:65535 1.1.1.1 8.8.8.8. 8.8.2056 8.526344 134744072 0x8.0x8.0x8.0x8 0x08080808 010.010.010.010
    0X8.8.8.8 8.8.8.0x8 223.255.255.255 128.0.0.1 192.0.1.1 172.15.255.255 172.32.0.0 100.63.255.255 100.128.0.0
    169.253.1.1 198.17.1.1 198.20.0.1 [2606:4700:4700::1111] [2606:4700:4700:0:0:0:0:1111]:443 [2001:4860:4860::8888]
    [2A00:1450:4001:81B::200E] [::ffff:8.8.8.8] [::FFFF:808:808] [0:0:0:0:0:ffff:8.8.8.8] [64:ff9b::8.8.8.8]
    [64:ff9b::808:808] [2001:200::1]`,
  name: `
    example.com EXAMPLE.com example.com. example.com:443 a.b.c.d.e.example xn--bcher-kva.example a_b.example -a.example
    1.example 0x1.example 1.2.3.4.example example.com:1 example.com:65535 localhost LOCALHOST localhost. a.localhost
    metadata.google.internal metadata instance-data 127.0.0.1.nip.io 0x7f.1.example localtest.me a~b.example
    127.0.0.1.example. ffff 0xg 1e3 a.b- 1.1.1.1x 127.0.0.1a`,
  denied: `
    127.0.0.1 127.0.0.1:80 127.0.0.1. 127.1 127.0.1 127.255.255.254 2130706433 2130706433. 0x7f000001 0x7F.0.0.1 0x7f.1
    0177.0.0.1 0177.1 017700000001 127.0.0.0x1 00000177.0.0.01 0 0.0.0.0 0x0 00 0. 0.0 10.0.0.1 10.1 0xa.1 012.0.0.1
    167772161 172.16.0.1 172.31.255.255 0xac.0x10.0.1 192.168.0.1 192.168.1 3232235521 169.254.169.254 169.254.43518
    2852039166 0xa9fea9fe 0xa9.0xfe.0xa9.0xfe 0251.0376.0251.0376 169.254.169.254. 169.254.170.2 100.100.100.200
    168.63.129.16 0xa8.63.33040 192.0.0.192 100.64.0.1 100.127.255.255 192.0.0.1 192.0.2.1 192.88.99.1 198.18.0.1
    198.19.255.255 198.51.100.1 203.0.113.1 224.0.0.1 239.255.255.255 240.0.0.1 255.255.255.255 4294967295 0xffffffff
    256.0.0.1 1.2.3.4.5 127.0.0.256 4294967296 0x100000000 08.8.8.8 1.2.3.09 a.256 a.1 a.0x7f
    [::1] [::1]:80 [0:0:0:0:0:0:0:1] [0000:0000:0000:0000:0000:0000:0000:0001] [::] [::0.0.0.1] [::127.0.0.1]
    [::7f00:1] [::8.8.8.8] [::ffff:127.0.0.1] [::ffff:7f00:1] [::FFFF:127.0.0.1] [0:0:0:0:0:ffff:7f00:1]
    [::ffff:10.0.0.1] [::ffff:169.254.169.254] [::ffff:a9fe:a9fe] [::ffff:0:127.0.0.1] [::ffff:0:8.8.8.8]
    [64:ff9b::127.0.0.1] [64:ff9b::7f00:1] [64:ff9b::a9fe:a9fe] [64:ff9b:1::1] [64:ff9b:1::808:808] [2002:7f00:1::]
    [2002:a00:1::1] [2002:808:808::1] [2002:a9fe:a9fe::] [2001:0:4136:e378:8000:63bf:80ff:fffe]
    [2001:0:4136:e378:8000:63bf:f7f7:f7f7] [2001::1] [2001:10::1] [2001:20::1] [2001:2::1] [2001:db8::1] [3fff::1]
    [100::1] [100:0:0:1::1] [5f00::1] [fc00::1] [fd00::1] [fd00:ec2::254] [FD00:EC2:0:0:0:0:0:254] [fd20:ce::254]
    [fe80::1] [fe80::a9fe:a9fe] [febf::1] [fec0::1] [ff02::1] [ff05::1] [200::1] [4000::1] [8000::1] [2620:4f:8000::1]`,
  malformed: `
    : :80 a: a:b a:0 a:65536 a:99999 a:080080 a:-1 a:+80 a:80:80 a:0x50 [] [ ] []:80 [1] [127.0.0.1] [::1 ::1 ::1]:80 [::1]x
    [::1]: [::1]:0 [::1]:a [::1%lo] [::1%25lo] [fe80::1%25eth0] [fe80::1%eth0]:80 [:::1] [::1::] [1:2:3:4:5:6:7:8:9]
    [::ffff:256.0.0.1] [::ffff:127.1] [::ffff:0x7f.0.0.1] [v1.a] u@a u:p@127.0.0.1 127.0.0.1@a @a a/b a?b a#b a\\b
    http://a %31%32%37.0.0.1 127%2e0%2e0%2e1 %6cocalhost a%00b １２７.0.0.1 127。0。0。1 ⑯.0.0.1 bücher.example a"b a<b a>b
    a^b a\`b a{b a}b a|b`,
};

const POLICY = createEgressPolicy({ allow: [] });
const LIST = Object.entries(TARGETS).flatMap(([verdict, text]) =>
  text
    .trim()
    .split(/\s+/)
    .map((authority): [string, Verdict] => [authority, verdict as Verdict]),
);

test('there are at least 240, each once', () => {
  expect(LIST.length).toBeGreaterThanOrEqual(240);
  expect(new Set(LIST.map(([authority]) => authority)).size).toBe(LIST.length);
});

test.each([...LIST, ['', 'malformed'], ['a b', 'malformed'], [`${'a'.repeat(256)}`, 'malformed']] as [
  string,
  Verdict,
][])('%s: %s', (authority, verdict) => {
  expect(verdictOn(authority)).toBe(verdict);
});

function verdictOn(text: string): Verdict {
  // As it comes from the wire: a character for each byte.
  const authority = Buffer.from(text).toString('latin1');
  const head = { method: 'GET', scheme: 'http', authority, path: '/', fields: [] };
  const plan = planRequest(head, {}, poolSettings(), POLICY, DEFAULTS.timeouts);
  if ('name' in plan) return plan.name === 'destination_prohibited' ? 'denied' : 'malformed';
  const isAllowed = (address: string): boolean => plan.key.checkAddress(plan.key.target, address).allowed;
  // Whatever it is, it does not lead where nothing may.
  for (const address of ['127.0.0.1', '169.254.169.254', '::1', '10.0.0.1'])
    expect(isAllowed(address)).toBe(false);
  return isIP(canonicalHost(plan.key.target.host)) === 0 ? 'name' : 'public';
}
