// What a template would look like: rendered with given values, or with examples for its schema.
import type { Context } from '../context.ts'
import type { Channel } from '../domain/channel.ts'
import type { Content } from '../domain/content.ts'
import { exampleParams } from '../domain/example-params.ts'
import { defaultLocale } from '../domain/locale.ts'
import { smsSegments, type SmsSegments } from '../domain/sms-segments.ts'
import { partsOf, type Parts, type TemplateSource } from '../domain/template.ts'
import { ApiError } from '../errors.ts'
import { listCurrentParts } from '../sql/template-parts.ts'
import { compileTemplate } from './render.ts'
import type { Renderer } from './renderer.ts'
import {
  checkTemplate,
  type Declared,
  type TemplateCheck,
  type TemplateProblem,
} from './template-check.ts'

export type PreviewRequest = {
  workspaceId: number
  channel: Channel
  content: TemplateSource
  declared: Declared | null
  eventType: string | null
  locale: string | null
  params: Record<string, unknown> | null // null: examples for the schema
  data: Record<string, unknown> | null // as sources would answer; null: examples for what it reads
  subscriber: Record<string, unknown> | null // null: an example
}

export type Preview = {
  rendered: Content
  variables: string[]
  sms: SmsSegments | null
  warnings: TemplateProblem[]
}

/** @throws ApiError `invalid_template` for what does not parse, names what is not there, or cannot be rendered. */
export async function previewTemplate(ctx: Context, request: PreviewRequest): Promise<Preview> {
  const parts = partsOf(await listCurrentParts(ctx.db, request.workspaceId))
  const { channel, content, declared } = request
  const check = checkTemplate(channel, content, declared, parts)
  if (check.problems.length > 0) throw new ApiError('invalid_template', { errors: check.problems })
  const workspace = await ctx.configuration.workspace(request.workspaceId)
  const trial = { renderer: ctx.renderer, now: ctx.clock.now(), workspace }
  const result = await renderExample(trial, request, { parts, check })
  if ('error' in result) throw cannotRender(result.error)
  const sms = channel === 'sms' ? smsSegments((result.content as { body: string }).body) : null
  const warnings = [...check.warnings, ...segmentWarnings(sms)]
  return { rendered: result.content, variables: check.variables, sms, warnings }
}

/**
 * What is to be said about a template that is saved: it is tried with examples. One that then takes too
 * long or becomes too much would do so with anything.
 *
 * @throws ApiError `invalid_template`.
 */
export async function tryTemplate(
  ctx: Context,
  request: PreviewRequest,
): Promise<TemplateProblem[]> {
  const parts = partsOf(await listCurrentParts(ctx.db, request.workspaceId))
  const workspace = await ctx.configuration.workspace(request.workspaceId)
  return tryWithParts({ renderer: ctx.renderer, now: ctx.clock.now(), workspace }, request, parts)
}

/** As `tryTemplate`, with the parts given: those of a catalog that is still to be stored. */
export async function tryWithParts(
  trial: Trial,
  request: PreviewRequest,
  parts: Parts,
): Promise<TemplateProblem[]> {
  const { channel, content, declared } = request
  const check = checkTemplate(channel, content, declared, parts)
  if (check.problems.length > 0) throw new ApiError('invalid_template', { errors: check.problems })
  const result = await renderExample(trial, request, { parts, check })
  if ('error' in result && result.isLimit) throw cannotRender(result.error)
  if ('error' in result) {
    const detail = `cannot be rendered with example values: ${result.error}`
    return [...check.warnings, { pointer: '/body', detail }]
  }
  const sms = channel === 'sms' ? smsSegments((result.content as { body: string }).body) : null
  return [...check.warnings, ...segmentWarnings(sms)]
}

export type Trial = {
  renderer: Renderer
  now: Date
  workspace: { key: string; name: string } | null
}

async function renderExample(
  { renderer, now, workspace }: Trial,
  request: PreviewRequest,
  { parts, check }: { parts: Parts; check: TemplateCheck },
) {
  const { workspaceId, channel, content, locale } = request
  const template = compileTemplate(
    { channel, locale: locale ?? defaultLocale, version: 1, content },
    parts,
  )
  const scope = {
    params: request.params ?? exampleParams(request.declared?.params ?? null),
    ...(request.declared?.data && { data: request.data ?? exampleData(check.variables) }),
    event: { id: exampleId, type: request.eventType, created_at: now.toISOString() },
    ...(workspace && { workspace: { key: workspace.key, name: workspace.name } }),
  }
  const readerLocale = locale === defaultLocale ? null : locale
  const subscriber = { ...exampleSubscriber, locale: readerLocale, ...request.subscriber }
  const reader = {
    subscriber,
    unsubscribe_url: 'https://example.com/unsubscribe',
    preferences_url: 'https://example.com/preferences',
    why_url: 'https://example.com/why',
    acknowledge_url: 'https://example.com/acknowledge',
    locale: typeof subscriber.locale === 'string' ? subscriber.locale : readerLocale,
  }
  const [result] = await renderer.render(workspaceId, template, scope, [reader])
  return result!
}

/** For data.order.total the text "total" there. Nothing is fetched for a preview. */
function exampleData(variables: string[]): Record<string, unknown> {
  const data = Object.create(null) as Record<string, unknown>
  for (const variable of variables) {
    const [root, ...path] = variable.split('.')
    const last = path.pop()
    if (root !== 'data' || last === undefined) continue
    let at = data
    for (const step of path) {
      const inner = at[step]
      if (typeof inner !== 'object') at[step] = Object.create(null)
      at = at[step] as Record<string, unknown>
    }
    at[last] ??= last
  }
  return data
}

const exampleId = '0198c0de-0000-7000-8000-000000000000'
const exampleSubscriber = {
  id: 'ana',
  timezone: 'Europe/Lisbon',
  data: { name: 'Ana' },
  email: 'ana@example.com',
  phone: '+12025550123',
}

function cannotRender(detail: string): ApiError {
  return new ApiError('invalid_template', { errors: [{ pointer: '/body', detail }] })
}

function segmentWarnings(sms: SmsSegments | null): TemplateProblem[] {
  if (!sms || sms.segments === 1) return []
  const why =
    sms.because === null ? '' : ` "${sms.because}" makes it UCS-2, with 70 instead of 160.`
  const detail = `is ${sms.segments} SMS with these values (${sms.units} units, ${sms.encoding}).${why}`
  return [{ pointer: '/body', detail }]
}
