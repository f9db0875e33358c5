// One call of the API: the request, its deadline, and trying again.
import { BelfryError } from './belfry-error.ts'
import { newIdempotencyKey } from './idempotency-key.ts'
import { readAnswer } from './answer.ts'
import { urlOf, type PathValues, type QueryValues } from './request-url.ts'
import { isPassing, isRepeatable, retryDelayMs } from './retry.ts'
import { operations, type Operations } from './schema.ts'

export type OperationId = keyof Operations
/** What an operation takes: `path`, `query` and `body`, as far as it has them. */
export type Input<Id extends OperationId> = Omit<Operations[Id], 'answer'>
export type Answer<Id extends OperationId> = Operations[Id]['answer']

export type CallOptions = {
  /** Ends the call, retries included; it then rejects with the reason of the signal. */
  signal?: AbortSignal | undefined
  /** How long the call may take altogether, retries included. */
  timeoutMs?: number | undefined
  /** How many more tries after the first one; 0 for none. */
  maxRetries?: number | undefined
  /**
   * POST only. The same key with the same body, within a day, does the work once. Without one each
   * call has a key of its own, which covers its retries.
   */
  idempotencyKey?: string | undefined
  /** Lets the server answer up to so many seconds later, when there is more to say (`Prefer: wait`). */
  waitSeconds?: number | undefined
}

export type CallSettings = {
  /** Without a slash at its end. */
  url: string
  key: string
  version: string
  fetch: typeof globalThis.fetch
  timeoutMs: number
  /** How long one try may take: a connection that hangs must leave time for the next. */
  attemptTimeoutMs: number
  maxRetries: number
}

export type Call = <Id extends OperationId>(
  id: Id,
  input: Input<Id>,
  options?: CallOptions,
) => Promise<Answer<Id>>

/** Each call rejects with a `BelfryError`, or with the reason of its `signal`. */
export function createCall(settings: CallSettings): Call {
  return async (id, input, options = {}) => {
    const waitMs = (options.waitSeconds ?? 0) * 1_000
    const endsAtMs = performance.now() + waitMs + (options.timeoutMs ?? settings.timeoutMs)
    const maxRetries = options.maxRetries ?? settings.maxRetries
    const request = prepare(settings, id, input, options)
    const { signal } = options

    for (let retry = 1; ; retry++) {
      const leftMs = endsAtMs - performance.now()
      const limitMs = Math.min(leftMs, settings.attemptTimeoutMs + waitMs)
      const answer = await attempt(settings.fetch, request, limitMs, signal)
      // The table and the types of the operations are generated from the same document.
      if (!(answer instanceof BelfryError)) return answer.body as Answer<typeof id>

      if (retry > maxRetries || !request.isRepeatable || !isPassing(answer)) throw answer
      const delayMs = retryDelayMs(retry, answer.retryAfterMs)
      if (performance.now() + delayMs >= endsAtMs) throw answer
      await sleep(delayMs, signal)
    }
  }
}

type PreparedRequest = {
  /** `POST /events`, for messages. */
  name: string
  url: string
  init: RequestInit
  isRepeatable: boolean
  /** Statuses other than success that answer the question as well. */
  alsoAnswers: readonly number[]
}

/** Made once for all tries: a repeated request has the same key and the same bytes. */
function prepare<Id extends OperationId>(
  settings: CallSettings,
  id: Id,
  input: Input<Id>,
  { idempotencyKey, waitSeconds }: CallOptions,
): PreparedRequest {
  const operation: Operation = operations[id]
  const { method, path, alsoAnswers = [] } = operation
  // An input has these at most; which of them, its own type says.
  const { path: values = {}, query = {}, body } = input as AnyInput

  const headers: Record<string, string> = {
    accept: 'application/json',
    authorization: `Bearer ${settings.key}`,
    'belfry-version': settings.version,
  }
  if (method === 'POST') headers['idempotency-key'] = idempotencyKey ?? newIdempotencyKey()
  if (body !== undefined) headers['content-type'] = 'application/json'
  if (waitSeconds !== undefined) headers['prefer'] = `wait=${waitSeconds}`

  return {
    name: `${method} ${path}`,
    url: urlOf(settings.url, path, values, query),
    init: {
      method,
      headers,
      // A redirect would make a GET of a POST, and could take the key elsewhere.
      redirect: 'manual',
      ...(body !== undefined && { body: JSON.stringify(body) }),
    },
    isRepeatable: isRepeatable(method, 'idempotency-key' in headers),
    alsoAnswers,
  }
}

type Operation = { method: string; path: string; alsoAnswers?: readonly number[] }
type AnyInput = { path?: PathValues; query?: QueryValues; body?: unknown }

async function attempt(
  fetch: typeof globalThis.fetch,
  { name, url, init, alsoAnswers }: PreparedRequest,
  limitMs: number,
  signal: AbortSignal | undefined,
): Promise<{ body: unknown } | BelfryError> {
  signal?.throwIfAborted()
  // By hand: AbortSignal.any is missing in older browsers, and holds on to signals that live long.
  const controller = new AbortController()
  const stop = () => controller.abort()
  let isLate = false
  const timer = setTimeout(() => {
    isLate = true
    stop()
  }, limitMs)
  signal?.addEventListener('abort', stop, { once: true })

  try {
    const response = await fetch(url, { ...init, signal: controller.signal })
    return readAnswer(response, await response.text(), { name, alsoAnswers })
  } catch (cause) {
    signal?.throwIfAborted()
    if (isLate) {
      const detail = `There was no answer within ${Math.round(limitMs)} ms.`
      return new BelfryError({ code: 'timeout', request: name, detail, cause })
    }
    const detail = `${new URL(url).origin} gave no answer: ${reasonOf(cause)}`
    return new BelfryError({ code: 'no_answer', request: name, detail, cause })
  } finally {
    clearTimeout(timer)
    signal?.removeEventListener('abort', stop)
  }
}

/** Node's fetch keeps what went wrong (DNS, TLS, refused) in `cause`, at times without a message. */
function reasonOf(error: unknown): string {
  const { message, code, cause } = error as { message?: string; code?: string; cause?: unknown }
  return cause === undefined ? message || code || String(error) : reasonOf(cause)
}

async function sleep(delayMs: number, signal: AbortSignal | undefined): Promise<void> {
  await new Promise<void>((resolve) => {
    const wake = () => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', wake)
      resolve()
    }
    const timer = setTimeout(wake, delayMs)
    signal?.addEventListener('abort', wake)
    if (signal?.aborted) wake()
  })
  signal?.throwIfAborted()
}
