// CloudEvents 1.0: how HTTP headers and JSON carry an event of others, and what it says to us.
import { didYouMean } from './nearest.ts'

/** Where an event stands in a request: all in the body, several in the body, or also in the headers. */
export type CloudEventMode = 'structured' | 'batch' | 'binary'

export type CloudEvent = {
  specversion: '1.0'
  type: string
  source: string
  id: string
  to?: string
  traceparent?: string
  data?: Record<string, unknown>
}

type Headers = Record<string, string | string[] | undefined>
type Problem = { pointer: string; detail: string }

const required = ['specversion', 'type', 'source', 'id']
const known = [...required, 'time', 'subject', 'datacontenttype', 'dataschema', 'traceparent', 'to']

/** Undefined for a request that is no CloudEvent. */
export function modeOf(headers: Headers): CloudEventMode | undefined {
  const mediaType = String(headers['content-type']).toLowerCase()
  if (mediaType.startsWith('application/cloudevents-batch')) return 'batch'
  if (mediaType.startsWith('application/cloudevents')) return 'structured'
  return required.some((name) => headers[`ce-${name}`] !== undefined) ? 'binary' : undefined
}

/**
 * The attributes that `ce-` headers carry.
 *
 * @see https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/bindings/http-protocol-binding.md
 */
export function attributesIn(headers: Headers): {
  attributes: Record<string, string>
  problems: Problem[]
} {
  const attributes: Record<string, string> = {}
  const problems: Problem[] = []
  for (const [header, value] of Object.entries(headers)) {
    if (!header.startsWith('ce-')) continue
    const name = header.slice('ce-'.length)
    const text = decoded(String(value))
    if (name === 'data' || name === 'data_base64')
      problems.push({ pointer: header, detail: 'is not taken: the data is the body.' })
    else if (text === null)
      problems.push({
        pointer: header,
        detail: 'must be percent-encoded UTF-8 without control characters.',
      })
    else attributes[name] = text
  }
  return { attributes, problems }
}

function decoded(value: string): string | null {
  const isQuoted = /^".*"$/.test(value)
  const text = isQuoted ? value.slice(1, -1).replaceAll(/\\(.)/g, '$1') : value
  if (!/^[\x20-\x7e]*$/.test(text)) return null
  try {
    const plain = decodeURIComponent(text)
    return /\p{Cc}/u.test(plain) ? null : plain
  } catch {
    return null // not UTF-8
  }
}

/** Without the attributes that are null, which means the same as leaving them out. */
export function withoutNulls(given: unknown): unknown {
  if (given === null || typeof given !== 'object' || Array.isArray(given)) return given
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== null))
}

/** What is wrong with extension attributes. Which there are is up to the sender. */
export function extensionProblems(given: unknown): Problem[] {
  if (given === null || typeof given !== 'object' || Array.isArray(given)) return []
  return Object.entries(given).flatMap(([name, value]) => {
    const pointer = `/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`
    if (name === 'data') return []
    if (name === 'data_base64')
      return { pointer, detail: 'is not taken: send the data as JSON, in "data".' }
    if (!/^[a-z0-9]+$/.test(name)) {
      const hint = didYouMean(name, [...known, 'data'])
      return { pointer, detail: `cannot be an attribute: those are named a-z and 0-9.${hint}` }
    }
    if (typeof value === 'object' && !known.includes(name))
      return {
        pointer,
        detail: 'must be a text, a number or a boolean; the rest goes into "data".',
      }
    return []
  })
}

/** The event we make of it: `to` is a list of subscriber ids and of `topic:<key>`. */
export function eventOf({ type, data, to }: CloudEvent): {
  type: string
  params: Record<string, unknown>
  to?: (string | { topic: string })[]
} {
  const named = to?.split(',').map((text) => {
    const one = text.trim()
    return one.startsWith('topic:') ? { topic: one.slice('topic:'.length) } : one
  })
  return { type, params: data ?? {}, ...(named && { to: named }) }
}

/** A place in our event, or in a CloudEvent, as a place in what was sent. */
export function placeIn(mode: CloudEventMode, pointer: string): string {
  const place = pointer.replace(/^\/params(?=\/|$)/, '/data').replace(/^\/to\/.*$/, '/to')
  if (mode !== 'binary') return place
  if (/^\/data(\/|$)/.test(place)) return place.slice('/data'.length)
  return `ce-${place.slice(1)}`
}
