// From a template and an event to the text that is sent. What depends on nothing personal is rendered
// once per event, channel and language.
import type { Channel } from '../domain/channel.ts'
import type { Content } from '../domain/content.ts'
import type { PartPin } from '../domain/event.ts'
import {
  noParts,
  type CardSource,
  type EmailSource,
  type Parts,
  type TemplateSource,
} from '../domain/template.ts'
import { compileEmail, type Where } from './email.ts'
import { createTexts, longestOutput, type CompiledText, type Texts } from './liquid.ts'
import { TextError } from './liquid-error.ts'
import { isSafeLink } from './safe-links.ts'
import { bundleFor, readerLocale, type Translations, type TranslationUse } from './translate.ts'

/** What texts read: of the event, and of the person, when there is one. */
export type Scope = {
  params: Record<string, unknown>
  event: { id: string; type: string | null; created_at: string }
  workspace?: { key: string; name: string }
  /** What the data sources answered. */
  data?: Record<string, unknown>
  subscriber?: Record<string, unknown>
  unsubscribe_url?: string
  why_url?: string
  acknowledge_url?: string
  preferences_url?: string
  /** What a digest of the plan came to. */
  digest?: { count: number; items: unknown[]; more: number }
  /** The language the person reads. */
  locale?: string | null
}

/** All that is needed to write a template's texts, as plain values: it can be sent to another process. */
export type TemplateUnit = {
  channel: Channel
  locale: string
  version: number
  content: TemplateSource
  parts: Parts // only those it uses
}

export type CompiledTemplate = {
  unit: TemplateUnit
  channel: Channel
  locale: string
  version: number
  parts: PartPin[]
  /** It reads what belongs to one person, so each gets a text of their own. */
  isPersonal: boolean
  /** The data sources it may read. */
  readsSource: (name: string) => boolean
  /** It ends soon, whatever the values: it may be rendered in this process. */
  isBounded: boolean
  /** Whose translations a reader of this locale gets; null when it has none. */
  translationFor: (locale: string | null) => string | null
  /** @throws TextError when rendering fails. */
  render: (scope: Scope) => Content
}

const personalNames = [
  'subscriber',
  'unsubscribe_url',
  'preferences_url',
  'why_url',
  'acknowledge_url',
]

/** @throws TextError when it does not parse; see templateProblems. */
export function compileTemplate(
  template: Omit<TemplateUnit, 'parts'>,
  parts: Parts = noParts,
  where: Where = 'here',
): CompiledTemplate {
  const { channel, locale, version, content } = template
  const shared = createTexts(parts)
  const texts: CompiledText[] = []
  const recording: Texts = {
    compile(source, escaping) {
      const text = shared.compile(source, escaping)
      texts.push(text)
      return text
    },
  }
  const make = compileContent(channel, content, recording, parts, where)
  const used = usedParts(parts, texts, make.layout)
  return {
    unit: { channel, locale, version, content, parts: used },
    channel,
    locale,
    version,
    parts: [],
    isPersonal: texts.some(({ names }) => personalNames.some((name) => names.has(name))),
    readsSource: sourcesIn(texts),
    isBounded: make.isBounded && texts.every(({ isBounded }) => isBounded),
    translationFor: texts.some(({ isTranslated }) => isTranslated)
      ? (wanted) => bundleFor(parts.translations, wanted ?? locale)
      : () => null,
    render({ params, locale: wanted, ...rest }) {
      const scope = { ...params, params, ...rest, [readerLocale]: wanted ?? locale }
      return make.render(scope)
    },
  }
}

/** All of them, where it says `data` without a name, or works the name out. */
function sourcesIn(texts: CompiledText[]): CompiledTemplate['readsSource'] {
  const paths = texts.flatMap((text) => text.paths).filter(([root]) => root === 'data')
  const names = new Set(paths.map(([, name]) => name))
  return (name) => names.has(undefined) || names.has(name)
}

function usedParts(parts: Parts, texts: CompiledText[], layout: string | null): Parts {
  const names = new Set(texts.flatMap(({ partials }) => partials))
  const keys = texts.flatMap(({ translations }) => translations)
  return {
    layouts: layout === null ? {} : { [layout]: parts.layouts[layout]! },
    partials: Object.fromEntries([...names].map((name) => [name, parts.partials[name]!])),
    translations: keys.length > 0 ? messagesFor(keys, parts.translations) : {},
  }
}

/** Those that may be asked for: all of them where a key is computed. */
function messagesFor(uses: TranslationUse[], all: Translations): Translations {
  const keys = new Set(uses.map(({ key }) => key))
  if (keys.has(null)) return all
  const bundles = Object.entries(all).map(([locale, bundle]) => {
    const messages = Object.entries(bundle).filter(([key]) => keys.has(key))
    return [locale, Object.fromEntries(messages)] as const
  })
  return Object.fromEntries(bundles)
}

export type Make = {
  render: (scope: object) => Content
  /** What is done besides the texts ends soon. */
  isBounded: boolean
  /** The workspace's layout it is put into. */
  layout: string | null
}

function compileContent(
  channel: Channel,
  content: TemplateSource,
  texts: Texts,
  parts: Parts,
  where: Where,
): Make {
  switch (channel) {
    case 'in_app':
    case 'push':
      return simple(compileCard(content as CardSource, texts))
    case 'email':
      return compileEmail(content as EmailSource, texts, parts.layouts, where)
    case 'webhook':
      return simple(compileJson(content.body, texts))
    case 'sms':
    case 'telegram':
    case 'slack':
    case 'discord':
    case 'teams': {
      const body = texts.compile((content as { body: string }).body)
      return simple((scope) => ({ body: body.render(scope) }))
    }
  }
}

function simple(render: Make['render']): Make {
  return { render, isBounded: true, layout: null }
}

function compileCard(content: CardSource, texts: Texts): Make['render'] {
  const title = texts.compile(content.title)
  const body = texts.compile(content.body)
  const linkTo = (source: string) => {
    const text = texts.compile(source)
    return (scope: object) => safeLink(text.render(scope))
  }
  const url = content.url === undefined ? () => null : linkTo(content.url)
  const actions = (content.actions ?? []).map(({ label, url }) => ({
    label: texts.compile(label),
    url: linkTo(url),
  }))
  return (scope) => {
    const link = url(scope)
    // A button that says nothing, or leads nowhere, is none.
    const buttons = actions
      .map((action) => ({ label: action.label.render(scope).trim(), url: action.url(scope) }))
      .flatMap(({ label, url }) => (label !== '' && url !== null ? [{ label, url }] : []))
    return {
      title: title.render(scope),
      body: body.render(scope),
      ...(link && { url: link }),
      ...(buttons.length > 0 && { actions: buttons }),
    }
  }
}

function safeLink(text: string): string | null {
  const link = text.trim()
  return link !== '' && isSafeLink(link) ? link : null
}

function compileJson(body: unknown, texts: Texts): Make['render'] {
  const make = compileValue(body, texts)
  return (scope) => {
    const value = make(scope) ?? null
    if (sizeOf(value, longestOutput) <= 0)
      throw new TextError(`the output has more than ${longestOutput} characters`, true)
    return { body: value }
  }
}

/** What is left of `room` when a value has been written as JSON, about. Stops at 0. */
function sizeOf(value: unknown, room: number): number {
  if (typeof value === 'string') return room - value.length
  if (value === null || typeof value !== 'object') return room - 4
  let left = room
  for (const [key, item] of Object.entries(value)) {
    left = sizeOf(item, left - key.length - 2)
    if (left <= 0) break
  }
  return left
}

/** A string that is one bare `{{ expression }}` becomes the value itself: a number stays a number. */
function compileValue(value: unknown, texts: Texts): (scope: object) => unknown {
  if (typeof value === 'string') return texts.compile(value).evaluate
  if (Array.isArray(value)) {
    const items = value.map((item) => compileValue(item, texts))
    return (scope) => items.map((item) => item(scope))
  }
  if (value !== null && typeof value === 'object') {
    const members = Object.entries(value).map(
      ([key, item]) => [key, compileValue(item, texts)] as const,
    )
    return (scope) => Object.fromEntries(members.map(([key, item]) => [key, item(scope) ?? null]))
  }
  return () => value
}
