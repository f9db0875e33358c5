import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import type { CarriedChannel } from '../../domain/channel.ts'
import { exampleContext, exampleMessage } from '../conformance.ts'
import type { Message } from '../provider.ts'
import { findKind, kindsOf, providerKinds } from '../registry.ts'
import { sandbox } from './sandbox.ts'

const captured: Message[] = []
const context = exampleContext({
  capture: async (message) => {
    captured.push(message)
  },
})
const provider = sandbox.create({}, context)
after(() => context.outgoing.close())

function messageTo(channel: CarriedChannel, address: string, attempt = 1): Message {
  return { ...exampleMessage({ channel, address, content: { body: 'Hi' } }), attempt }
}

const never = new AbortController().signal

const cases: [CarriedChannel, string, number, string, boolean][] = [
  // channel, address, attempt, outcome, captured
  ['email', 'ana@example.com', 1, 'delivered', true],
  ['sms', '+12025550123', 1, 'delivered', true],
  ['email', 'bounced@belfry.test', 1, 'gone', false],
  ['email', 'bounced@eu.belfry.test', 1, 'gone', false],
  ['email', 'bounced@belfry.test.example.com', 1, 'delivered', true],
  ['email', 'Bounced+7@belfry.test', 1, 'gone', false],
  ['email', 'failed@belfry.test', 1, 'failed', false],
  ['email', 'flaky@belfry.test', 1, 'retry', false],
  ['email', 'flaky@belfry.test', 2, 'delivered', true],
  ['email', 'lost@belfry.test', 1, 'ambiguous', false],
  ['sms', '+12025550101', 1, 'gone', false],
  ['sms', '+12025550102', 1, 'failed', false],
  ['sms', '+12025550103', 1, 'retry', false],
  ['webhook', 'https://bounced.belfry.test/hook', 1, 'gone', false],
  ['telegram', 'failed', 1, 'failed', false],
  ['push', 'constructor', 1, 'delivered', true],
]
for (const [channel, address, attempt, kind, isCaptured] of cases) {
  test(`the sandbox: ${channel} to ${address}, attempt ${attempt}, is ${kind}`, async () => {
    const before = captured.length

    const outcome = await provider.send(messageTo(channel, address, attempt), never)

    assert.equal(outcome.kind, kind)
    assert.equal(captured.length > before, isCaptured)
  })
}

test('a slow recipient of the sandbox can be given up', async () => {
  const deadline = new AbortController()

  const sending = provider.send(messageTo('email', 'slow@belfry.test'), deadline.signal)
  deadline.abort()

  assert.equal((await sending).kind, 'retry')
})

test('every channel has the sandbox, and every kind can be found by its name', () => {
  for (const kind of providerKinds) {
    for (const channel of kind.channels) assert.equal(findKind(channel, kind.kind), kind)
  }
  assert.deepEqual(
    kindsOf('email').map(({ kind }) => kind),
    ['sandbox', 'smtp', 'postmark', 'resend', 'sendgrid', 'ses'],
  )
  assert.equal(findKind('email', 'webhook'), null)
})

test('every setting of every kind is described, and none that is unknown is taken', () => {
  for (const { kind, settings, secrets } of providerKinds) {
    const { additionalProperties } = settings as { additionalProperties?: boolean }
    assert.equal(additionalProperties, false, kind)
    for (const [name, schema] of Object.entries(settings.properties)) {
      const { description, examples } = schema as { description?: string; examples?: unknown[] }
      assert.ok(description && examples?.length, `${kind}.${name}`)
    }
    for (const secret of secrets) assert.ok(secret in settings.properties, `${kind}.${secret}`)
  }
})
