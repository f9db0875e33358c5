// Templates and what they are made of. All of it is kept in versions.
import type { Channel } from './channel.ts'

/** The source of a template: what each channel needs, in Liquid. */
export type TemplateSource =
  | CardSource
  | EmailSource
  | { body: string } // sms, telegram, slack, discord, teams
  | { body: unknown } // webhook: JSON with Liquid in its strings

/** in_app, push; `actions` in-app alone. */
export type CardSource = {
  title: string
  body: string
  url?: string
  actions?: { label: string; url: string }[]
}

/** `body` is Markdown, or HTML if it begins with <. */
export type EmailSource = { subject: string; body: string; text?: string; preheader?: string }

export type Template = {
  eventType: string
  channel: Channel
  locale: string
  version: number
  content: TemplateSource
  author: string
  createdAt: Date
}

/** A version without content ended the template. */
export type TemplateVersion = Omit<Template, 'content'> & { content: TemplateSource | null }

/** What templates share: each kind has names of its own. A bundle of translations is named by its locale. */
export const partKinds = ['layout', 'partial', 'translations'] as const
export type PartKind = (typeof partKinds)[number]

export type PartSource = { body: string } | { messages: Messages }

/** ICU messages by key; members of members are joined with a dot. */
export type Messages = { [key: string]: string | Messages }

export type Part = {
  kind: PartKind
  name: string
  version: number
  content: PartSource
  author: string
  createdAt: Date
}

/** A version without content ended the part. */
export type PartVersion = Omit<Part, 'content'> & { content: PartSource | null }

/** The parts a template is compiled with. */
export type Parts = {
  layouts: Record<string, string>
  partials: Record<string, string>
  translations: Record<string, Record<string, string>> // by locale, then by key
}

export const noParts: Parts = { layouts: {}, partials: {}, translations: {} }

export function partsOf(rows: Pick<Part, 'kind' | 'name' | 'content'>[]): Parts {
  const parts: Parts = { layouts: {}, partials: {}, translations: {} }
  for (const { kind, name, content } of rows) {
    if ('messages' in content) parts.translations[name] = flat(content.messages)
    else if (kind === 'layout') parts.layouts[name] = content.body
    else parts.partials[name] = content.body
  }
  return parts
}

/** { order: { shipped: '…' } } as { 'order.shipped': '…' }. */
export function flat(messages: Messages, prefix = ''): Record<string, string> {
  const all: Record<string, string> = {}
  for (const [key, value] of Object.entries(messages)) {
    if (typeof value === 'string') all[prefix + key] = value
    else Object.assign(all, flat(value, `${prefix}${key}.`))
  }
  return all
}
