// What became of a notification, told as one would tell the person it was for, or whoever asks for them.
import type { Channel } from './channel.ts'
import { dataFailed } from './data-source.ts'
import { localTimes, nameOf, zoneSentence, type LocalTimes } from './person-words.ts'
import { tellWhenSaid, type SaidChange } from './when-said.ts'

export type RetoldDelivery = {
  channel: Channel
  address: string | null // masked
  status: string
  reason: string | null
  because: string | null // the person's wish behind the reason, or behind having waited
  createdAt: Date
  finishedAt: Date | null
  nextAt: Date | null // waiting: when it may begin
  isTooLate: boolean // its time is over then
  attempts: { provider: string; outcome: string | null; code: string | null; startedAt: Date }[]
}

export type Retold = {
  recipient: string
  data: Record<string, unknown>
  timezone: string | null
  type: string | null
  threadKey: string | null
  status: string
  reason: string | null
  because: string | null
  inAppAt: Date | null // when it came to the feed
  createdAt: Date
  readAt: Date | null
  cancelledAt: Date | null
  expiresAt: Date | null
  /** Of its plan, oldest first; the last is where it waits, if it does. */
  decisions: { step: string; decision: string; because: string }[]
  waitsUntil: Date | null
  /** Changes of what the person wants, newest first. */
  changes: SaidChange[]
}

export function retell(notification: Retold, deliveries: RetoldDelivery[], now: Date): string[] {
  const times = localTimes(notification.timezone, now)
  const story: Story = { ...notification, name: nameOf(notification), times }
  const others = deliveries.filter(
    ({ channel, status }) => channel !== 'in_app' || status !== 'delivered',
  )
  const told = [...tellInApp(story), ...others.map((delivery) => tellDelivery(story, delivery))]
  told.push(...tellPlan(story))
  const { inAppAt, waitsUntil } = notification
  if (inAppAt === null && deliveries.length === 0 && waitsUntil === null)
    told.push(tellNothing(story))
  return [...told, ...zoneSentence(times)]
}

type Story = Retold & { name: string; times: LocalTimes }

function tellPlan({ decisions, waitsUntil, times }: Story): string[] {
  return decisions.flatMap(({ step, decision, because }, i) => {
    if (step === 'throttle' && decision !== 'throttled') return []
    if (step === 'if') return [`The condition ${because}.`]
    const isLast = i === decisions.length - 1 && waitsUntil !== null
    const end = isLast ? `, until ${times.tell(waitsUntil).replace(/^(at|on) /, '')}` : ''
    return [`${because.slice(0, 1).toUpperCase()}${because.slice(1)}${end}.`]
  })
}

function tellInApp({ inAppAt, name, times, readAt }: Story): string[] {
  if (inAppAt === null) return []
  const read = readAt === null ? '' : `, and read it ${times.tell(readAt)}`
  return [`${name} got it in the app ${times.tell(inAppAt)}${read}.`]
}

const nouns: Record<Channel, string> = {
  in_app: 'The message in the app',
  email: 'Email',
  sms: 'The SMS',
  push: 'The push message',
  telegram: 'The Telegram message',
  slack: 'The Slack message',
  discord: 'The Discord message',
  teams: 'The Teams message',
  webhook: 'The webhook call',
}

function tellDelivery(story: Story, delivery: RetoldDelivery): string {
  const { times } = story
  const { channel, status, attempts, finishedAt, nextAt } = delivery
  const noun = nouns[channel]
  const to = delivery.address === null ? '' : ` to ${delivery.address}`
  const last = attempts.at(-1)
  const at = () => (finishedAt ? ` ${times.tell(finishedAt)}` : '')
  switch (status) {
    case 'sent':
    case 'delivered': {
      const through = last ? ` through ${last.provider}` : ''
      const tries = attempts.length > 1 ? `, at attempt ${attempts.length}` : ''
      return `${noun} was ${status}${to}${at()}${through}${tries}${tellWait(story, delivery)}.`
    }
    case 'unknown':
      return `It is not known whether ${inSentence(noun)}${to} arrived: ${last?.provider ?? 'the provider'} may have taken it${at()}, but never said so.`
    case 'failed':
      return `${noun}${to} failed${at()}: ${whyFailed(delivery)}.`
    case 'cancelled':
      return `${noun} was not sent: it was cancelled${at()}.`
    case 'skipped':
      return `${noun} was not sent${whySkipped(story, delivery)}.`
    default:
      return tellOpen(story, { ...delivery, nextAt })
  }
}

function tellWait({ name }: Story, { because }: RetoldDelivery): string {
  if (isQuiet(because)) return `, after ${name}'s quiet hours`
  const [, hour] = /^waits for (\S+ in [^\s,]+),/.exec(because ?? '') ?? []
  return hour === undefined ? '' : `, after it had waited for ${hour}`
}

function isQuiet(because: string | null): boolean {
  return because?.startsWith('had quiet hours') ?? false
}

function tellOpen(
  { name, times }: Story,
  { channel, nextAt, isTooLate, because, attempts }: RetoldDelivery,
) {
  const noun = nouns[channel]
  if (nextAt === null) return `${noun} is being sent.`
  const when = times.tell(nextAt)
  if (isTooLate) return `${noun} will not be sent: its time is over ${when}, before it may go out.`
  if (attempts.length > 0)
    return `${noun} has not gone through yet (${countOf(attempts)}); it is tried again ${when}.`
  if (isQuiet(because)) return `${noun} waits for the end of ${name}'s quiet hours, ${when}.`
  if (because?.startsWith('waits for')) return `${noun} ${because}.`
  return `${noun} is to go out ${when}.`
}

function countOf(attempts: unknown[]): string {
  return attempts.length === 1 ? '1 attempt' : `${attempts.length} attempts`
}

function whyFailed({ reason, because, attempts }: RetoldDelivery): string {
  if (reason === dataFailed && because !== null) return because
  if (reason === 'bounced' && attempts.at(-1)?.outcome === 'sent')
    return `${attempts.at(-1)!.provider} took it, and then it came back`
  if (reason === 'no_provider') return 'no provider was configured for it'
  if (reason === 'no_provider_for_device') return 'no provider carries this kind of device'
  const last = attempts.at(-1)
  const said = last?.code ?? reason ?? 'without a reason'
  return last ? `${last.provider} answered ${said}, after ${countOf(attempts)}` : said
}

function whySkipped(story: Story, { channel, reason, because, ...delivery }: RetoldDelivery) {
  const { name, times, expiresAt } = story
  switch (reason) {
    case 'preference_off':
      return `, because ${name} ${tellWish(story, because, { channel, at: delivery.finishedAt })}`
    case 'no_address':
      return `: ${name} had no address for it`
    case 'suppressed':
      return `: ${because ?? 'the address gets nothing more'}`
    case 'unknown_recipient':
      return `: no subscriber had the id ${story.recipient}`
    case 'expired':
      return `: its time was over${expiresAt ? ` ${times.tell(expiresAt)}` : ''}`
    case null:
      return ''
    default:
      return `: ${reason}`
  }
}

function tellWish(
  { changes, type, threadKey, times, createdAt }: Story,
  because: string | null,
  { channel, at }: { channel: Channel | null; at: Date | null },
): string {
  if (because === null) return 'does not want it'
  const asked = { because, channel, type, threadKey, at: at ?? createdAt }
  return `${because}${tellWhenSaid(asked, changes, times.tellDay)}`
}

const whyNothing: Record<string, string> = {
  [dataFailed]: 'a data source that its text needs has failed',
  condition_false: 'no condition of its plan held',
  throttled: 'there had been enough of its kind',
  no_longer_needed: 'what its plan waited for has happened',
  digested: 'it is told together with others, in a digest',
  expired: 'its time was over before it could go on',
  no_channel: 'no channel of it reaches this recipient',
}

function tellNothing(story: Story): string {
  const { name, status, reason, because, recipient, times, cancelledAt } = story
  if (status === 'scheduled' || status === 'processing') return `${name} is still to be told.`
  if (status === 'cancelled')
    return `${name} was not told: it was cancelled${cancelledAt ? ` ${times.tell(cancelledAt)}` : ''}.`
  if (reason === 'unknown_recipient')
    return `Nobody was told: no subscriber had the id ${recipient}.`
  if (reason === 'preference_off')
    return `${name} was not told, because ${name} ${tellWish(story, because, { channel: null, at: null })}.`
  return `${name} was not told${reason === null ? '' : `: ${whyNothing[reason] ?? reason}`}.`
}

function inSentence(noun: string): string {
  return noun.slice(0, 1).toLowerCase() + noun.slice(1)
}
