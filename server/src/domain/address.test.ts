import assert from 'node:assert/strict'
import { test } from 'node:test'
import { addressProblem, asciiEmail, maskAddress } from './address.ts'
import type { CarriedChannel } from './channel.ts'

const accepted: [CarriedChannel, string][] = [
  ['email', 'ana@example.com'],
  ['email', "o'brien+tag@mail.example.co.uk"],
  ['email', 'ana@bücher.example'],
  ['email', `${'a'.repeat(64)}@example.com`],
  ['sms', '+12025550123'],
  ['sms', '+4915123456789'],
  ['webhook', 'https://example.com/hooks?x=1'],
  ['webhook', 'http://127.0.0.1:4000/'],
  ['telegram', '-1004242'],
  ['push', 'fcm:abc'],
]
for (const [channel, address] of accepted) {
  test(`an address is accepted: ${channel} ${address.slice(0, 40)}`, () => {
    assert.equal(addressProblem(channel, address), null)
  })
}

const refused: [string, CarriedChannel, string][] = [
  ['S-60 another recipient', 'email', 'b@y.test\r\nRCPT TO:<evil@z.test>'],
  ['S-60 a line feed', 'email', 'b@y.test\n'],
  ['S-61 a list', 'email', 'b@y.test, c@z.test'],
  ['S-61 a list without spaces', 'email', 'b@y.test,c@z.test'],
  ['S-61 a list with a semicolon', 'email', 'b@y.test;c@z.test'],
  ['S-62 a quoted local part', 'email', '"evil@z.test x"@y.test'],
  ['S-62 a short quoted local part', 'email', '"a"@b.test'],
  ['S-62 a group', 'email', 'g:a@b.test;'],
  ['S-62 a comment', 'email', 'a(c)@b.test'],
  ['S-62 a route', 'email', '@relay.test:a@b.test'],
  ['S-62 a name', 'email', 'Ana <a@b.test>'],
  ['S-62 nested groups', 'email', `${'g:'.repeat(900)}a@b.test`],
  ['S-62 not NFC', 'email', 'a@bu\u0308cher.example'],
  ['S-62 too long a local part', 'email', `${'a'.repeat(65)}@example.com`],
  [
    'S-62 too long',
    'email',
    `a@${'b'.repeat(60)}.${'c'.repeat(60)}.${'d'.repeat(60)}.${'e'.repeat(60)}.${'f'.repeat(20)}.test`,
  ],
  ['no domain', 'email', 'ana'],
  ['no local part', 'email', '@example.com'],
  ['one label', 'email', 'ana@localhost'],
  ['an address literal', 'email', 'ana@[127.0.0.1]'],
  ['an IP address', 'email', 'ana@127.0.0.1'],
  ['percent-encoding', 'email', 'ana@ex%61mple.com'],
  ['a full-width dot', 'email', 'ana@example。com'],
  ['two dots', 'email', 'a..b@example.com'],
  ['a dot at the end', 'email', 'a.@example.com'],
  ['a label that begins with a hyphen', 'email', 'a@-b.test'],
  ['a letter beyond ASCII', 'email', 'zoë@example.com'],
  ['a national number', 'sms', '2025550123'],
  ['a number with spaces', 'sms', '+1 202 555 0123'],
  ['a number that is too short', 'sms', '+1202'],
  ['a number that is too long', 'sms', '+120255501234567'],
  ['another scheme', 'webhook', 'javascript:alert(1)'],
  ['no URL', 'webhook', 'example.com'],
  ['a password', 'webhook', 'https://a:b@example.com/'],
  ['nothing', 'telegram', ''],
  ['a NUL', 'push', 'a\0b'],
  ['half a character', 'push', 'a\ud800'],
  ['too long a token', 'push', 'a'.repeat(2_049)],
  ['a space at the end', 'slack', 'U123 '],
]
for (const [name, channel, address] of refused) {
  test(`an address is refused: ${channel}: ${name}`, () => {
    assert.equal(typeof addressProblem(channel, address), 'string')
  })
}

test('a domain of other letters is written in ASCII for mail servers', () => {
  assert.equal(asciiEmail('ana@bücher.example'), 'ana@xn--bcher-kva.example')
})

const masked: [CarriedChannel, string, string][] = [
  ['email', 'ana@example.com', 'a•••@example.com'],
  ['sms', '+12025550167', '+1•••••67'],
  ['webhook', 'https://example.com/hooks/secret', 'https://example.com/…'],
  ['push', 'fcm-token-0123456789', '•••6789'],
  ['telegram', '4242', '•••'],
]
for (const [channel, address, expected] of masked) {
  test(`an address is shown as ${expected}`, () => {
    assert.equal(maskAddress(channel, address), expected)
  })
}
