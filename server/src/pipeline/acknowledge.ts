// An answer: what waits of it is stopped with it, and what others are still asked, too, if one answer is enough.
// After it was given nothing of all this begins, except what had begun.
import type { Context } from '../context.ts'
import { asksAboutDigest, asksForAnswer, type AnswerWay } from '../domain/asking.ts'
import type { Program } from '../domain/plan-steps.ts'
import type { Status } from '../domain/status.ts'
import {
  acknowledgeNotification,
  findAnswerable,
  holdPlanRun,
  hurryPlanRun,
  type Answerable,
} from '../sql/acknowledge.ts'
import { answerAsk, findAsk } from '../sql/asks.ts'
import { cancelDeliveries } from '../sql/cancel-deliveries.ts'
import { insertChanges } from '../sql/changes.ts'
import type { Db } from '../sql/db.ts'
import { listSharedDigests } from '../sql/digests.ts'
import { holdSent, withdrawSent } from '../sql/plan-awaits.ts'
import { nudgePlanRuns } from '../sql/plan-wakes.ts'
import { planOf } from './plan-of.ts'
import { stopAsked, stopLeaseMs } from './stop-asked.ts'

/** The notification, or the event and the person it is for. */
export type Answered = { id: string } | { eventId: string; recipient: string }

export type Acknowledging = {
  workspaceId: number
  of: Answered
  via: AnswerWay
  /** Who answered, in words; null: the person it is for. */
  by: string | null
}

export type GivenAnswer = {
  notificationId: string // the answered one: somebody else's if they were first
  recipient: string | null // null: they are no more
  isSubscriber: boolean
  at: Date
  via: AnswerWay | null
  by: string | null
}

/** Why there is nothing to answer any more. */
export type TooLate = 'cancelled' | 'superseded' | 'expired' | 'skipped'

export type Acknowledged =
  | { kind: 'answered'; isFirst: boolean; answer: GivenAnswer; about: Answerable }
  | { kind: 'too_late'; why: TooLate; status: Status; about: Answerable }
  | { kind: 'open'; about: Answerable }

/** Links are opened long after; what is asked about is not. */
const longestMs = 30 * 86_400_000

/** How it stands with an answer. Changes nothing. Null: there is no such notification. */
export async function lookAtAnswer(
  ctx: Context,
  workspaceId: number,
  of: Answered,
): Promise<Acknowledged | null> {
  const now = ctx.in(workspaceId).clock.now()
  const about = await findAnswerable(ctx.db, workspaceId, of, now)
  if (!about) return null
  const answer = await givenAnswer(ctx, workspaceId, about)
  if (answer) return { kind: 'answered', isFirst: false, answer, about }
  const why = whyTooLate(about, now)
  return why ? { kind: 'too_late', why, status: about.status, about } : { kind: 'open', about }
}

async function givenAnswer(
  ctx: Context,
  workspaceId: number,
  about: Answerable,
): Promise<GivenAnswer | null> {
  const ask = await findAsk(ctx.db, { workspaceId, eventId: about.eventId })
  if (ask?.answeredAt) {
    const { notificationId, recipient, isSubscriber, via, by } = ask
    const who = { recipient, isSubscriber: isSubscriber ?? true, via, by }
    return { notificationId: notificationId!, at: ask.answeredAt, ...who }
  }
  if (about.acknowledgedAt === null) return null
  const { id: notificationId, recipient, isSubscriber, via, by, acknowledgedAt: at } = about
  return { notificationId, recipient, isSubscriber, via, by, at }
}

function whyTooLate(about: Answerable, now: Date): TooLate | null {
  if (about.isSuperseded) return 'superseded'
  if (about.isCancelled || about.status === 'cancelled') return 'cancelled'
  const { status, createdAt, beginsAt } = about
  const age = now.getTime() - (beginsAt ?? createdAt).getTime()
  const isUnderWay = status === 'scheduled' || status === 'processing'
  if (about.isExpired || (age > longestMs && !isUnderWay)) return 'expired'
  return status === 'skipped' ? 'skipped' : null
}

/** The first answer stands: later ones are told of it. Null: there is no such notification. */
export async function acknowledge(
  ctx: Context,
  { workspaceId, of, via, by }: Acknowledging,
): Promise<Acknowledged | null> {
  const looked = await lookAtAnswer(ctx, workspaceId, of)
  if (!looked) return null
  const { about } = looked
  if (looked.kind === 'answered') {
    await stopAsked(ctx, workspaceId, about.eventId) // whoever took the answer may still be at it
    return looked
  }
  // What is in a feed has actions that can be taken, whatever became of the rest.
  if (looked.kind === 'too_late' && via !== 'inbox') return looked
  const isFirst = await take(ctx, { workspaceId, about, via, by })
  await stopAsked(ctx, workspaceId, about.eventId)
  if (isFirst) ctx.metrics.answers.inc({ via })
  ctx.in(workspaceId).signals.ring('belfry_plans')
  ctx.waits.tell()
  ctx.streams.tell()
  ctx.interest.tell()
  const after = await lookAtAnswer(ctx, workspaceId, { id: about.id })
  return after?.kind === 'answered' ? { ...after, isFirst } : after
}

class SomebodyWasFirst extends Error {}

type Taking = {
  workspaceId: number
  about: Answerable
  via: AnswerWay
  by: string | null
}

/** False when somebody was first; then nothing of it is stored. */
async function take(ctx: Context, taking: Taking): Promise<boolean> {
  const program = await programOf(ctx, taking)
  try {
    await ctx.db.transaction((tx) => store(ctx, tx, taking, program))
    return true
  } catch (error) {
    if (error instanceof SomebodyWasFirst) return false
    throw error
  }
}

async function programOf(ctx: Context, { workspaceId, about }: Taking): Promise<Program> {
  const { type, typeVersion, message } = about
  const found =
    type !== null && typeVersion !== null
      ? await ctx.configuration.eventTypeVersion(workspaceId, type, typeVersion)
      : null
  return planOf(found, message)?.program ?? []
}

/** The caller holds its plan, so no digest of it is just being closed. */
async function isEnding(tx: Db, { workspaceId, about }: Taking, program: Program) {
  if (!asksForAnswer(program) || asksAboutDigest(program)) return asksForAnswer(program)
  return (await listSharedDigests(tx, workspaceId, [about.id])).size === 0
}

const lastStep = 32_767

/** The order of its locks: plans, deliveries, notifications, the ask. */
async function store(ctx: Context, tx: Db, taking: Taking, program: Program): Promise<void> {
  const { workspaceId, about, via, by } = taking
  const { id, eventId, recipient } = about
  const own = ctx.in(workspaceId)
  const hasRun = await holdPlanRun(tx, workspaceId, id)
  const endsPlan = await isEnding(tx, taking, program)
  const all = { workspaceId, notificationId: id, from: 0, to: lastStep, isLate: false }
  if (endsPlan) await holdSent(tx, [all])
  const now = own.clock.now()
  const done = await acknowledgeNotification(tx, { workspaceId, id, via, by, now })
  if (!done) throw new SomebodyWasFirst()
  if (endsPlan && hasRun) {
    await withdrawSent(tx, [all], { now, worker: ctx.worker })
    await hurryPlanRun(tx, { workspaceId, id, now })
  } else if (endsPlan)
    await cancelDeliveries(tx, { workspaceId, notificationIds: [id], reason: 'answered', now })
  else await nudgePlanRuns(tx, { items: [{ workspaceId, id }], now })
  const change = { workspaceId, what: 'updated' as const, eventId: null }
  if (done.isInFeed)
    await insertChanges(tx, [{ ...change, notificationIds: [id], recipients: [recipient] }])
  const leaseUntil = new Date(now.getTime() + stopLeaseMs)
  const answer = { workspaceId, eventId, notificationId: id, now, leaseUntil }
  if ((await answerAsk(tx, answer)) === false) throw new SomebodyWasFirst()
}
