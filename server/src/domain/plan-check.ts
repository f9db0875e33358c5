// What is wrong with a plan, found when it is saved: steps that can never be reached or never matter,
// and what cannot be done twice.
import type { Channel } from './channel.ts'
import { durationMs } from './duration.ts'
import { isByPerson, type SendStep, type Step, type Until } from './plan-steps.ts'

/** `pointer`: a JSON Pointer into the plan. */
export type PlanProblem = { pointer: string; detail: string }

export const mostSteps = 50
const longestWaitMs = 366 * 86_400_000
const longestWindowMs = 31 * 86_400_000

/** What has happened on some way to a step. */
type Way = {
  sent: Set<Channel>
  sinceStop: Set<Channel> // sent since the plan last waited
  hasDigest: boolean
}

export function planProblems(steps: readonly Step[]): PlanProblem[] {
  const problems: PlanProblem[] = []
  const count = countSteps(steps)
  if (count > mostSteps)
    problems.push({ pointer: '', detail: `has ${count} steps; ${mostSteps} are the most.` })
  checkEnds(steps, '', false, problems)
  walk(steps, '', { sent: new Set(), sinceStop: new Set(), hasDigest: false }, problems)
  return problems
}

function countSteps(steps: readonly Step[]): number {
  return steps.reduce(
    (sum, step) =>
      sum + 1 + ('if' in step ? countSteps(step.then) + countSteps(step.else ?? []) : 0),
    0,
  )
}

function sends(steps: readonly Step[]): boolean {
  return steps.some((step) =>
    'if' in step ? sends(step.then) || sends(step.else ?? []) : 'send' in step,
  )
}

/** A step that only leads to the end of the plan does nothing. */
function checkEnds(
  steps: readonly Step[],
  above: string,
  isMoreAfter: boolean,
  problems: PlanProblem[],
): void {
  for (const [i, step] of steps.entries()) {
    const pointer = `${above}/${i}`
    const isSentAfter = isMoreAfter || sends(steps.slice(i + 1))
    if ('if' in step) {
      checkEnds(step.then, `${pointer}/then`, isSentAfter, problems)
      checkEnds(step.else ?? [], `${pointer}/else`, isSentAfter, problems)
    } else if (!('send' in step) && !isSentAfter)
      problems.push({ pointer, detail: 'does nothing: no step after it sends anything.' })
  }
}

function walk(steps: readonly Step[], above: string, way: Way, problems: PlanProblem[]): void {
  for (const [i, step] of steps.entries()) {
    const pointer = `${above}/${i}`
    if ('send' in step) {
      checkSend(step.send, `${pointer}/send`, way, problems)
      if (step.fallback || step.until || step.within) checkFallback(step, pointer, way, problems)
    } else if ('if' in step) walkBranches(step, pointer, way, problems)
    else {
      if ('wait' in step) checkWait(step.wait, pointer, way, problems)
      else if ('digest' in step) checkDigest(step.digest, pointer, way, problems)
      else checkLength(step.throttle.per, `${pointer}/throttle/per`, longestWindowMs, problems)
      way.sinceStop.clear()
    }
  }
}

function walkBranches(
  step: Extract<Step, { if: string }>,
  pointer: string,
  way: Way,
  problems: PlanProblem[],
): void {
  const condition = step.if.trim()
  if (condition === 'true' || condition === 'false') {
    const never = condition === 'true' ? 'else' : 'then'
    if (never === 'then' || step.else)
      problems.push({ pointer: `${pointer}/${never}`, detail: 'can never be reached.' })
  }
  const ways = [step.then, step.else ?? []].map((branch, i) => {
    const own: Way = { ...way, sent: new Set(way.sent), sinceStop: new Set(way.sinceStop) }
    walk(branch, `${pointer}/${i === 0 ? 'then' : 'else'}`, own, problems)
    return own
  })
  way.sent = ways[0]!.sent.union(ways[1]!.sent)
  way.sinceStop = ways[0]!.sinceStop.union(ways[1]!.sinceStop)
  way.hasDigest = ways.some(({ hasDigest }) => hasDigest)
}

function checkSend(
  channels: Channel[],
  above: string,
  { sent, sinceStop }: Way,
  problems: PlanProblem[],
): void {
  for (const [i, channel] of channels.entries()) {
    const pointer = `${above}/${i}`
    if (channel === 'in_app' && sent.has(channel))
      problems.push({ pointer, detail: 'is in the feed already, where it is one item.' })
    else if (sinceStop.has(channel))
      problems.push({ pointer, detail: `sends on ${channel} again with nothing in between.` })
  }
  for (const channel of channels) {
    sent.add(channel)
    sinceStop.add(channel)
  }
}

function checkFallback(
  { send, fallback = [], until = 'sent', within }: SendStep,
  pointer: string,
  way: Way,
  problems: PlanProblem[],
): void {
  const add = (word: string, detail: string) =>
    problems.push({ pointer: `${pointer}/${word}`, detail })
  for (const [i, channel] of fallback.entries()) {
    if (send.includes(channel))
      add(`fallback/${i}`, `${channel} is tried before: it is in \`send\`.`)
    else if (channel === 'in_app' && way.sent.has(channel))
      add(`fallback/${i}`, 'is in the feed already, where it is one item.')
    way.sent.add(channel)
  }
  const isEmpty = fallback.length === 0
  if (isEmpty && until !== 'acknowledged')
    add(
      within === undefined ? 'until' : 'within',
      'goes with `fallback`: without it nothing follows.',
    )
  if (until !== 'sent' && within === undefined)
    add('until', `needs \`within\`: how long to wait for it to be ${until}.`)
  if (isInAppOnly(until) && !way.sent.has('in_app'))
    add('until', `cannot happen: only what was sent in_app can be ${until}.`)
  if (within !== undefined) checkLength(within, `${pointer}/within`, longestWaitMs, problems)
  way.sinceStop.clear()
}

/** An answer comes by a link from any channel, too. */
function isInAppOnly(until: Until): boolean {
  return isByPerson.has(until) && until !== 'acknowledged'
}

function checkWait(
  { for: length, unless }: Extract<Step, { wait: unknown }>['wait'],
  pointer: string,
  { sent }: Way,
  problems: PlanProblem[],
): void {
  checkLength(length, `${pointer}/wait/for`, longestWaitMs, problems)
  if (typeof unless === 'string' && isInAppOnly(unless) && !sent.has('in_app'))
    problems.push({
      pointer: `${pointer}/wait/unless`,
      detail: `cannot happen: only what was sent in_app before can be ${unless}.`,
    })
}

function checkDigest(
  { window }: Extract<Step, { digest: unknown }>['digest'],
  pointer: string,
  way: Way,
  problems: PlanProblem[],
): void {
  if (way.hasDigest)
    problems.push({ pointer, detail: 'gathers again what was gathered; one digest is the most.' })
  way.hasDigest = true
  if (typeof window === 'string')
    return checkLength(window, `${pointer}/digest/window`, longestWindowMs, problems)
  const { every, at, on } = window
  const place = `${pointer}/digest/window`
  if (every === 'hour' && at !== undefined)
    problems.push({ pointer: `${place}/at`, detail: 'goes with every day or week.' })
  if (every !== 'week' && on !== undefined)
    problems.push({ pointer: `${place}/on`, detail: 'goes with every week.' })
}

function checkLength(
  length: string,
  pointer: string,
  longestMs: number,
  problems: PlanProblem[],
): void {
  if (durationMs(length) > longestMs)
    problems.push({ pointer, detail: `may be at most ${longestMs / 86_400_000}d.` })
}
