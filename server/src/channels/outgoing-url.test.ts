import assert from 'node:assert/strict'
import { test } from 'node:test'
import { checkUrl } from './outgoing-url.ts'
import { readAllowedAddresses } from './public-address.ts'

const none = readAllowedAddresses([])

const refused: [string, string, string][] = [
  // rule, url, code
  ['S-20 short form', 'http://127.1/', 'url_not_allowed'],
  ['S-20 decimal', 'http://2130706433/', 'url_not_allowed'],
  ['S-20 hexadecimal', 'http://0x7f000001/', 'url_not_allowed'],
  ['S-20 octal', 'http://0177.0.0.1/', 'url_not_allowed'],
  ['S-20 percent-encoded', 'http://%31%32%37.0.0.1/', 'url_not_allowed'],
  ['S-20 circled digits', 'http://①②⑦.⓪.⓪.①/', 'url_not_allowed'],
  ['S-20 ideographic dots', 'http://127。0。0。1/', 'url_not_allowed'],
  ['S-21 zero', 'http://0/', 'url_not_allowed'],
  ['S-21 unspecified IPv6', 'http://[::]/', 'url_not_allowed'],
  ['S-22 loopback IPv6', 'http://[::1]/', 'url_not_allowed'],
  ['S-22 IPv4 in IPv6', 'http://[::ffff:127.0.0.1]/', 'url_not_allowed'],
  ['S-22 metadata in IPv6', 'http://[::ffff:a9fe:a9fe]/', 'url_not_allowed'],
  ['S-22 NAT64', 'http://[64:ff9b::7f00:1]/', 'url_not_allowed'],
  ['S-22 local NAT64', 'http://[64:ff9b:1::7f00:1]/', 'url_not_allowed'],
  ['S-22 IPv6 metadata', 'http://[fd00:ec2::254]/', 'url_not_allowed'],
  ['IPv4-compatible IPv6', 'http://[::7f00:1]/', 'url_not_allowed'],
  ['6to4 of loopback', 'http://[2002:7f00:1::]/', 'url_not_allowed'],
  ['link-local IPv6', 'http://[fe80::1]/', 'url_not_allowed'],
  ['zone id', 'http://[fe80::1%25eth0]/', 'invalid_url'],
  ['metadata', 'http://169.254.169.254/', 'url_not_allowed'],
  ['Alibaba metadata', 'http://100.100.100.200/', 'url_not_allowed'],
  ['Azure host agent', 'http://168.63.129.16/', 'url_not_allowed'],
  ['private 10', 'https://10.1.2.3/', 'url_not_allowed'],
  ['private 172', 'https://172.31.255.255/', 'url_not_allowed'],
  ['private 192', 'https://192.168.1.1/', 'url_not_allowed'],
  ['documentation', 'https://203.0.113.9/', 'url_not_allowed'],
  ['benchmarking', 'https://198.18.0.1/', 'url_not_allowed'],
  ['multicast', 'https://224.0.0.1/', 'url_not_allowed'],
  ['broadcast', 'https://255.255.255.255/', 'url_not_allowed'],
  ['S-23 localhost with a dot', 'http://localhost./', 'url_not_allowed'],
  ['S-23 capitals', 'http://LOCALHOST/', 'url_not_allowed'],
  ['S-23 metadata name', 'http://metadata.google.internal/', 'url_not_allowed'],
  ['S-23 metadata name with a dot', 'http://metadata.google.internal./', 'url_not_allowed'],
  ['a name without a dot', 'http://redis/', 'url_not_allowed'],
  ['a name below localhost', 'http://x.localhost/', 'url_not_allowed'],
  ['a cluster service', 'http://api.default.svc.cluster.local/', 'url_not_allowed'],
  ['S-26 user information', 'http://user:pw@169.254.169.254/', 'url_not_allowed'],
  ['S-26 user information, public host', 'https://user@example.com/', 'url_not_allowed'],
  ['S-26 backslash', 'http://169.254.169.254\\@evil.com/', 'url_not_allowed'],
  ['S-28 ftp', 'ftp://example.com/', 'url_scheme'],
  ['S-28 file', 'file:///etc/passwd', 'url_scheme'],
  ['S-28 javascript', 'javascript:alert(1)', 'url_scheme'],
  ['S-28 data', 'data:text/plain,x', 'url_scheme'],
  ['S-28 gopher', 'gopher://example.com/', 'url_scheme'],
  ['S-29 port 0', 'http://example.com:0/', 'url_port'],
  ['S-29 mail', 'http://example.com:25/', 'url_port'],
  ['S-29 ssh', 'http://example.com:22/', 'url_port'],
  ['S-29 RabbitMQ', 'http://example.com:5672/', 'url_port'],
  ['S-29 PostgreSQL', 'http://example.com:5432/', 'url_port'],
  ['S-29 Redis', 'https://1.1.1.1:6379/', 'url_port'],
  ['S-29 beyond', 'http://example.com:65536/', 'invalid_url'],
  ['nothing', '', 'invalid_url'],
  ['no scheme', 'example.com/hook', 'invalid_url'],
  ['too long', `https://example.com/${'a'.repeat(2_048)}`, 'invalid_url'],
]
for (const [rule, url, code] of refused) {
  test(`a URL is refused: ${rule}: ${url.slice(0, 60)}`, () => {
    assert.equal(checkUrl(url, none)?.code, code)
  })
}

const accepted = [
  'https://example.com/hook?a=1#b',
  'http://example.com:8080/',
  'https://example.com:443/',
  'https://1.1.1.1/',
  'https://[2606:4700:4700::1111]/',
  'https://bücher.example.org/',
  // S-26: only what the parser makes of it counts: the host is evil.com, a public name.
  'http://evil.com#@169.254.169.254/',
  // S-24: public by name; where it leads is judged when it is resolved.
  'http://127.0.0.1.nip.io/',
  // S-30: the parser drops line breaks, so no header can be smuggled.
  'http://example.com/\r\nX: y',
]
for (const url of accepted) {
  test(`a URL is accepted: ${JSON.stringify(url)}`, () => {
    assert.equal(checkUrl(url, none), null)
  })
}

const listed: [string, string, string | undefined][] = [
  // allowed, url, code
  ['127.0.0.1/32', 'http://127.0.0.1:5432/', undefined],
  ['127.0.0.1/32', 'http://[::ffff:127.0.0.1]:4000/', undefined],
  ['127.0.0.1/32', 'http://127.0.0.2/', 'url_not_allowed'],
  ['127.0.0.1/32', 'http://localhost/', 'url_not_allowed'],
  ['localhost', 'http://localhost:25/', undefined],
  ['localhost', 'http://127.0.0.1/', 'url_not_allowed'],
  ['Internal.Example', 'http://internal.example.:6379/', undefined],
  ['internal.example', 'http://a.internal.example:6379/', 'url_port'],
  ['10.0.0.0/8', 'https://10.255.0.1/', undefined],
  ['fd00::/8', 'https://[fd00:ec2::254]/', undefined],
  ['10.0.0.1', 'https://1.1.1.1:6379/', 'url_port'],
]
for (const [entry, url, code] of listed) {
  test(`with ${entry} allowed, ${url} is ${code ?? 'accepted'}`, () => {
    assert.equal(checkUrl(url, readAllowedAddresses([entry]))?.code, code)
  })
}

for (const entry of ['10.0.0.0/33', 'a b', 'http://x', '10.0.0.256/8', '*']) {
  test(`an allowed address that is none is named: ${entry}`, () => {
    assert.throws(() => readAllowedAddresses(['10.0.0.0/8', entry]), {
      message: new RegExp(`^'${entry.replace(/[*]/g, '\\*')}' is not`),
    })
  })
}
