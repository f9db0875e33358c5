// The suite for vendors with an HTTP API: what every provider must do, and what each of the vendor's documented
// answers means. A stand-in listens on a real socket and answers as the vendor's documentation says.
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import {
  conformance,
  exampleContext,
  type Vendor,
  type VendorAnswer,
} from '../src/channels/conformance.ts'
import type { Message, ProviderContext, ProviderKind } from '../src/channels/provider.ts'
import type { Outcome } from '../src/domain/outcome.ts'
import { closedPort, createHttpSink, type HttpReply, type SunkRequest } from './sinks.ts'

export type HttpVendor = {
  kind: ProviderKind
  message: Message
  /** Settings of a provider that talks to the stand-in at `url`. */
  settings: (url: string) => Record<string, unknown>
  /** Whom messages are for, when it is the address that leads to the stand-in. */
  address?: (url: string) => string
  /** Those of the settings that must never be seen in an outcome. */
  secrets: readonly string[]
  /** What it answers when it takes a message, is busy, …; `words`: what a refusal says. Missing: it never does. */
  replies: { accept: () => HttpReply } & {
    [answer in Exclude<VendorAnswer, 'accept' | 'silence'>]?: (words: string) => HttpReply
  }
  /** Requests that are no messages, such as one for a token. Null: it is a message. */
  beside?: (request: SunkRequest) => HttpReply | null
  /** What it may answer, by its documentation, and what that means. */
  answers: readonly [HttpReply, Partial<Outcome>][]
  context?: Partial<ProviderContext>
  isHttp2?: boolean
}

export type Sent = { outcome: Outcome; request: SunkRequest }

/** Runs the suite. For more stories: `send` makes one attempt to which the stand-in answers `reply`. */
export async function httpVendorSuite(vendor: HttpVendor) {
  const { kind, message, settings, address, secrets, replies, answers } = vendor
  const nowhere = `http://127.0.0.1:${await closedPort()}`
  const never = (['busy', 'refuse', 'unknown_address'] as const).filter((said) => !replies[said])
  conformance({
    kind,
    message,
    secrets,
    never,
    startVendor: () => startVendor(vendor),
    unreachable: () => Promise.resolve(settings(nowhere)),
    ...(address && { unreachableAddress: address(nowhere) }),
  })

  const context = exampleContext(vendor.context)
  const stand = await createStand(vendor)
  const provider = kind.create(settings(stand.url), context)
  after(async () => {
    await provider.close()
    await context.outgoing.close()
    await stand.close()
  })
  async function send(reply: HttpReply, given: Partial<Message> = {}): Promise<Sent> {
    stand.reply = () => reply
    const own = address ? { ...message, address: address(stand.url) } : message
    const outcome = await provider.send({ ...own, ...given }, new AbortController().signal)
    return { outcome, request: stand.messages.at(-1)! }
  }
  for (const [reply, expected] of answers)
    test(`${reply.status} ${reply.body ?? ''} is ${Object.values(expected).join(' ')}`, async () => {
      const { outcome } = await send(reply)
      assert.deepEqual(pick(outcome, Object.keys(expected)), expected, JSON.stringify(outcome))
    })
  return { send, provider, stand }
}

async function createStand({ beside = () => null, replies, isHttp2 = false }: HttpVendor) {
  const sink = await createHttpSink({ isHttp2 })
  const stand = {
    url: sink.url,
    messages: [] as SunkRequest[],
    /** All requests, also those that are no messages. */
    requests: sink.requests,
    reply: replies.accept as () => HttpReply | null,
    onMessage: () => {},
    allClosed: sink.allClosed,
    close: sink.close,
  }
  sink.answer = (request) => {
    const other = beside(request)
    if (other) return other
    stand.messages.push(request)
    stand.onMessage()
    return stand.reply()
  }
  return stand
}

async function startVendor(vendor: HttpVendor): Promise<Vendor> {
  const { settings, address, replies } = vendor
  const stand = await createStand(vendor)
  return {
    settings: settings(stand.url),
    ...(address && { address: address(stand.url) }),
    answerWith(answer, words = '') {
      stand.reply = () => (answer === 'silence' ? null : (replies[answer]?.(words) ?? null))
    },
    async waitFor(count) {
      while (stand.messages.length < count)
        await new Promise<void>((resolve) => (stand.onMessage = resolve))
    },
    receivedCount: () => stand.messages.length,
    allClosed: stand.allClosed,
    close: stand.close,
  }
}

function pick(outcome: Outcome, names: string[]): Record<string, unknown> {
  return Object.fromEntries(Object.entries(outcome).filter(([name]) => names.includes(name)))
}

/** A JSON answer. */
export function jsonReply(status: number, body: unknown, headers = {}): HttpReply {
  return {
    status,
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  }
}
