// Idempotency-Key: the same request again gets the first answer again. The answer is stored in the
// transaction that does the work, so it is there exactly if the work is. Only successes are stored.
import { hash } from 'node:crypto'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Context } from '../context.ts'
import { ApiError } from '../errors.ts'
import { storeEvents, type CheckedEvent } from '../pipeline/accept.ts'
import { sqlState, type Db } from '../sql/db.ts'
import {
  findIdempotency,
  insertIdempotency,
  isKeyTaken,
  reclaimIdempotency,
  releaseIdempotency,
  underWay,
  updateIdempotency,
} from '../sql/idempotency.ts'

export type Idempotency = {
  key: string
  fingerprint: Buffer
  /** What is thrown when the key came with something else before. */
  reused?: () => ApiError
}

export type Answer = { status: number; body: unknown }

/** `eventId`: the event that was made, if it was one. */
export type FirstAnswer = Answer & { eventId: string | null }

/**
 * What the header asks for; null without one. The fingerprint covers method, path, workspace and the
 * bytes of the body: who sends a request again must send the same bytes.
 *
 * @throws ApiError `invalid_idempotency_key`.
 */
export function idempotencyOf(request: FastifyRequest): Idempotency | null {
  const key = request.headers['idempotency-key']
  if (key === undefined) return null
  if (typeof key !== 'string' || !/^[\x21-\x7e]{1,255}$/.test(key))
    throw new ApiError('invalid_idempotency_key', {
      detail:
        'Idempotency-Key takes 1 to 255 visible ASCII characters, such as order.shipped/1001.',
    })

  const head = `${request.method} ${pathOf(request)} ${request.workspaceId}\n`
  const body = request.rawBody
  const fingerprint = hash(
    'sha256',
    body ? Buffer.concat([Buffer.from(head), body]) : head,
    'buffer',
  )
  return { key, fingerprint }
}

/** The path without the query and the slash it may end with. */
export function pathOf({ url }: FastifyRequest): string {
  const end = url.indexOf('?')
  const path = end === -1 ? url : url.slice(0, end)
  return path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path
}

export type AnswerOptions = {
  /** The answer shows a secret: it is stored encrypted. */
  isSecret?: boolean
}

/** Does the work in one transaction and answers it; a repeated request gets the stored answer. */
export async function answerOnce(
  ctx: Context,
  request: FastifyRequest,
  reply: FastifyReply,
  work: (tx: Db) => Promise<Answer>,
  options: AnswerOptions = {},
): Promise<FastifyReply> {
  const answer = await workOnce(ctx, request, reply, work, options)
  return reply.code(answer.status).send(answer.body)
}

/** The same for those who have more to say before they answer. */
export async function workOnce(
  ctx: Context,
  request: FastifyRequest,
  reply: FastifyReply,
  work: (tx: Db) => Promise<Answer>,
  { isSecret = false }: AnswerOptions = {},
): Promise<Answer> {
  const idempotency = idempotencyOf(request)
  if (!idempotency) return ctx.db.transaction(work)

  const { workspaceId } = request
  const { key, fingerprint } = idempotency
  const place = `idempotency/${workspaceId}/${key}`
  const answer = await ctx.db.transaction(async (tx) => {
    const isFirst = await claim(tx, { workspaceId, key, fingerprint, status: 200, body: null })
    if (!isFirst) return null
    const done = await work(tx)
    const body = isSecret ? seal(ctx, done.body, place) : done.body
    await updateIdempotency(tx, { workspaceId, key, status: done.status, body })
    return done
  })
  if (answer) return answer

  const first = await findFirstAnswer(ctx.db, workspaceId, idempotency)
  if (!first) throw inProgress() // pruned between the two statements
  reply.header('idempotency-replayed', 'true')
  return isSecret ? { ...first, body: unseal(ctx, first.body, place) } : first
}

// Longer than any of that work takes: until then a key whose process died at it is answered 409.
const longestWorkMs = 10 * 60_000

/**
 * For work that cannot be in one transaction, because it talks to the network or is too large for one: the
 * key is claimed before it, and the answer stored after it. While one request is at it, others with its key
 * are refused; a refusal gives the key back.
 */
export async function answerAfter(
  ctx: Context,
  request: FastifyRequest,
  reply: FastifyReply,
  work: () => Promise<Answer>,
): Promise<FastifyReply> {
  const idempotency = idempotencyOf(request)
  if (!idempotency) {
    const { status, body } = await work()
    return reply.code(status).send(body)
  }
  const { workspaceId } = request
  const { key } = idempotency
  const first = await claimForWork(ctx, workspaceId, idempotency)
  if (first) return reply.code(first.status).header('idempotency-replayed', 'true').send(first.body)
  const answer = await work().catch(async (error: unknown) => {
    await releaseIdempotency(ctx.db, { workspaceId, key })
    throw error
  })
  await updateIdempotency(ctx.db, { workspaceId, key, ...answer })
  return reply.code(answer.status).send(answer.body)
}

/** The first answer; null when this request is the first, which has the key from now on. */
async function claimForWork(
  ctx: Context,
  workspaceId: number,
  { key, fingerprint }: Idempotency,
): Promise<Answer | null> {
  const row = { workspaceId, key, fingerprint, status: underWay, body: null }
  if (await ctx.db.transaction((tx) => claim(tx, row))) return null
  const now = ctx.clock.now()
  const before = new Date(now.getTime() - longestWorkMs)
  const first = await findIdempotency(ctx.db, workspaceId, key)
  if (first && !first.fingerprint.equals(fingerprint)) throw keyReused()
  if (first && first.status !== underWay) return first
  if (await reclaimIdempotency(ctx.db, { workspaceId, key, before, now })) return null
  throw inProgress()
}

/**
 * What the first request with this key was answered. What was accepted once stays so, also
 * when it would be refused by now: its moment may have passed, or its event type changed.
 *
 * @throws `refusal` when there was no first one; ApiError `idempotency_key_reused`.
 */
export async function firstAnswerTo(
  ctx: Context,
  request: FastifyRequest,
  reply: FastifyReply,
  refusal: unknown,
): Promise<Answer> {
  const idempotency = idempotencyOf(request)
  const first = idempotency && (await findFirstAnswer(ctx.db, request.workspaceId, idempotency))
  if (!first) throw refusal
  reply.header('idempotency-replayed', 'true')
  return first
}

/**
 * Stores events together with the answer to remember under a key; the first answer when the key was
 * there before, and then nothing is stored.
 *
 * @throws ApiError `idempotency_key_reused`, `idempotency_in_progress`, `overloaded`.
 */
export async function storeOnce(
  ctx: Context,
  checked: CheckedEvent[],
  { workspaceId, idempotency, answer, bytes }: StoreOnce,
): Promise<FirstAnswer & { isRepeated: boolean }> {
  const eventId = checked.length === 1 ? checked[0]!.event.id : null
  const record = idempotency && {
    workspaceId,
    key: idempotency.key,
    fingerprint: idempotency.fingerprint.toString('hex'),
    eventId,
    ...answer,
  }
  const isStored = await storeEvents(ctx, checked, record, bytes).catch((error: unknown) => {
    throw isKeyTaken(error) ? inProgress() : error
  })
  if (isStored) return { ...answer, eventId, isRepeated: false }
  const first = idempotency && (await findFirstAnswer(ctx.db, workspaceId, idempotency))
  if (!first) throw inProgress() // pruned between the two statements
  return { ...first, isRepeated: true }
}

export type StoreOnce = {
  workspaceId: number
  idempotency: Idempotency | null
  answer: Answer
  bytes: number
}

/**
 * The stored answer of a request with this key; null when there is none.
 *
 * @throws ApiError `idempotency_key_reused` when that was a different request, `idempotency_in_progress`.
 */
export async function findFirstAnswer(
  db: Db,
  workspaceId: number,
  { key, fingerprint, reused = keyReused }: Idempotency,
): Promise<FirstAnswer | null> {
  const first = await findIdempotency(db, workspaceId, key)
  if (first && !first.fingerprint.equals(fingerprint)) throw reused()
  if (first?.status === underWay) throw inProgress()
  return first
}

function keyReused(): ApiError {
  return new ApiError('idempotency_key_reused', {
    detail: 'Use a new Idempotency-Key for a new request, and the same bytes for a repeated one.',
  })
}

async function claim(tx: Db, row: Parameters<typeof insertIdempotency>[1]): Promise<boolean> {
  try {
    return await insertIdempotency(tx, row)
  } catch (error) {
    throw sqlState(error) === '55P03' ? inProgress() : error
  }
}

function inProgress(): ApiError {
  return new ApiError('idempotency_in_progress', { retryAfterSeconds: 1 })
}

function seal(ctx: Context, body: unknown, place: string): string {
  return ctx.secrets.encrypt(JSON.stringify(body), place).toString('base64')
}

function unseal(ctx: Context, sealed: unknown, place: string): unknown {
  return JSON.parse(ctx.secrets.decrypt(Buffer.from(String(sealed), 'base64'), place))
}
