// Which text a notification carries on a channel: the template for the person's language, the text of
// a direct message, or, when neither works out, a text that says so.
import type { Channel } from '../domain/channel.ts'
import type { Content } from '../domain/content.ts'
import type { DirectMessage, Event } from '../domain/event.ts'
import type { Fallback } from '../domain/event-type.ts'
import { lookupOrder } from '../domain/locale.ts'
import { escapeHtml, pageOf } from './email-page.ts'
import { oneLine } from './email.ts'
import { markdownToHtml, shortRuns } from './markdown.ts'
import type { DigestScope } from './plan-texts.ts'
import type { CompiledTemplate, Scope } from './render.ts'

/**
 * "pt-BR" is served by pt-BR, else pt, else default. When there is none of them, any language is better
 * than no text. Null: there is no template for the channel.
 */
export function chooseTemplate(
  templates: CompiledTemplate[],
  channel: Channel,
  locale: string | null,
): CompiledTemplate | null {
  for (const name of [...lookupOrder(locale), 'en']) {
    const found = templates.find(
      (template) => template.channel === channel && template.locale === name,
    )
    if (found) return found
  }
  return templates.find((template) => template.channel === channel) ?? null
}

/** Without content it cannot be written, and nothing is said instead. */
export type Rendered = { content: Content; error: string | null } | { content: null; error: string }

/** What all texts of an event read. */
export function scopeOf(
  event: Pick<Event, 'id' | 'type' | 'params' | 'createdAt'>,
  workspace: Scope['workspace'] | null,
): Scope {
  return {
    params: event.params,
    event: { id: event.id, type: event.type, created_at: event.createdAt.toISOString() },
    ...(workspace && { workspace: { key: workspace.key, name: workspace.name } }),
  }
}

const usualFallback = {
  title: 'Notification Error',
  body: 'There was an error processing this notification.',
}

/** The text instead of one that could not be written. The error names template, version and line. */
export function failedContent(
  { channel, locale, version }: CompiledTemplate,
  fallback: Fallback | null,
  reason: string,
): Rendered {
  const { title, body } = fallback ?? usualFallback
  return {
    content: plain(channel, title, body),
    error: `template ${channel}/${locale} v${version}: ${reason}`,
  }
}

/** The text instead of one whose data is missing; none where the event type has no words for that. */
export function contentWithoutData(
  { channel }: CompiledTemplate,
  fallback: Fallback | null,
  why: string,
): Rendered {
  const error = `data source ${why}`
  if (fallback === null) return { content: null, error }
  return { content: plain(channel, fallback.title, fallback.body), error }
}

/** The text where there is no template: of a direct message, or one that says so. */
export function contentWithoutTemplate(
  event: Event,
  channel: Channel,
  fallback: Fallback | null,
  { digest = null, answerUrl = null }: OwnWords = {},
): Rendered {
  // A webhook needs no template: receivers want the facts, in the form of Standard Webhooks.
  if (channel === 'webhook')
    return { content: { body: standardBody(event, digest, answerUrl) }, error: null }
  if (event.message && event.message.template === undefined)
    return { content: directContent(event.message, channel, answerUrl), error: null }
  const { title, body } = fallback ?? {
    title: 'System Notification',
    body: 'A notification was generated but the template was not found.',
  }
  const wanted = event.message?.template ?? event.type
  return {
    content: plain(channel, title, body),
    error: `no template for ${wanted} on ${channel}`,
  }
}

/** What a text without a template has of one person's own. */
export type OwnWords = {
  digest?: DigestScope | null
  /** Where they answer, if somebody has to. */
  answerUrl?: string | null
}

function standardBody(event: Event, digest: DigestScope | null, answerUrl: string | null): unknown {
  const data = event.type
    ? event.params
    : {
        subject: event.message?.subject ?? null,
        body: event.message?.body ?? null,
        ...event.params,
      }
  const timestamp = event.createdAt.toISOString()
  const own = { ...(digest && { digest }), ...(answerUrl && { acknowledge_url: answerUrl }) }
  return { type: event.type ?? 'message', timestamp, data, ...own }
}

function directContent(
  message: DirectMessage,
  channel: Channel,
  answerUrl: string | null,
): Content {
  const { subject: title = 'Notification', body = '' } = message
  if (answerUrl === null) return plain(channel, title, body)
  if (channel === 'in_app')
    return { title, body, actions: [{ label: 'Acknowledge', url: answerUrl }] }
  if (channel === 'push') return { title, body, url: answerUrl }
  return plain(channel, title, `${body}\n\nPlease answer: ${answerUrl}`)
}

/** The same words on any channel. */
function plain(channel: Channel, title: string, body: string): Content {
  switch (channel) {
    case 'in_app':
    case 'push':
      return { title, body }
    case 'email': {
      const content = markdownToHtml(shortRuns(escapeHtml(body)).replace(/\n/g, '<br>\n'))
      const subject = oneLine(title)
      const links = { unsubscribeUrl: null, preferencesUrl: null, whyUrl: null }
      const page = { subject, preheader: '', content, ...links }
      return { subject, html: pageOf(page), text: body }
    }
    case 'webhook':
      return { body: { title, body } }
    case 'sms':
    case 'telegram':
    case 'slack':
    case 'discord':
    case 'teams':
      return { body }
  }
}
