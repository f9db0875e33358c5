// The one place where errors become answers: RFC 9457 problem documents. Never a stack, SQL, or a
// secret; what nobody expected is logged under the id that the answer carries.
import { STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { Type } from 'typebox'
import { ApiError, errorCodes, type ErrorCode, type FieldError } from '../errors.ts'
import type { Log } from '../log.ts'
import { isUnavailable } from '../sql/unavailable.ts'

export const ProblemBody = Type.Object(
  {
    type: Type.String({ description: 'Where this code is explained.' }),
    title: Type.String(),
    status: Type.Integer(),
    detail: Type.Optional(Type.String({ description: 'What happened, and what to do about it.' })),
    code: Type.Enum(Object.keys(errorCodes) as ErrorCode[], { description: 'Stable.' }),
    errors: Type.Optional(
      Type.Array(
        Type.Object({
          pointer: Type.String({
            description:
              'A JSON Pointer into the body, `?name` of the query, `{name}` of the path, or `ce-name` of a header.',
          }),
          detail: Type.String(),
        }),
      ),
    ),
    request_id: Type.String(),
  },
  { description: 'A problem document (RFC 9457).' },
)

/** Answers an error; `fastify.setErrorHandler` is given this. */
export function createErrorHandler(log: Log) {
  return (error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply => {
    const refusal = toRefusal(error)
    const { status } = errorCodes[refusal.code]
    const { complete, destroyed } = request.raw
    if (destroyed && !complete) log.debug({ requestId: request.id }, 'a caller went away')
    else if (refusal.code === 'internal_error')
      log.error(
        { err: error, requestId: request.id, route: request.routeOptions.url },
        'a request failed',
      )
    else if (status >= 500)
      log.warn({ reason: String(error), requestId: request.id }, 'a request could not be served')

    const { retryAfterSeconds } = refusal.details
    if (retryAfterSeconds !== undefined) reply.header('retry-after', String(retryAfterSeconds))
    if (refusal.code === 'unauthenticated')
      reply.header('www-authenticate', 'Bearer realm="Belfry"')
    return reply
      .code(status)
      .header('x-request-id', request.id)
      .header('content-type', 'application/problem+json')
      .send(JSON.stringify(problemDocument(refusal, request.id)))
  }
}

function problemDocument({ code, details }: ApiError, requestId: string): object {
  const { status, title } = errorCodes[code]
  const { errors, extra } = details
  const detail = details.detail ?? (errors && summary(errors))
  return {
    type: `/docs/errors#${code}`,
    title,
    status,
    ...(detail !== undefined && { detail }),
    code,
    ...(errors !== undefined && { errors }),
    ...extra,
    request_id: requestId,
  }
}

function summary(errors: FieldError[]): string {
  const first = errors
    .slice(0, 3)
    .map(({ pointer, detail }) => `${pointer || 'The body'} ${detail}`)
  const more = errors.length > 3 ? ` And ${errors.length - 3} more.` : ''
  return `${first.join(' ')}${more}`
}

function toRefusal(error: unknown): ApiError {
  if (error instanceof ApiError) return error
  if (isUnavailable(error))
    return new ApiError('unavailable', {
      detail:
        'The database did not answer, so it is not certain whether anything was stored. Try again in ' +
        'a moment; with the same Idempotency-Key that is always safe.',
      retryAfterSeconds: 1,
    })
  const code = error instanceof Error ? (error as Error & { code?: string }).code : undefined
  switch (code) {
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return new ApiError('payload_too_large', {
        detail: 'A body may have 256 kB, and 2 MB where many things are sent at once.',
      })
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return new ApiError('unsupported_media_type', {
        detail: 'Send the body as application/json (UTF-8).',
      })
    case 'FST_ERR_CTP_INVALID_CONTENT_LENGTH':
      return new ApiError('invalid_json', {
        detail: 'The body is not as long as Content-Length says.',
      })
    case 'FST_ERR_BAD_URL':
    case 'FST_ERR_MAX_PARAM_LENGTH':
      return new ApiError('not_found', { detail: 'The path cannot be decoded.' })
    case 'FST_ERR_REOPENED_CLOSE_SERVER':
      return new ApiError('unavailable', {
        detail: 'This server is stopping.',
        retryAfterSeconds: 1,
      })
    case undefined:
    default:
      return new ApiError('internal_error', {
        detail: 'It has been logged. Quote the request_id when you report it.',
      })
  }
}

type Upgrade = { socket: Duplex; requestId: string; headers: Record<string, string> }

/** Answers a request for another protocol that is refused. */
export function refuseUpgrade(
  log: Log,
  error: unknown,
  { socket, requestId, headers }: Upgrade,
): void {
  const refusal = toRefusal(error)
  const { status } = errorCodes[refusal.code]
  if (status >= 500) log.warn({ err: error, requestId }, 'a WebSocket could not be opened')
  const { retryAfterSeconds } = refusal.details
  const more = Object.entries(headers).map(([name, value]) => `${name}: ${value}`)
  if (retryAfterSeconds !== undefined) more.push(`retry-after: ${retryAfterSeconds}`)
  endWith(socket, status, problemDocument(refusal, requestId), more)
}

/** Answers what is not HTTP at all, and requests that never end; they do not reach a route. */
export function answerMalformed(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy()
  const isSlow = error.code === 'ERR_HTTP_REQUEST_TIMEOUT'
  const isLarge = error.code === 'HPE_HEADER_OVERFLOW'
  const [status, title] = isSlow
    ? [408, 'Request Timeout']
    : isLarge
      ? [431, 'Request Header Fields Too Large']
      : [400, 'Bad Request']
  endWith(socket, status, {
    type: 'about:blank',
    title,
    status,
    detail: isSlow
      ? 'The request did not arrive in time.'
      : isLarge
        ? 'The headers and the URL may have 16 kB together.'
        : 'This is not a well-formed HTTP request.',
  })
}

function endWith(socket: Duplex, status: number, problem: object, more: string[] = []): void {
  const body = JSON.stringify(problem)
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    'content-type: application/problem+json',
    `content-length: ${Buffer.byteLength(body)}`,
    'connection: close',
    ...more,
  ]
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`)
}
