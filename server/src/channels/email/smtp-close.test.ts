// A mail account that is closed, because its settings changed or Belfry stops, while mails wait in it.
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { createSmtpSink } from '../../../test/sinks.ts'
import { exampleContext, exampleMessage } from '../conformance.ts'
import { smtp } from './smtp.ts'

const content = { subject: 'Your order', html: '<p>On its way</p>', text: 'On its way' }
const message = exampleMessage({ channel: 'email', address: 'ana@example.com', content })
const local = { host: '127.0.0.1', from: 'Acme <no-reply@acme.example>' }
const context = exampleContext()
const never = new AbortController().signal
after(() => context.outgoing.close())

test('an account that is closed first sends what it was given, and keeps no connection', async () => {
  const server = await createSmtpSink()
  const one = smtp.create({ ...local, port: server.port, connections: 1 }, context)
  const sending = Array.from({ length: 5 }, (_, index) =>
    one.send({ ...message, deliveryId: `d${index}` }, never),
  )

  await one.close()
  const outcomes = await Promise.all(sending)
  await server.allClosed()

  assert.deepEqual(
    outcomes.map(({ kind }) => kind),
    Array.from({ length: 5 }, () => 'sent'),
  )
  assert.equal(server.messages.length, 5)
  await server.close()
})

test('an account that is closed waits for no message longer than that may take', async () => {
  const server = await createSmtpSink({ answer: () => 'silence' })
  const one = smtp.create({ ...local, port: server.port, connections: 1 }, context)
  const limit = new AbortController()
  const sending = [1, 2].map((index) =>
    one.send({ ...message, deliveryId: `d${index}` }, limit.signal),
  )

  const closed = one.close()
  limit.abort()
  await closed
  await server.allClosed()

  for (const { kind, code } of await Promise.all(sending))
    assert.deepEqual([kind, code], ['retry', 'aborted'])
  await server.close()
})
