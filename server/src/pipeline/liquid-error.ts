// What went wrong in a text, in words for its author: the line and column, what it is, and the nearest
// word that exists.
import { didYouMean } from '../domain/nearest.ts'

export type Place = { line: number; column: number; partial?: string }

/** `isLimit`: it would take too long or too much, whatever the values. */
export class TextError extends Error {
  readonly isLimit: boolean
  readonly place: Place | null

  constructor(reason: string, isLimit = false, place: Place | null = null) {
    super(place ? `${placed(place)}: ${reason}` : reason)
    this.isLimit = isLimit
    this.place = place
  }
}

/** "line 2, column 7", "partial "footer", line 1, column 3" */
export function placed({ line, column, partial }: Place): string {
  const within = partial === undefined ? '' : `partial "${partial}", `
  return `${within}line ${line}, column ${column}`
}

type LiquidLike = Error & {
  originalError?: Error
  token?: { file?: string; getPosition?: () => [number, number] }
}

/** Any error of the parser or of rendering as one that says where it is. */
export function problemOf(error: unknown, known: { tags: string[]; filters: string[] }): TextError {
  if (error instanceof TextError) return error
  const { message, originalError, token } = error as LiquidLike
  if (originalError instanceof TextError && originalError.place) return originalError
  const reason = originalError?.message ?? message
  // The place is appended to the message, with the file that partials are to the parser.
  const bare = reason.replace(/(?:, file:\S*)?(?:, line:\d+, col:\d+)?$/, '')
  const [line, column] = token?.getPosition?.() ?? []
  const place =
    line === undefined || column === undefined
      ? null
      : { line, column, ...(token?.file !== undefined && { partial: token.file }) }
  return new TextError(`${bare}${hint(bare, known)}`, isLimit(bare), place)
}

function isLimit(message: string): boolean {
  return /limit exceeded|call stack|Invalid (string|array) length|output has more/.test(message)
}

function hint(message: string, { tags, filters }: { tags: string[]; filters: string[] }): string {
  if (/^tag "(layout|block)" not found/.test(message))
    return '. {% layout "name" %} is for e-mails, at the very beginning of the body.'
  const tag = /^tag "(.*)" not found/.exec(message)?.[1]
  if (tag !== undefined) return `.${didYouMean(tag, tags)}`
  const filter = /^undefined filter: (.*)$/.exec(message)?.[1]
  return filter === undefined ? '' : `.${didYouMean(filter, filters)}`
}
