// Which text a notification carries on a channel: the template for the person's language, the text of
// a direct message, or, when neither works out, a text that says so.
import type { Channel } from '../domain/channel.ts'
import type { Content } from '../domain/content.ts'
import type { DirectMessage, Event } from '../domain/event.ts'
import { markdownToHtml, type CompiledTemplate, type Scope } from './render.ts'

/** "pt-BR" is served by pt-BR, else pt, else default. Null: there is no template for the channel. */
export function chooseTemplate(
  templates: CompiledTemplate[],
  channel: Channel,
  locale: string | null,
): CompiledTemplate | null {
  const wanted = [locale, locale?.split('-')[0], 'default', 'en']
  for (const name of wanted) {
    const found = templates.find(
      (template) => template.channel === channel && template.locale === name,
    )
    if (found) return found
  }
  return templates.find((template) => template.channel === channel) ?? null
}

export type Rendered = { content: Content; error: string | null }

export function renderContent(
  event: Event,
  channel: Channel,
  template: CompiledTemplate | null,
  subscriber: Record<string, unknown> | null,
): Rendered {
  if (!template) return withoutTemplate(event, channel)
  const scope: Scope = {
    params: event.params,
    event: { id: event.id, type: event.type, created_at: event.createdAt.toISOString() },
    ...(subscriber && { subscriber }),
  }
  try {
    return { content: template.render(scope), error: null }
  } catch (error) {
    const detail = `template ${channel}/${template.locale} v${template.version}: ${(error as Error).message}`
    const text = 'There was an error processing this notification.'
    return { content: plain(channel, 'Notification Error', text), error: detail }
  }
}

function withoutTemplate(event: Event, channel: Channel): Rendered {
  // A webhook needs no template: receivers want the facts, in the form of Standard Webhooks.
  if (channel === 'webhook') return { content: { body: standardBody(event) }, error: null }
  if (event.message && event.message.template === undefined)
    return { content: directContent(event.message, channel), error: null }
  const text = 'A notification was generated but the template was not found.'
  const wanted = event.message?.template ?? event.type
  return {
    content: plain(channel, 'System Notification', text),
    error: `no template for ${wanted} on ${channel}`,
  }
}

function standardBody(event: Event): unknown {
  const data = event.type
    ? event.params
    : {
        subject: event.message?.subject ?? null,
        body: event.message?.body ?? null,
        ...event.params,
      }
  return { type: event.type ?? 'message', timestamp: event.createdAt.toISOString(), data }
}

function directContent(message: DirectMessage, channel: Channel): Content {
  return plain(channel, message.subject ?? 'Notification', message.body ?? '')
}

/** The same words on any channel. */
function plain(channel: Channel, title: string, body: string): Content {
  switch (channel) {
    case 'in_app':
    case 'push':
      return { title, body }
    case 'email': {
      const html = markdownToHtml(escapeHtml(body).replace(/\n/g, '<br>\n'))
      return { subject: title.replace(/\p{Cc}+/gu, ' '), html, text: body }
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

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}
