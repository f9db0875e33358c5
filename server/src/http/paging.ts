// Pages of lists: `limit`, `cursor`, `next_cursor`. A cursor is signed and bound to the workspace,
// the path and the filters it was made for: it cannot be forged, nor used elsewhere.
import type { FastifyRequest } from 'fastify'
import { type TSchema, Type } from 'typebox'
import type { Context } from '../context.ts'
import { ApiError } from '../errors.ts'
import { pathOf } from './idempotency.ts'

export const pageQuery = {
  limit: Type.Integer({
    minimum: 1,
    maximum: 1_000,
    default: 100,
    description: 'Most items to answer.',
  }),
  cursor: Type.Optional(
    Type.String({ maxLength: 4_000, description: '`next_cursor` of the page before.' }),
  ),
  offset: Type.Integer({ minimum: 0, maximum: 10_000, default: 0, description: 'Items to skip.' }),
}

/** The body of a page, for the schema of a route. */
export function PageBody<Item extends TSchema>(name: string, item: Item) {
  return Type.Object({
    [name]: Type.Array(item),
    count: Type.Integer({
      description: 'Items on this page: fewer than `limit` where they are large.',
    }),
    next_cursor: Type.Union([Type.String(), Type.Null()], {
      description: 'Asks for the next page; null on the last one.',
    }),
  })
}

type PagedRequest = FastifyRequest & { query: { limit: number; cursor?: string; offset: number } }

export type PageStart = {
  /** Where the page before ended: what `position` said of its last row. */
  after: string | null
  offset: number
  /** One more than asked for: whether it comes tells whether there is a next page. */
  limit: number
}

/** @throws ApiError `invalid_cursor` */
export function readPage(ctx: Context, request: FastifyRequest): PageStart {
  const { limit, offset, cursor } = (request as PagedRequest).query
  return {
    limit: limit + 1,
    offset,
    after: cursor === undefined ? null : openCursor(ctx, request, cursor),
  }
}

/** Rows of lists whose texts may be large: the page ends before the first that would be too much. */
type Weighed = { isTooMuch?: boolean }

export type PageOptions<Row> = {
  name: string
  /** Up to `limit` of `readPage`, in order. */
  rows: Row[]
  /** Where a row stands in that order; comes back as `after`. */
  position: (row: Row) => string
  show: (row: Row) => unknown
}

export function showPage<Row>(
  ctx: Context,
  request: FastifyRequest,
  { name, rows, position, show }: PageOptions<Row>,
): Record<string, unknown> {
  const { limit } = (request as PagedRequest).query
  const heavy = rows.findIndex((row) => (row as Weighed).isTooMuch === true)
  const shown = rows.slice(0, heavy === -1 ? limit : Math.min(heavy, limit))
  const last = shown.at(-1)
  const hasMore = rows.length > shown.length && last !== undefined
  return {
    [name]: shown.map(show),
    count: shown.length,
    next_cursor: hasMore ? sealCursor(ctx, request, position(last)) : null,
  }
}

export function sealCursor(ctx: Context, request: FastifyRequest, position: string): string {
  const text = Buffer.from(position).toString('base64url')
  return `${text}.${ctx.secrets.sign(text, purposeOf(request))}`
}

/** What `sealCursor` was given. @throws ApiError `invalid_cursor` */
export function openCursor(ctx: Context, request: FastifyRequest, cursor: string): string {
  const [text = '', signature = '', ...rest] = cursor.split('.')
  if (rest.length > 0 || !ctx.secrets.isSigned(text, purposeOf(request), signature))
    throw new ApiError('invalid_cursor', {
      detail: 'Send next_cursor as it came, with the same path and filters, or start without one.',
    })
  return Buffer.from(text, 'base64url').toString('utf8')
}

function purposeOf(request: FastifyRequest): string {
  const {
    limit: _limit,
    cursor: _cursor,
    offset: _offset,
    ...filters
  } = (request as PagedRequest).query
  const sorted = Object.entries(filters).sort(([a], [b]) => (a < b ? -1 : 1))
  return JSON.stringify(['cursor', request.workspaceId, pathOf(request), sorted])
}
