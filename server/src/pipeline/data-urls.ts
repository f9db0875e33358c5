// The URLs of data sources: Liquid over the event, in which a value can change neither the host nor the
// structure of what it is put into.
import type { Context } from '../context.ts'
import { longestCacheMs, longestTimeoutMs, type DataSources } from '../domain/data-source.ts'
import { durationMs } from '../domain/duration.ts'
import { declaredParams } from '../domain/json-schema.ts'
import { didYouMean } from '../domain/nearest.ts'
import type { FieldError } from '../errors.ts'
import { compileText, type CompiledText } from './liquid.ts'

/** @throws Error in words, when what comes out cannot be called. */
export type UrlOf = (scope: object) => string

export function compileUrl(source: string): UrlOf {
  const text = compileText(source, 'url')
  const origin = originOf(source)
  const isOpenEnded = pathOf(source).endsWith('/')
  return (scope) => {
    const url = text.render(scope).trim()
    const steps = pathOf(url).split('/').slice(1)
    const last = steps.pop()
    if (steps.includes('') || (last === '' && !isOpenEnded))
      throw new Error('its URL comes out with an empty step: a parameter of it is missing or empty')
    if ([...steps, last].some((step) => step === '.' || step === '..'))
      throw new Error('its URL comes out with a step that is only dots')
    if (originOf(url) !== origin) throw new Error('its URL comes out with another host')
    return url
  }
}

/** Scheme, host and port. */
export function originOf(url: string): string | null {
  const [beginning] = /^https?:\/\/[^\s/?#{}%@\\]+\//.exec(url) ?? []
  return beginning === undefined ? null : (URL.parse(beginning)?.origin ?? null)
}

/** With its first slash; of Liquid too, in which a question mark may stand anywhere. */
function pathOf(url: string): string {
  const withoutLiquid = url.replace(/\{\{.*?\}\}|\{%.*?%\}/gs, 'x')
  return /^https?:\/\/[^/]*([^?#]*)/.exec(withoutLiquid)?.[1] ?? ''
}

/** What is wrong with data sources, before they are saved; pointers begin at the event type. */
export function dataProblems(
  sources: DataSources,
  params: Record<string, unknown> | null,
): FieldError[] {
  const hidden = declaredParams(params)?.includes('data')
    ? [{ pointer: '/data', detail: 'would hide the parameter "data": give that another name.' }]
    : []
  const own = Object.entries(sources).flatMap(([name, source]) => {
    const at = (field: string) => `/data/${name}/${field}`
    const urlDetail = urlProblem(source.url, declaredParams(params))
    return [
      ...(urlDetail === null ? [] : [{ pointer: at('url'), detail: urlDetail }]),
      ...tooLong(at('timeout'), source.timeout, { ms: longestTimeoutMs, text: '10s' }),
      ...tooLong(at('cache'), source.cache, { ms: longestCacheMs, text: '24h' }),
    ]
  })
  return [...hidden, ...own]
}

function tooLong(
  pointer: string,
  duration: string | undefined,
  most: { ms: number; text: string },
): FieldError[] {
  if (duration === undefined || durationMs(duration) <= most.ms) return []
  return [{ pointer, detail: `may be at most ${most.text}.` }]
}

/** URLs that this server may not call, by what its operator allows. */
export function unreachable(
  { outgoing }: Pick<Context, 'outgoing'>,
  { data = {} }: { data?: DataSources },
): FieldError[] {
  return Object.entries(data).flatMap(([name, { url }]) => {
    const origin = originOf(url)
    const problem = origin === null ? null : outgoing.problemOf(`${origin}/`)
    return problem === null ? [] : [{ pointer: `/data/${name}/url`, detail: `${problem.detail}.` }]
  })
}

const builtIn = ['params', 'event', 'workspace']

function urlProblem(source: string, declared: string[] | null): string | null {
  if (originOf(source) === null)
    return (
      'must begin with http:// or https://, a host and a "/", all of it written out: ' +
      'parameters may be used after that.'
    )
  let text: CompiledText
  try {
    text = compileText(source, 'url')
  } catch (error) {
    return (error as Error).message
  }
  if (!text.isLoopFree) return 'may have conditions, variables and simple filters, but no loops.'
  if (text.names.has('subscriber'))
    return 'reads "subscriber": it is fetched once for an event, for all its people, so it can only name the event.'
  if (declared === null) return null
  const names = text.paths.flatMap((path) =>
    path[0] === 'params' ? (path[1] ?? []) : (path[0] ?? []),
  )
  const unknown = names.find((name) => !declared.includes(name) && !builtIn.includes(name))
  if (unknown === undefined) return null
  const known = declared.length > 0 ? `the parameters are ${declared.join(', ')}` : 'there are none'
  return `reads "${unknown}", which is no parameter; ${known}.${didYouMean(unknown, declared)}`
}
