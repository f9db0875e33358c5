// The sandbox carries every channel without sending anything: messages are kept where the dashboard
// and tests can see them.
import { setTimeout as sleep } from 'node:timers/promises'
import { Type } from 'typebox'
import { carriedChannels } from '../../domain/channel.ts'
import type { Outcome } from '../../domain/outcome.ts'
import type { Message, Provider, ProviderContext, ProviderKind } from '../provider.ts'

const slowMs = 2_000

/**
 * Takes everything, but for recipients reserved to try out what goes wrong. The word is the local part
 * of an address below `belfry.test`, or the whole address; telephones have numbers for it.
 *
 * | word    | number       | what happens                                   |
 * |---------|--------------|------------------------------------------------|
 * | bounced | +12025550101 | nobody is there, now or ever (`gone`)          |
 * | failed  | +12025550102 | the message is refused for good (`failed`)     |
 * | flaky   | +12025550103 | the first attempt is turned away, then taken   |
 * | slow    | +12025550104 | taken after two seconds                        |
 * | lost    | +12025550105 | taken perhaps: no answer comes (`ambiguous`)   |
 *
 * Webhooks: `https://bounced.belfry.test/…`. E-mail: also with a tag, `flaky+7@belfry.test`.
 */
export const sandbox: ProviderKind = {
  kind: 'sandbox',
  channels: carriedChannels,
  title: 'Sandbox',
  settings: Type.Object({}, { additionalProperties: false }),
  secrets: [],
  budgetMs: 10_000,
  create: createSandboxProvider,
}

function createSandboxProvider(
  _settings: Record<string, unknown>,
  { capture }: ProviderContext,
): Provider {
  return {
    async send(message, signal) {
      const word = reservedWord(message)
      if (word === 'slow') {
        const isAborted = await sleep(slowMs, false, { signal }).catch(() => true)
        if (isAborted) return { kind: 'retry', code: 'timeout', detail: 'given up while waiting' }
      }
      const refusal = refusalFor(word, message.attempt)
      if (refusal) return refusal
      await capture(message)
      return { kind: 'delivered', code: 'captured' }
    },
    async close() {},
  }
}

function refusalFor(word: string, attempt: number): Outcome | null {
  switch (word) {
    case 'bounced':
      return { kind: 'gone', code: 'bounced', detail: 'this recipient always bounces' }
    case 'failed':
      return { kind: 'failed', code: 'refused', detail: 'this recipient refuses everything' }
    case 'flaky':
      if (attempt > 1) return null
      return { kind: 'retry', code: 'busy', detail: 'this recipient takes the second attempt' }
    case 'lost':
      return { kind: 'ambiguous', code: 'timeout', detail: 'this recipient never answers' }
    default:
      return null
  }
}

const wordOfNumber: Record<string, string> = {
  '+12025550101': 'bounced',
  '+12025550102': 'failed',
  '+12025550103': 'flaky',
  '+12025550104': 'slow',
  '+12025550105': 'lost',
}

/** The reserved word in an address; something else, or nothing, for everybody else. */
function reservedWord({ channel, address }: Message): string {
  switch (channel) {
    case 'sms':
      return wordOfNumber[address] ?? ''
    case 'email':
      return (
        /^([a-z]+)(?:\+[^@]*)?@(?:[a-z0-9-]+\.)*belfry\.test$/i.exec(address)?.[1]?.toLowerCase() ??
        ''
      )
    case 'webhook':
      return /^([a-z]+)\.belfry\.test$/.exec(URL.parse(address)?.hostname ?? '')?.[1] ?? ''
    case 'push':
    case 'telegram':
    case 'slack':
    case 'discord':
    case 'teams':
      return address
  }
}
