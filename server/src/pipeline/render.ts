// From a template and an event to the text that is sent. What depends on nothing personal is rendered
// once per event, channel and locale.
import { convert } from 'html-to-text'
import { Marked } from 'marked'
import type { Channel } from '../domain/channel.ts'
import type { Content } from '../domain/content.ts'
import type { Template, TemplateSource } from '../domain/event-type.ts'
import { compileText, type CompiledText } from './liquid.ts'

export type Scope = {
  params: Record<string, unknown>
  event: { id: string; type: string | null; created_at: string }
  subscriber?: Record<string, unknown>
}

export type CompiledTemplate = {
  channel: Channel
  locale: string
  version: number
  /** It reads from `subscriber`, so each person gets a text of their own. */
  isPersonal: boolean
  /** @throws when rendering fails. */
  render: (scope: Scope) => Content
}

/** @throws when it does not parse; see templateProblems. */
export function compileTemplate(
  template: Omit<Template, 'eventType' | 'createdAt'>,
): CompiledTemplate {
  const { channel, locale, version, content } = template
  const texts: CompiledText[] = []
  const text = (source: string, escaping: 'none' | 'html' | 'markdown' = 'none') => {
    const compiled = compileText(source, escaping)
    texts.push(compiled)
    return compiled
  }
  const make = compileContent(channel, content, text)
  return {
    channel,
    locale,
    version,
    isPersonal: texts.some((compiled) => compiled.names.has('subscriber')),
    render: ({ params, event, subscriber }) => make({ ...params, params, event, subscriber }),
  }
}

type Compile = (source: string, escaping?: 'none' | 'html' | 'markdown') => CompiledText
type Make = (scope: object) => Content

function compileContent(channel: Channel, content: TemplateSource, text: Compile): Make {
  switch (channel) {
    case 'in_app':
    case 'push':
      return compileCard(content as { title: string; body: string; url?: string }, text)
    case 'email':
      return compileEmail(content as { subject: string; body: string; text?: string }, text)
    case 'webhook':
      return compileJson(content.body, text)
    case 'sms':
    case 'telegram':
    case 'slack':
    case 'discord':
    case 'teams': {
      const body = text((content as { body: string }).body)
      return (scope) => ({ body: body.render(scope) })
    }
  }
}

function compileCard(content: { title: string; body: string; url?: string }, text: Compile): Make {
  const title = text(content.title)
  const body = text(content.body)
  const url = content.url === undefined ? null : text(content.url)
  return (scope) => {
    const link = url?.render(scope).trim()
    return {
      title: title.render(scope),
      body: body.render(scope),
      ...(link && isSafeLink(link) ? { url: link } : {}),
    }
  }
}

function compileEmail(
  content: { subject: string; body: string; text?: string },
  text: Compile,
): Make {
  const subject = text(content.subject)
  const isHtml = content.body.trimStart().startsWith('<')
  const body = text(content.body, isHtml ? 'html' : 'markdown')
  // Markdown reads well as it is: it is its own text part, without the escaping.
  const plain = content.text ?? (isHtml ? null : content.body)
  const plainText = plain === null ? null : text(plain)
  return (scope) => {
    const html = isHtml ? body.render(scope) : markdownToHtml(body.render(scope))
    return {
      subject: oneLine(subject.render(scope)),
      html,
      text: plainText ? plainText.render(scope) : convert(html, { wordwrap: 100 }),
    }
  }
}

function compileJson(body: unknown, text: Compile): Make {
  const make = compileValue(body, text)
  return (scope) => ({ body: make(scope) ?? null })
}

/** A string that is one bare `{{ expression }}` becomes the value itself: a number stays a number. */
function compileValue(value: unknown, text: Compile): (scope: object) => unknown {
  if (typeof value === 'string') return text(value).evaluate
  if (Array.isArray(value)) {
    const items = value.map((item) => compileValue(item, text))
    return (scope) => items.map((item) => item(scope))
  }
  if (value !== null && typeof value === 'object') {
    const members = Object.entries(value).map(
      ([key, item]) => [key, compileValue(item, text)] as const,
    )
    return (scope) => Object.fromEntries(members.map(([key, item]) => [key, item(scope) ?? null]))
  }
  return () => value
}

/** What does not parse, each with a JSON Pointer into the template; empty when all is well. */
export function templateProblems(
  channel: Channel,
  content: TemplateSource,
): { pointer: string; detail: string }[] {
  const problems: { pointer: string; detail: string }[] = []
  const visit = (value: unknown, pointer: string) => {
    if (typeof value === 'string') {
      try {
        compileText(value)
      } catch (error) {
        problems.push({ pointer, detail: (error as Error).message })
      }
    } else if (value !== null && typeof value === 'object') {
      for (const [key, item] of Object.entries(value))
        visit(item, `${pointer}/${escapePointer(key)}`)
    }
  }
  visit(content, '')
  if (problems.length === 0) compileTemplate({ channel, locale: 'default', version: 1, content })
  return problems
}

/** @see RFC 6901 */
function escapePointer(key: string): string {
  return key.replaceAll('~', '~0').replaceAll('/', '~1')
}

const linkPattern = /^(https?:|mailto:|tel:|\/(?!\/)|#)/i

function isSafeLink(url: string): boolean {
  // Browsers ignore tabs and line ends inside a scheme: java\tscript: is javascript:
  return linkPattern.test(url.replace(/\p{Cc}/gu, ''))
}

const markdown = new Marked({
  walkTokens(token) {
    if ((token.type === 'link' || token.type === 'image') && !isSafeLink(String(token.href)))
      token.href = '#'
  },
})

export function markdownToHtml(source: string): string {
  return `<!doctype html><html><body>${markdown.parse(source, { async: false })}</body></html>`
}

function oneLine(text: string): string {
  return text.replace(/\p{Cc}+/gu, ' ').trim()
}
