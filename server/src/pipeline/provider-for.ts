// Which of several providers a delivery goes through, and what is said about it.
import { othersOf } from '../breakers.ts'
import type { Context } from '../context.ts'
import { chooseProvider } from '../domain/provider-choice.ts'
import type { ActiveProvider, Carried } from '../providers.ts'
import type { BegunDelivery } from '../sql/queue.ts'

/**
 * For one that begins with the statement that stores it. Null: nobody can take it. False: it has to wait, in the
 * queue like everybody who does.
 */
export function providerAtOnce(ctx: Context, carried: Carried): ActiveProvider | null | false {
  const now = ctx.clock.now()
  const shareOf = (provider: ActiveProvider) => ctx.breakers.shareOf(provider, now)
  const chosen = chooseProvider(ctx.providers.carrying(carried), shareOf, Math.random)
  if (chosen === null) return null
  const isLimited = isPaced(chosen) || ctx.channelControls.of(carried.channel).perSecond !== null
  const isFree = ctx.breakers.phaseOf(chosen, now) === 'closed' && !isLimited
  return isFree ? chosen : false
}

/** Whether it may be given only so much in a time. */
export function isPaced({ pace }: ActiveProvider): boolean {
  return pace.all !== undefined || pace.address !== undefined
}

/** Whether another provider could take at once what this one could not. */
export function hasOther(
  ctx: Context,
  provider: ActiveProvider,
  tried: readonly string[],
  now: Date,
): boolean {
  // Where each address is a server of its own, another provider would ask the same one.
  if (!provider.isJudged) return false
  return othersOf(ctx.providers, provider).some(
    (other) =>
      other.isJudged && !tried.includes(other.id!) && ctx.breakers.shareOf(other, now) === 1,
  )
}

/** Why it goes through this one although another one comes first; null: none does. */
export function whyNotTheFirst(
  ctx: Context,
  { tried, staysUntil }: Pick<BegunDelivery, 'tried' | 'staysUntil'>,
  provider: ActiveProvider,
  now: Date,
): string | null {
  // Nearly always; the rest costs a look at all providers.
  if (ctx.breakers.areAllClosed && tried === null && staysUntil === null) return null
  const others = othersOf(ctx.providers, provider)
  if (others.length === 0) return null
  if (staysUntil && staysUntil > now)
    return `it stays with ${provider.name}, which may have taken an earlier attempt: another one would send it twice`
  const before = others.filter(({ id }) => tried?.includes(id!))
  if (before.length > 0) return `${namesOf(before)} could not take it just before`
  const first = others.filter(
    (other) => other.priority < provider.priority && ctx.breakers.phaseOf(other, now) !== 'closed',
  )
  if (first.length === 0) return null
  return first
    .map((other) => `${other.name} ${standings[ctx.breakers.phaseOf(other, now)]}`)
    .join(', ')
}

const standings = {
  closed: '',
  recovering: 'is just back, and gets more step by step',
  half_open: 'is paused by its breaker, and being tried',
  open: 'is paused by its breaker',
  paused: 'is paused by hand',
} as const

function namesOf(providers: ActiveProvider[]): string {
  return providers.map(({ name }) => name).join(' and ')
}
