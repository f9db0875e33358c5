// What would become of an event for one person, channel by channel, and the same in plain sentences.
import type { Channel } from './channel.ts'
import type { Content } from './content.ts'
import type { AheadStep } from './plan-ahead.ts'
import type { Person, Plan, PlannedDelivery } from './plan.ts'
import type { Rule, Wishes } from './preferences.ts'
import { channelPhrase, localTimes, nameOf, zoneSentence } from './person-words.ts'
import { reasonsOf, tellReasons } from './reason.ts'

/** `rule`: what decided. In-app is `delivered`, since it needs no provider. */
export type Outlook = {
  channel: Channel
  address: string | null // masked
  status: 'delivered' | PlannedDelivery['status']
  reason: string | null
  rule: Rule | 'quiet_hours' | 'scheduled_time' | 'no_address' | 'suppressed' | null
  because: string | null // goes on from the person's name, but for `suppressed`, and for what failed
  at: Date | null // when it may begin; null: never
  provider: { name: string; kind: string } | null
  content: Content | null
}

export type Prospect = {
  person: Person
  plan: Pick<Plan, 'status' | 'reason' | 'because'>
  outlooks: Outlook[]
  /** Of a plan: what was decided at its beginning, and what is still to come. */
  steps: ProspectStep[]
}

export type ProspectStep = Pick<AheadStep, 'step' | 'at' | 'until' | 'because'> & {
  outlooks: Outlook[] // of what it sends
}

/** What all prospects of an event have in common. */
export type Beginning = { now: Date; expiresAt: Date | null }

/** The rule behind a planned delivery. */
export function ruleOf(
  { channel, reason }: Pick<PlannedDelivery, 'channel' | 'reason'>,
  wishes: Wishes | null,
  isLater: boolean,
): Outlook['rule'] {
  if (reason === 'preference_off') return wishes?.on(channel).rule ?? null
  if (reason === 'quiet_hours' || reason === 'no_address' || reason === 'suppressed') return reason
  if (isLater) return 'scheduled_time'
  return wishes?.on(channel).rule ?? null
}

export function tellProspect(
  { person, plan, outlooks, steps }: Prospect,
  beginning: Beginning,
): string[] {
  const name = nameOf(person)
  const because = person.isSubscriber
    ? tellReasons(reasonsOf(person.via))
    : 'the address was given directly'
  if (plan.reason === 'unknown_recipient')
    return [`Nobody would be told: no subscriber has the id ${person.recipient} (${because}).`]
  if (outlooks.length === 0 && plan.status === 'skipped') {
    const why = plan.because === undefined ? '' : `: ${name} ${plan.because}`
    return [`${name} would not be told${why}.`, `Who it is for: ${name} (${because}).`]
  }
  const times = localTimes(person.timezone, beginning.now)
  const told = outlooks.map((outlook) => tellOutlook(name, outlook, beginning, times.tell))
  for (const step of steps) told.push(...tellStep(name, step, beginning, times.tell))
  return [`It is for ${name}: ${because}.`, ...told, ...zoneSentence(times)]
}

function tellStep(
  name: string,
  { step, at, until, because, outlooks }: ProspectStep,
  beginning: Beginning,
  tellTime: (at: Date) => string,
): string[] {
  if (step === 'send')
    return outlooks.map((outlook) => tellOutlook(name, outlook, beginning, tellTime))
  if (step === 'if') return [`The condition ${because}.`]
  const waits = until !== null && until > at
  const end = waits ? `, until ${tellTime(until).replace(/^(at|on) /, '')}` : ''
  // Before what follows if something happens in the meantime.
  return [`Then it ${because.replace(/;|$/, (mark) => `${end}${mark}`)}.`]
}

function tellOutlook(
  name: string,
  { channel, address, status, reason, because, at, provider }: Outlook,
  { now, expiresAt }: Beginning,
  tellTime: (at: Date) => string,
): string {
  const how = channelPhrase(channel)
  if (reason === 'no_address') return `Not ${how}: ${name} has no address for it.`
  if (reason === 'suppressed') return `Not ${how}: ${because}.`
  if (status === 'failed') return `Not ${how}: ${because ?? reason}.`
  if (status === 'skipped' || at === null)
    return `Not ${how}: ${because === null ? reason : `${name} ${because}`}.`
  const where = address === null ? how : `${how} to ${address}`
  const when = at > now ? tellTime(at) : 'at once'
  if (expiresAt !== null && expiresAt <= at)
    return `Not ${how}: it could go out ${when}, but it expires ${tellTime(expiresAt)}.`
  const isHeld = reason === 'quiet_hours' && because !== null
  const isOwn = isHeld && because.startsWith('had quiet hours')
  const held = isOwn ? `, when ${name}'s quiet hours end` : ''
  const hours = isHeld && !isOwn ? ` It ${because}.` : ''
  if (channel !== 'in_app' && provider === null)
    return `${capitalized(where)} it would fail: no provider is configured for ${channel}.`
  const through = provider === null ? '' : `, through ${provider.name}`
  return `${capitalized(where)} ${when}${held}${through}.${hours}`
}

function capitalized(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1)
}
