// What went wrong with a call, in the words of the server where it said any.
import type { ErrorCode } from './schema.ts'

/**
 * `code` of an error: one that the server answered, or
 * - `no_answer`: the connection failed, so it is not known whether the server did the work;
 * - `timeout`: there was no answer in time, so it is not known either;
 * - `unexpected_answer`: what answered does not speak as Belfry does (a proxy, another program).
 *
 * A newer server may have codes that this client does not know yet.
 */
export type BelfryErrorCode =
  ErrorCode | 'no_answer' | 'timeout' | 'unexpected_answer' | (string & {})

/** A field that was refused: a JSON Pointer into the body, `?name` of the query, `{name}` of the path. */
export type FieldError = { pointer: string; detail: string }

export type BelfryErrorFacts = {
  code: BelfryErrorCode
  /** What was asked for: `POST /events`. */
  request: string
  status?: number | null
  detail?: string | null
  errors?: FieldError[]
  requestId?: string | null
  retryAfterMs?: number | null
  problem?: Record<string, unknown> | null
  cause?: unknown
}

export class BelfryError extends Error {
  override readonly name = 'BelfryError'
  /** Stable: made to be switched over. */
  readonly code: BelfryErrorCode
  /** The HTTP status; null when there was no answer. */
  readonly status: number | null
  /** What happened and what to do about it, for people. */
  readonly detail: string
  readonly errors: readonly FieldError[]
  /** Quote it when you report a problem: the server's log has it. */
  readonly requestId: string | null
  /** How long the server asked to wait before the next try. */
  readonly retryAfterMs: number | null
  /** The whole problem document (RFC 9457), with members that only some errors have. */
  readonly problem: Record<string, unknown> | null

  constructor(facts: BelfryErrorFacts) {
    const { code, request, errors = [], requestId = null, cause } = facts
    const fields = errors.map(({ pointer, detail }) => `${pointer || 'The body'} ${detail}`.trim())
    const detail = facts.detail ?? fields.join(' ')
    const place = requestId === null ? code : `${code}, request ${requestId}`
    super(`${request}: ${detail || 'failed'} [${place}]`, cause === undefined ? {} : { cause })
    this.code = code
    this.status = facts.status ?? null
    this.detail = detail
    this.errors = errors
    this.requestId = requestId
    this.retryAfterMs = facts.retryAfterMs ?? null
    this.problem = facts.problem ?? null
  }
}
