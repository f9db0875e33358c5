// What every provider must do, whatever it speaks: a suite of tests that runs against a stand-in for
// the vendor on a real socket.
import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Outcome } from '../domain/outcome.ts'
import { createOutgoingClient } from './outgoing.ts'
import type { Message, ProviderContext, ProviderKind } from './provider.ts'
import { readAllowedAddresses } from './public-address.ts'

export type VendorAnswer = 'accept' | 'busy' | 'refuse' | 'unknown_address' | 'silence'

/** A stand-in for the vendor, listening on this machine. */
export type Vendor = {
  /** Settings of a provider that talks to it. */
  settings: Record<string, unknown>
  /** Whom messages are for, when it is the address that leads to it. */
  address?: string
  /** What it says from now on; words go along with a refusal, as vendors do. */
  answerWith(answer: VendorAnswer, words?: string): void
  /** Resolves once it has been given that many messages. */
  waitFor(count: number): Promise<unknown>
  receivedCount(): number
  /** Resolves once nobody is connected. */
  allClosed(): Promise<void>
  close(): Promise<void>
}

export type Subject = {
  kind: ProviderKind
  message: Message
  startVendor: () => Promise<Vendor>
  /** Settings that point to a port where nobody listens. */
  unreachable: () => Promise<Record<string, unknown>>
  /** The same, when it is the address that leads there. */
  unreachableAddress?: string
  /** Values in the settings that must never be seen in an outcome. */
  secrets: readonly string[]
  /** What this vendor never answers: most mail APIs take any address, and tell later what became of it. */
  never?: readonly VendorAnswer[]
}

/** A message with everything filled in. */
export function exampleMessage(given: Pick<Message, 'channel' | 'address' | 'content'>): Message {
  return {
    workspaceId: 1,
    notificationId: '01980000-0000-7000-8000-000000000001',
    deliveryId: '01980000-0000-7000-8000-000000000002',
    attempt: 1,
    contentId: '01980000-0000-7000-8000-000000000003',
    eventType: 'order.shipped',
    createdAt: new Date('2026-06-01T12:00:00Z'),
    traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
    ...given,
  }
}

/** What a provider of a test is built from. This machine may be called. */
export function exampleContext(given: Partial<ProviderContext> = {}): ProviderContext {
  const allowed = readAllowedAddresses(['127.0.0.1/32'])
  return {
    outgoing: createOutgoingClient({ allowed, userAgent: 'Belfry/test' }),
    allowed,
    now: () => new Date(),
    capture: async () => {},
    ...given,
  }
}

export function conformance(subject: Subject): void {
  void describe(`${subject.kind.kind} as a provider`, () => {
    answers(subject)
    silence(subject)
    endings(subject)
  })
}

function answers({ kind, message: given, startVendor, secrets, never }: Subject): void {
  const cases: [string, VendorAnswer, Outcome['kind'][]][] = [
    ['a message that the vendor takes is sent', 'accept', ['sent', 'delivered']],
    ['a busy vendor is asked again later', 'busy', ['retry']],
    ['a message that the vendor refuses has failed', 'refuse', ['failed']],
    ['an address that is dead is not used again', 'unknown_address', ['gone']],
  ]
  for (const [name, answer, expected] of cases) {
    if (never?.includes(answer)) continue
    void test(name, async () => {
      await using vendor = await started(startVendor)
      await using provider = created(kind, vendor.settings)
      const message = addressed(given, vendor)
      vendor.answerWith(answer, `you said ${secrets.join(' and ')}`)

      const outcome = await provider.send(message, new AbortController().signal)

      assert.ok(expected.includes(outcome.kind), JSON.stringify(outcome))
      for (const secret of secrets) assert.ok(!JSON.stringify(outcome).includes(secret), secret)
    })
  }
}

function silence({ kind, message: given, startVendor, ...subject }: Subject): void {
  void test('a vendor that refuses connections is asked again later', async () => {
    await using provider = created(kind, await subject.unreachable())
    const message = { ...given, address: subject.unreachableAddress ?? given.address }

    const outcome = await provider.send(message, new AbortController().signal)

    assert.equal(outcome.kind, 'retry', JSON.stringify(outcome))
  })

  void test('a message that got no answer may have been taken', async () => {
    await using vendor = await started(startVendor)
    await using provider = created(kind, vendor.settings)
    const message = addressed(given, vendor)
    vendor.answerWith('silence')
    const deadline = new AbortController()

    const sending = provider.send(message, deadline.signal)
    await vendor.waitFor(1)
    deadline.abort(new DOMException('too late', 'TimeoutError'))
    const outcome = await sending

    assert.equal(outcome.kind, 'ambiguous', JSON.stringify(outcome))
    assert.equal(outcome.code, 'timeout')
  })

  void test('a vendor that went silent does not stand in the way of the next message', async () => {
    await using vendor = await started(startVendor)
    await using provider = created(kind, vendor.settings)
    const message = addressed(given, vendor)
    vendor.answerWith('silence')
    const deadline = new AbortController()
    const lost = provider.send(message, deadline.signal)
    await vendor.waitFor(1)
    deadline.abort()
    await lost
    vendor.answerWith('accept')

    const outcome = await provider.send(message, new AbortController().signal)

    assert.match(outcome.kind, /^(sent|delivered)$/)
  })
}

function endings({ kind, message: given, startVendor }: Subject): void {
  void test('a message given up before it began reaches nobody', async () => {
    await using vendor = await started(startVendor)
    await using provider = created(kind, vendor.settings)

    const outcome = await provider.send(addressed(given, vendor), AbortSignal.abort())

    assert.equal(outcome.kind, 'retry', JSON.stringify(outcome))
    assert.equal(vendor.receivedCount(), 0)
  })

  void test('a closed provider leaves no connection behind', async () => {
    await using vendor = await started(startVendor)
    const provider = created(kind, vendor.settings)
    await provider.send(addressed(given, vendor), new AbortController().signal)

    await provider[Symbol.asyncDispose]()

    await vendor.allClosed()
  })
}

function addressed(message: Message, { address }: Vendor): Message {
  return address === undefined ? message : { ...message, address }
}

async function started(start: () => Promise<Vendor>): Promise<Vendor & AsyncDisposable> {
  const vendor = await start()
  return Object.assign(vendor, { [Symbol.asyncDispose]: () => vendor.close() })
}

function created(kind: ProviderKind, settings: Record<string, unknown>) {
  const context = exampleContext()
  const provider = kind.create(settings, context)
  return Object.assign(provider, {
    async [Symbol.asyncDispose](): Promise<void> {
      await provider.close()
      await context.outgoing.close()
    },
  })
}
