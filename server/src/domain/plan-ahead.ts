// What is still to come of a plan, as things stand, if nothing comes in between: every wait runs to its end, and
// nothing else of its kind happens.
import type { Channel } from './channel.ts'
import { tellWindow, windowEnd } from './digest-window.ts'
import {
  advance,
  usuallyShown,
  waitEnd,
  type Awaiting,
  type Program,
  type Stop,
} from './plan-steps.ts'
import { tellAhead, tellUnless } from './plan-words.ts'

/** What a digest would show: how many events, the first of them, and how many more. */
export type Gathered = { count: number; items: unknown[]; more: number }

/** How a person's throttles and digests stand, by their places in the plan; those that do not run are missing. */
export type Standing = {
  throttles: ReadonlyMap<number, { count: number; until: Date }>
  digests: ReadonlyMap<number, { count: number; items: unknown[]; dueAt: Date }>
}

/** `at`: when it is come to; `until`: when it goes on, if it waits. */
export type AheadStep = {
  step: 'wait' | 'digest' | 'throttle' | 'if' | 'send' | 'fallback'
  at: Date
  until: Date | null
  because: string
  channels: Channel[] // of a `send`
  digest: Gathered | null // behind a digest
}

/** `item`: what a digest shows of it. */
export type AheadFrom = { position: number; at: Date; timezone: string; item: unknown }

/** `holds` is the answer to conditions, with what a digest would have gathered by then. */
export function planAhead(
  program: Program,
  from: AheadFrom,
  standing: Standing,
  holds: (condition: string, digest: Gathered | null) => boolean,
): AheadStep[] {
  const steps: AheadStep[] = []
  let { position, at } = from
  let digest: Gathered | null = null
  for (;;) {
    const seen: Gathered | null = digest
    const { channels, notes, stop } = advance(program, position, (condition) =>
      holds(condition, seen),
    )
    const begun = { at, until: null, digest }
    for (const { because } of notes) steps.push({ ...begun, step: 'if', because, channels: [] })
    if (channels.length > 0) steps.push({ ...begun, step: 'send', because: '', channels })
    if (stop === null) return steps
    if (stop.kind === 'await' || stop.kind === 'round') {
      const because = tellAhead(stop)
      if (because !== null)
        steps.push({ step: 'fallback', at, until: null, because, channels: [], digest })
      position = stop.kind === 'round' ? stop.end : stop.position + 1
      continue
    }
    const next = stopAt(stop, { ...from, at }, standing)
    const { until, because } = next
    steps.push({ step: stop.kind, at, until, because, channels: [], digest })
    if (next.isOver) return steps
    digest = next.digest ?? digest
    at = until ?? at
    position = stop.position + 1
  }
}

/** `because` goes on from "it". */
type Stopped = { until: Date | null; because: string; digest?: Gathered; isOver?: true }

function stopAt(stop: Exclude<Stop, Awaiting>, from: AheadFrom, standing: Standing): Stopped {
  switch (stop.kind) {
    case 'wait': {
      const unless = tellUnless(stop.unless)
      const end = unless === '' ? '' : '; if that happens, nothing more is sent'
      return { until: waitEnd(stop, from.at), because: `waits ${stop.for}${unless}${end}` }
    }
    case 'digest':
      return digestAt(stop, from, standing)
    case 'throttle': {
      const { limit, per } = stop.rule
      const running = standing.throttles.get(stop.position)
      if (running && running.until > from.at && running.count >= limit)
        return {
          until: running.until,
          because: `is throttled: only ${limit} per ${per} are let through`,
          isOver: true,
        }
      return { until: null, because: `goes on, being within ${limit} per ${per}` }
    }
  }
}

function digestAt(
  { position, rule }: Extract<Stop, { kind: 'digest' }>,
  { at, timezone, item }: AheadFrom,
  { digests }: Standing,
): Stopped {
  const found = digests.get(position)
  const open = found && found.dueAt > at ? found : null
  const count = (open?.count ?? 0) + 1
  const items = [...(open?.items ?? []), item].slice(0, rule.show ?? usuallyShown)
  const digest = { count, items, more: count - items.length }
  const window = tellWindow(rule.window)
  if (!open && rule.first_now) {
    const because = `goes on at once, as the first; what follows is gathered (${window})`
    return { until: null, because, digest }
  }
  if (!open) {
    const isLength = typeof rule.window === 'string'
    const because = isLength
      ? `is gathered for ${window} with others of its kind`
      : `is gathered with others of its kind (${window})`
    return { until: windowEnd(rule.window, timezone, at), because, digest }
  }
  const others = `${open.count} ${open.count === 1 ? 'other' : 'others'}`
  if (rule.close_at !== undefined && count >= rule.close_at)
    return { until: at, because: `closes the digest with the ${others} that wait in it`, digest }
  return { until: open.dueAt, because: `joins the open digest, with ${others} so far`, digest }
}
