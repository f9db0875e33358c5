import assert from 'node:assert/strict'
import { createServer, type AddressInfo } from 'node:net'
import { after, test } from 'node:test'
import nodemailerPackage from 'nodemailer/package.json' with { type: 'json' }
import PostalMime from 'postal-mime'
import { closedPort, createSmtpSink, type SmtpMoment } from '../../../test/sinks.ts'
import { conformance, exampleContext, exampleMessage } from '../conformance.ts'
import { readAllowedAddresses } from '../public-address.ts'
import { smtp } from './smtp.ts'

const content = { subject: 'Zoë, your order', html: '<p>On its way</p>', text: 'On its way\n.\n' }
const message = exampleMessage({ channel: 'email', address: 'ana@example.com', content })
const account = { from: 'Acme <no-reply@acme.example>', user: 'belfry', password: 'correct horse' }
const local = { host: '127.0.0.1', ...account }

conformance({
  kind: smtp,
  message,
  secrets: [account.password],
  async startVendor() {
    const sink = await createSmtpSink()
    const replies = {
      accept: 'ok',
      busy: '451 4.3.2',
      refuse: '554 5.7.1',
      unknown_address: '550 5.1.1',
      silence: 'silence',
    }
    return {
      settings: { ...local, port: sink.port },
      answerWith(answer, words = '') {
        sink.answer = ({ at }) => {
          const isMoment = at === (answer === 'unknown_address' ? 'rcpt' : 'data')
          if (!isMoment || answer === 'accept') return 'ok'
          return answer === 'silence' ? 'silence' : `${replies[answer]} ${words}`
        }
      },
      waitFor: sink.waitFor,
      receivedCount: () => sink.messages.length,
      allClosed: sink.allClosed,
      close: sink.close,
    }
  },
  unreachable: async () => ({ ...local, port: await closedPort() }),
})

const sink = await createSmtpSink()
const now = new Date('2026-06-01T12:00:00Z')
const context = exampleContext({ now: () => now })
const provider = smtp.create({ ...local, port: sink.port, connections: 2 }, context)
after(async () => {
  await provider.close()
  await context.outgoing.close()
  await sink.close()
})

const never = new AbortController().signal

test('an e-mail goes to one recipient, with headers of its own around shared content', async () => {
  sink.answer = () => 'ok'
  const outcome = await provider.send(message, never)
  await provider.send({ ...message, address: 'ben@bücher.example', deliveryId: 'd2' }, never)

  assert.equal(outcome.kind, 'sent')
  const [first, second] = sink.messages.slice(-2)
  assert.ok(first && second)
  assert.equal(first.from, 'no-reply@acme.example')
  assert.deepEqual(first.to, ['ana@example.com'])
  assert.deepEqual(second.to, ['ben@bücher.example'], 'as this server shows it')
  assert.match(second.raw.toString(), /^To: ben@xn--bcher-kva\.example\r$/m)
  const mail = await PostalMime.parse(first.raw)
  assert.equal(mail.subject, content.subject)
  assert.equal(mail.text?.replaceAll('\r\n', '\n').trim(), content.text.trim())
  assert.equal(mail.messageId, `<${message.deliveryId}@acme.example>`)
  assert.equal(mail.date, now.toISOString())
  assert.deepEqual(mail.from, { name: 'Acme', address: 'no-reply@acme.example' })
  assert.equal((await PostalMime.parse(second.raw)).messageId, '<d2@acme.example>')
})

test('the same delivery has the same Message-ID at every attempt', async () => {
  sink.answer = () => 'ok'
  await provider.send({ ...message, attempt: 1 }, never)
  await provider.send({ ...message, attempt: 2 }, never)

  const mails = await Promise.all(sink.messages.slice(-2).map(({ raw }) => PostalMime.parse(raw)))
  assert.equal(mails[0]?.messageId, mails[1]?.messageId)
})

test('a kept connection that the mail server closed is replaced, and nothing is sent twice', async () => {
  const one = smtp.create({ ...local, port: sink.port, connections: 1 }, context)
  sink.answer = () => 'ok'
  await one.send(message, never)
  const before = sink.messages.length

  for (const socket of sink.sockets) socket.destroy()
  const outcome = await one.send({ ...message, deliveryId: 'd3' }, never)

  assert.equal(outcome.kind, 'sent', JSON.stringify(outcome))
  assert.equal(sink.messages.length, before + 1)
  await one.close()
})

test('many e-mails at once share few connections', async () => {
  const server = await createSmtpSink()
  const one = smtp.create({ ...local, port: server.port, connections: 3 }, context)

  const outcomes = await Promise.all(
    Array.from({ length: 50 }, (_, index) =>
      one.send({ ...message, address: `p${index}@example.com`, deliveryId: `d${index}` }, never),
    ),
  )

  assert.ok(outcomes.every(({ kind }) => kind === 'sent'))
  assert.ok(server.sockets.size <= 3)
  assert.deepEqual(
    server.messages.flatMap(({ to }) => to).toSorted(),
    Array.from({ length: 50 }, (_, index) => `p${index}@example.com`).toSorted(),
  )
  for (const { raw, to } of server.messages) {
    const mail = await PostalMime.parse(raw)
    assert.equal(mail.to?.[0]?.address, to[0])
    assert.equal(mail.messageId, `<d${to[0]?.match(/\d+/)?.[0]}@acme.example>`)
  }
  await one.close()
  await server.close()
})

const replies: [string, SmtpMoment['at'], string, string, string][] = [
  // behaviour, moment, reply, outcome, code
  ['no such mailbox', 'rcpt', '550 5.1.1 No such user', 'gone', 'smtp_550'],
  ['a mailbox that is closed', 'rcpt', '550 5.2.1 Disabled', 'gone', 'smtp_550'],
  ['a domain without mail', 'rcpt', '556 5.1.10 Null MX', 'gone', 'smtp_556'],
  ['no such mailbox, told late', 'data', '550 5.1.1 No such user', 'gone', 'smtp_550'],
  ['a full mailbox for good', 'rcpt', '552 5.2.2 Full', 'failed', 'smtp_552'],
  ['a refusal without more', 'rcpt', '550 Denied', 'failed', 'smtp_550'],
  ['spam', 'data', '554 5.7.1 Spam', 'failed', 'smtp_554'],
  ['greylisting', 'rcpt', '450 4.7.1 Greylisted', 'retry', 'smtp_450'],
  ['a full disk', 'data', '452 4.3.1 Disk', 'retry', 'smtp_452'],
  ['a conversation out of step', 'data', '503 5.5.1 Bad sequence', 'retry', 'smtp_503'],
  ['a server that goes away', 'data', '421 4.3.2 Closing', 'retry', 'smtp_421'],
  ['a connection cut before the message', 'rcpt', 'hang_up', 'retry', 'connection_lost'],
  ['a connection cut after the message', 'data', 'hang_up', 'ambiguous', 'connection_lost'],
]
for (const [name, at, reply, kind, code] of replies) {
  test(`a mail server answers: ${name}`, async () => {
    const one = smtp.create({ ...local, port: sink.port }, context)
    sink.answer = (moment) => (moment.at === at ? reply : 'ok')

    const outcome = await one.send(message, never)

    assert.deepEqual([outcome.kind, outcome.code], [kind, code], JSON.stringify(outcome))
    if (/^\d/.test(reply)) assert.ok((outcome.detail ?? '').startsWith(reply), outcome.detail ?? '')
    assert.ok(!outcome.detail?.includes(message.address))
    await one.close()
  })
}

test('wrong credentials are the fault of the provider, not of the message', async () => {
  const one = smtp.create({ ...local, port: sink.port }, context)
  sink.answer = ({ at }) => (at === 'auth' ? '535 5.7.8 Bad credentials for belfry' : 'ok')

  const outcome = await one.send(message, never)
  const verified = await one.verify?.(never)

  assert.deepEqual([outcome.kind, outcome.code], ['retry', 'provider_auth'])
  assert.deepEqual([verified?.kind, verified?.code], ['retry', 'provider_auth'])
  assert.ok(!JSON.stringify([outcome, verified]).includes('belfry'))
  await one.close()
})

test('an account is checked without sending anything', async () => {
  sink.answer = () => 'ok'
  const before = sink.messages.length

  const outcome = await provider.verify?.(never)

  assert.deepEqual(outcome, { kind: 'sent', code: 'verified' })
  assert.equal(sink.messages.length, before)
})

test('without TLS where it is required, neither credentials nor message are sent (S-67)', async () => {
  const heard: string[] = []
  const server = createServer((socket) => {
    socket.on('error', () => {})
    socket.write('220 plain\r\n')
    socket.on('data', (chunk) => {
      heard.push(...chunk.toString().trimEnd().split('\r\n'))
      const isHello = heard.at(-1)?.startsWith('EHLO')
      socket.write(isHello ? '250-plain\r\n250 AUTH PLAIN\r\n' : '502 5.5.1 Not here\r\n')
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const one = smtp.create({ ...local, port, require_tls: true }, context)

  const outcome = await one.send(message, never)

  server.close()
  await one.close()
  assert.deepEqual([outcome.kind, outcome.code], ['retry', 'tls_required'])
  assert.deepEqual(heard.slice(1), ['STARTTLS'])
})

const bad: [string, Partial<typeof message>, string][] = [
  [
    'another recipient in the address (S-60)',
    { address: 'b@y.test\r\nRCPT TO:<e@z.test>' },
    'invalid_email',
  ],
  ['a list of addresses (S-61)', { address: 'b@y.test, c@z.test' }, 'invalid_email'],
  [
    'a line break in the subject (S-63)',
    { content: { ...content, subject: 'a\nb' } },
    'invalid_content',
  ],
]
for (const [name, given, code] of bad) {
  test(`nothing is sent with ${name}`, async () => {
    const before = sink.messages.length

    const outcome = await provider.send({ ...message, ...given }, never)

    assert.deepEqual([outcome.kind, outcome.code], ['failed', code])
    assert.equal(sink.messages.length, before)
  })
}

const settings: [string, Record<string, unknown>, string[]][] = [
  ['plain settings', { host: 'smtp.example.com', ...account }, []],
  ['TLS from the start', { host: 'smtp.example.com', secure: true, ...account }, []],
  ['no credentials on this machine', { host: 'localhost', from: 'a@b.test' }, []],
  ['credentials on this machine', local, []],
  [
    'no TLS and credentials (S-67)',
    { host: 'smtp.example.com', require_tls: false, ...account },
    ['/require_tls tls_required'],
  ],
  [
    'no TLS, nothing to steal',
    { host: 'smtp.example.com', require_tls: false, from: 'a@b.test' },
    [],
  ],
  ['two senders', { ...local, from: 'a@b.test, c@d.test' }, ['/from invalid_email']],
  [
    'a line break in the sender (S-63)',
    { ...local, from: 'A\r\nBcc: e@z.test <a@b.test>' },
    ['/from invalid_email'],
  ],
  [
    'half an account',
    { host: 'localhost', from: 'a@b.test', user: 'x' },
    ['/password incomplete_credentials'],
  ],
]
for (const [name, given, expected] of settings) {
  test(`SMTP settings are checked when saved: ${name}`, () => {
    const problems = smtp.problems?.(given, readAllowedAddresses([])) ?? []

    assert.deepEqual(
      problems.map(({ pointer, code }) => `${pointer} ${code}`),
      expected,
    )
  })
}

test('the mail library is one without its known holes (S-66)', () => {
  const [major = 0, minor = 0, patch = 0] = nodemailerPackage.version.split('.').map(Number)
  assert.ok(major * 1e6 + minor * 1e3 + patch >= 9_000_005, nodemailerPackage.version)
})
