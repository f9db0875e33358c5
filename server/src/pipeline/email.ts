// E-mails: a body in Markdown, or HTML if it begins with <, within a layout; and a text part.
import { randomUUID } from 'node:crypto'
import { convert } from 'html-to-text'
import type { EmailContent } from '../domain/content.ts'
import { didYouMean } from '../domain/nearest.ts'
import type { EmailSource } from '../domain/template.ts'
import { pageOf } from './email-page.ts'
import { inlineCss, needsInlining } from './inline-css.ts'
import type { CompiledText, Texts } from './liquid.ts'
import { TextError } from './liquid-error.ts'
import { markdownToHtml } from './markdown.ts'
import { withSafeLinks } from './safe-links.ts'

/** The workspace's layout of this name is around every Markdown e-mail that names no other. */
export const usualLayout = 'default'

// Markdown and HTML are read by programs whose time can grow with the square of the length.
const longestInProcess = 8_000

export type CompiledEmail = {
  render: (scope: object) => EmailContent
  isBounded: boolean
  layout: string | null
}

export function compileEmail(
  source: EmailSource,
  texts: Texts,
  layouts: Record<string, string>,
): CompiledEmail {
  const { body, layout } = splitLayout(source.body, layouts)
  const isHtml = body.trimStart().startsWith('<')
  const subject = texts.compile(source.subject)
  const preheader = source.preheader === undefined ? null : texts.compile(source.preheader)
  const content = texts.compile(body, isHtml ? 'html' : 'markdown')
  // Markdown reads well as it is: it is its own text part, without the escaping.
  const plain = source.text ?? (isHtml ? null : body)
  const text = plain === null ? null : texts.compile(plain)
  const page = choosePage(isHtml, layout, layouts, texts)
  const hasSheet = needsInlining(body) || needsInlining(page.source)

  return {
    isBounded:
      !hasSheet && body.length <= longestInProcess && page.source.length <= longestInProcess,
    layout: page.layout,
    render(scope) {
      const head = {
        subject: oneLine(subject.render(scope)),
        preheader: preheader ? oneLine(preheader.render(scope)) : '',
      }
      const written = content.render(scope)
      const inner = isHtml ? written : markdownToHtml(written)
      const whole = page.wrap(inner, head, scope)
      return {
        subject: head.subject,
        html: isHtml || page.layout !== null || hasSheet ? finished(whole, hasSheet) : whole,
        text: text ? text.render(scope) : convert(inner, { wordwrap: 100 }),
      }
    },
  }
}

function finished(html: string, hasSheet: boolean): string {
  return withSafeLinks(hasSheet ? inlineCss(html) : html)
}

const layoutTag = /^\s*\{%-?\s*layout\s+(?:(['"])(.*?)\1|(none))\s*-?%\}\s*/

/** `{% layout "name" %}` at the very beginning; `{% layout none %}`: the body is all there is. */
function splitLayout(
  body: string,
  layouts: Record<string, string>,
): { body: string; layout: string | null } {
  const found = layoutTag.exec(body)
  if (!found) return { body, layout: null }
  const name = found[2]
  if (name !== undefined && !Object.hasOwn(layouts, name)) {
    const hint = didYouMean(name, Object.keys(layouts))
    const place = { line: 1, column: body.indexOf('{%') + 1 }
    throw new TextError(`there is no layout "${name}".${hint}`, false, place)
  }
  // As many lines as before, so that what is wrong in them is found where it is said to be.
  const lines = found[0].replace(/[^\n]/g, '')
  return { body: lines + body.slice(found[0].length), layout: name ?? 'none' }
}

type Head = { subject: string; preheader: string }

type PageMaker = {
  layout: string | null
  source: string
  wrap: (content: string, head: Head, scope: object) => string
}

function choosePage(
  isHtml: boolean,
  named: string | null,
  layouts: Record<string, string>,
  texts: Texts,
): PageMaker {
  const usual = !isHtml && Object.hasOwn(layouts, usualLayout) ? usualLayout : null
  const layout = named ?? usual
  if (layout === 'none' || (isHtml && layout === null))
    return { layout: null, source: '', wrap: (content) => content }
  if (layout === null) return { layout: null, source: '', wrap: builtIn }
  const source = layouts[layout]!
  return { layout, source, wrap: withinLayout(texts.compile(source, 'html')) }
}

function builtIn(content: string, { subject, preheader }: Head, scope: object): string {
  const { unsubscribe_url: unsubscribe, preferences_url: preferences } = scope as Links
  const unsubscribeUrl = unsubscribe ?? null
  const preferencesUrl = preferences ?? null
  return pageOf({ subject, preheader, content, unsubscribeUrl, preferencesUrl })
}

type Links = { unsubscribe_url?: string; preferences_url?: string }

// The content is HTML already, and outputs are escaped: it takes the place of a word that nobody knows.
const placeOfContent = `content-${randomUUID()}`

function withinLayout(layout: CompiledText): PageMaker['wrap'] {
  return (content, head, scope) =>
    layout
      .render(Object.assign(Object.create(null), scope, head, { content: placeOfContent }))
      .replace(placeOfContent, () => content)
      .replaceAll(placeOfContent, '')
}

export function oneLine(text: string): string {
  return text.replace(/\p{Cc}+/gu, ' ').trim()
}
