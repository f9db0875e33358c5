import assert from 'node:assert/strict'
import type { LookupAddress } from 'node:dns'
import { isIP, type Socket } from 'node:net'
import { after, test } from 'node:test'
import { createSmtpSink } from '../../../test/sinks.ts'
import { exampleContext, exampleMessage } from '../conformance.ts'
import { isRelayAllowed, readAllowedAddresses } from '../public-address.ts'
import { relayConnector } from './relay-connector.ts'
import { smtp } from './smtp.ts'

const sink = await createSmtpSink()
const context = exampleContext({ allowed: readAllowedAddresses([]) })
after(async () => {
  await context.outgoing.close()
  await sink.close()
})

const addresses: [string, string, boolean][] = [
  ['a public address', '93.184.216.34', true],
  ['this machine', '127.0.0.1', true],
  ['a private network', '10.1.2.3', true],
  ['a network behind a carrier', '100.64.1.1', true],
  ['a private network of IPv6', 'fd12::25', true],
  ['the metadata of a cloud', '169.254.169.254', false],
  ['the same, written as IPv6', '::ffff:169.254.169.254', false],
  ['the same, through a translator', '64:ff9b::a9fe:a9fe', false],
  ['the metadata of AWS over IPv6', 'fd00:ec2::254', false],
  ['the metadata of Alibaba', '100.100.100.200', false],
  ['the host agent of Azure', '168.63.129.16', false],
  ['a neighbour on the link', 'fe80::1', false],
  ['everybody', '255.255.255.255', false],
  ['nobody', '0.0.0.0', false],
  ['a name', 'mail.example.com', false],
]
for (const [name, address, isAllowed] of addresses)
  test(`a mail server ${isAllowed ? 'may' : 'cannot'} be at ${name}: ${address}`, () => {
    assert.equal(isRelayAllowed(address, context.allowed), isAllowed)
    if (!isIP(address)) return
    const settings = { host: address, from: 'a@b.test' }
    const problems = smtp.problems?.(settings, context.allowed) ?? []
    assert.deepEqual(
      problems.filter(({ pointer }) => pointer === '/host').map(({ code }) => code),
      isAllowed ? [] : ['address_not_allowed'],
    )
  })

test('what the operator lists may be anywhere', () => {
  assert.equal(isRelayAllowed('169.254.10.1', readAllowedAddresses(['169.254.10.0/24'])), true)
})

/** Connects to a name that has these addresses; answers how that went. */
async function connect(to: string[], listed: string[] = []): Promise<string> {
  const found: LookupAddress[] = to.map((address) => ({ address, family: isIP(address) }))
  const getSocket = relayConnector({
    allowed: readAllowedAddresses(listed),
    resolve: (_name, answer) => setImmediate(answer, null, found),
  })
  const { promise, resolve } = Promise.withResolvers<string>()
  getSocket({ host: 'mail.example.com', port: sink.port }, (error, socket) => {
    if (error) return resolve((error as NodeJS.ErrnoException).code ?? error.message)
    const { connection } = socket as { connection: Socket }
    resolve(`to ${connection.remoteAddress}`)
    connection.destroy()
  })
  return promise
}

test('a name is judged by what it resolves to, and the connection goes there', async () => {
  assert.equal(await connect(['127.0.0.1']), 'to 127.0.0.1')
  assert.equal(await connect(['169.254.169.254']), 'EBLOCKED')
  assert.equal(await connect(['127.0.0.1', '169.254.169.254']), 'EBLOCKED')
  assert.equal(
    await connect(['127.0.0.1', '255.255.255.255'], ['mail.example.com']),
    'to 127.0.0.1',
  )
  assert.equal(await connect([]), 'EDNS')
})

test('an account at an address that no mail server has sends nothing, and says why', async () => {
  const one = smtp.create({ host: '169.254.169.254', from: 'a@b.test' }, context)
  const content = { subject: 's', html: '<p>h</p>', text: 't' }
  const message = exampleMessage({ channel: 'email', address: 'ana@example.com', content })

  const outcome = await one.send(message, AbortSignal.timeout(5_000))
  await one.close()

  assert.deepEqual([outcome.kind, outcome.code], ['retry', 'blocked_address'])
})
