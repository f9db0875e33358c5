// From an HTTP response to what the server said: a body, or an error with its code.
import { BelfryError, type FieldError } from './belfry-error.ts'
import { parseRetryAfter } from './retry.ts'

const texts: ReadonlySet<string> = new Set(['text/plain', 'application/x-ndjson'])

export type Asked = {
  /** `POST /events`, for messages. */
  name: string
  /** Statuses other than success that answer the question as well. */
  alsoAnswers: readonly number[]
}

/** An empty body is `undefined`, and one that is not JSON is a text. */
export function readAnswer(
  response: Response,
  text: string,
  { name, alsoAnswers }: Asked,
): { body: unknown } | BelfryError {
  const { ok, status, headers } = response
  const mediaType = (headers.get('content-type') ?? '').split(';')[0]?.trim() ?? ''
  const isJson = /^application\/(.+\+)?json$/.test(mediaType)
  const json = isJson ? parse(text) : undefined
  const retryAfterMs = parseRetryAfter(headers.get('retry-after'), Date.now())
  const requestId = headers.get('x-request-id')
  const facts = { request: name, status, retryAfterMs, requestId }

  if (ok && text === '') return { body: undefined }
  if (ok && texts.has(mediaType)) return { body: text }
  if (json && (ok || (alsoAnswers.includes(status) && mediaType === 'application/json')))
    return { body: json.value }
  if (!ok && json && isProblem(json.value)) {
    const { code, detail, title, errors, request_id: id } = json.value
    return new BelfryError({
      ...facts,
      code,
      detail: detail ?? (errors?.length ? null : (title ?? null)),
      errors: errors ?? [],
      requestId: id ?? requestId,
      problem: json.value,
    })
  }
  return new BelfryError({ ...facts, code: 'unexpected_answer', detail: describe(response) })
}

function describe({ status, type, headers }: Response): string {
  const location = headers.get('location')
  if (type === 'opaqueredirect' || location !== null)
    return `A redirect${location === null ? '' : ` to ${location}`}, which is not followed: use the final address as url.`
  return `HTTP ${status}, and not as Belfry answers: something else is at this address, or in between.`
}

type Problem = Record<string, unknown> & {
  code: string
  title?: string
  detail?: string
  errors?: FieldError[]
  request_id?: string
}

function isProblem(value: unknown): value is Problem {
  return (value as { code?: unknown } | null)?.code !== undefined
}

function parse(text: string): { value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) as unknown }
  } catch {
    return undefined // cut off on its way, or never JSON: `unexpected_answer` says so
  }
}
