// Reads JSON as strictly as a store of record must. JSON.parse alone takes duplicate keys (the last
// wins), numbers it cannot hold, half characters that PostgreSQL refuses, and any depth.
import { isUtf8 } from 'node:buffer'
import { ApiError } from '../errors.ts'

export const jsonLimits = {
  depth: 32,
  keysPerObject: 1_000,
  itemsPerArray: 10_000,
  charactersPerString: 65_536,
} as const

/** @throws ApiError `invalid_json`, with a pointer to the place where it has one. */
export function parseStrictJson(bytes: Buffer): unknown {
  if (!isUtf8(bytes)) throw refusal('', 'The body is not valid UTF-8.')
  const text = bytes.toString('utf8')
  const colonCount = countColons(text)
  const value = parse(text)

  // Half a character, and NUL, can only be written as an escape: the bytes are valid UTF-8.
  const hasEscapes = text.includes('\\u')
  const keyCount = checkValue(value, hasEscapes)
  if (keyCount !== colonCount) throw duplicateKey(text)
  return value
}

/**
 * Reads one JSON value per line (NDJSON), blank lines apart.
 *
 * @throws ApiError `invalid_json`, with the number of the line.
 */
export function parseStrictNdjson(bytes: Buffer): unknown[] {
  const values: unknown[] = []
  let line = 0
  for (let start = 0; start < bytes.length;) {
    const newline = bytes.indexOf(0x0a, start)
    const end = newline === -1 ? bytes.length : newline
    const content = bytes.subarray(start, end)
    line += 1
    start = end + 1
    if (content.every((byte) => byte === 0x20 || byte === 0x0d || byte === 0x09)) continue
    if (values.length >= jsonLimits.itemsPerArray) throw refusal('', 'There are too many lines.')
    values.push(parseLine(content, line))
  }
  return values
}

function parseLine(content: Buffer, line: number): unknown {
  try {
    return parseStrictJson(content)
  } catch (error) {
    if (!(error instanceof ApiError)) throw error
    throw new ApiError('invalid_json', {
      ...error.details,
      detail: `Line ${line}: ${error.details.detail}`,
    })
  }
}

const quote = 34
const backslash = 92
const colon = 58

/**
 * Colons outside strings: as many as there are keys in the text. Compared with the keys of the
 * parsed value it tells of duplicates at the price of one pass. Refuses depth before anything
 * recursive sees it.
 */
function countColons(text: string): number {
  let count = 0
  let depth = 0
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code === quote) {
      i = endOfString(text, i)
    } else if (code === colon) {
      count++
    } else if ((code | 32) === 123) {
      // { or [: they differ in one bit, and so do } and ].
      if (++depth > jsonLimits.depth)
        throw refusal('', `The body is nested deeper than ${jsonLimits.depth} levels.`)
    } else if ((code | 32) === 125) {
      depth--
    }
  }
  return count
}

/** The index of the quote that ends the string beginning at `start`; the end of the text without one. */
function endOfString(text: string, start: number): number {
  for (let i = start + 1; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code === quote) return i
    if (code === backslash) i++
  }
  return text.length
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    const position = /at position (\d+)/.exec((error as Error).message)?.[1]
    throw refusal('', `The body is not JSON${position ? ` ${place(text, Number(position))}` : ''}.`)
  }
}

function place(text: string, position: number): string {
  const before = text.slice(0, position).split('\n')
  return `(line ${before.length}, column ${before.at(-1)!.length + 1})`
}

/** Checks a value and what it holds; answers the number of keys in it. */
function checkValue(value: unknown, hasEscapes: boolean): number {
  if (typeof value === 'string') checkString(value, hasEscapes)
  else if (typeof value === 'number') checkNumber(value)
  else if (Array.isArray(value)) return checkArray(value, hasEscapes)
  else if (value !== null && typeof value === 'object')
    return checkObject(value as Record<string, unknown>, hasEscapes)
  return 0
}

function checkObject(value: Record<string, unknown>, hasEscapes: boolean): number {
  let count = 0
  let own = 0
  for (const key in value) {
    if (++own > jsonLimits.keysPerObject)
      throw refusal('', `An object has more than ${jsonLimits.keysPerObject} keys.`)
    if (key === '__proto__') throw refusal(`/${key}`, 'This key is not allowed.')
    try {
      if (hasEscapes) checkString(key, hasEscapes)
      count += checkValue(value[key], hasEscapes)
    } catch (error) {
      throw inside(key, error)
    }
  }
  return count + own
}

function checkArray(value: unknown[], hasEscapes: boolean): number {
  if (value.length > jsonLimits.itemsPerArray)
    throw refusal('', `A list has more than ${jsonLimits.itemsPerArray} items.`)
  let count = 0
  for (let i = 0; i < value.length; i++) {
    try {
      count += checkValue(value[i], hasEscapes)
    } catch (error) {
      throw inside(String(i), error)
    }
  }
  return count
}

function checkString(value: string, hasEscapes: boolean): void {
  if (value.length > jsonLimits.charactersPerString)
    throw refusal('', `A text is longer than ${jsonLimits.charactersPerString} characters.`)
  if (!hasEscapes) return
  if (!value.isWellFormed()) throw refusal('', 'A text has half a character (a lone surrogate).')
  if (value.includes('\0')) throw refusal('', 'A text has a NUL character.')
}

function checkNumber(value: number): void {
  if (Number.isSafeInteger(value)) return
  if (!Number.isFinite(value)) throw refusal('', 'The number is too large.')
  if (Number.isInteger(value))
    throw refusal('', 'The number cannot be kept exactly (it is beyond 2^53). Send it as a string.')
}

function refusal(pointer: string, detail: string): ApiError {
  return new ApiError('invalid_json', { detail, errors: [{ pointer, detail }] })
}

/** The same refusal, seen from one level further out. */
function inside(key: string, error: unknown): unknown {
  const inner = error instanceof ApiError ? error.details.errors?.[0] : undefined
  if (!inner) return error
  const name = key.replaceAll('~', '~0').replaceAll('/', '~1')
  return refusal(`/${name}${inner.pointer}`, inner.detail)
}

/** Finds the name of a key that occurs twice. Only for the message: it looks at every token. */
function duplicateKey(text: string): ApiError {
  const open: Set<string>[] = []
  let lastString = ''
  for (const [token] of text.matchAll(/"(?:[^"\\]|\\.)*"|[{}:[\]]/g)) {
    const keys = open.at(-1)
    if (token === '{' || token === '[') open.push(new Set())
    else if (token === '}' || token === ']') open.pop()
    else if (token !== ':') lastString = token
    else if (keys?.has(JSON.parse(lastString) as string))
      return refusal('', `An object has the key ${lastString.slice(0, 80)} twice.`)
    else keys?.add(JSON.parse(lastString) as string)
  }
  return refusal('', 'An object has the same key twice.')
}
