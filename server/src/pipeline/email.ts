// E-mails: a body in Markdown, or HTML if it begins with <, within a layout; and a text part.
import { randomUUID } from 'node:crypto'
import { createRequire } from 'node:module'
import type * as HtmlToText from 'html-to-text'
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
const longestWrittenInProcess = 16_000

/** `here`: others wait for it. `apart`: in a process that can be stopped. */
export type Where = 'here' | 'apart'

export type CompiledEmail = {
  render: (scope: object) => EmailContent
  isBounded: boolean
  layout: string | null
}

export function compileEmail(
  source: EmailSource,
  texts: Texts,
  layouts: Record<string, string>,
  where: Where,
): CompiledEmail {
  const { body, layout } = splitLayout(source.body, layouts)
  const isHtml = body.trimStart().startsWith('<')
  const subject = texts.compile(source.subject)
  const preheader = source.preheader === undefined ? null : texts.compile(source.preheader)
  const content = texts.compile(body, isHtml ? 'html' : 'markdown')
  const text = source.text === undefined ? null : texts.compile(source.text)
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
      // Long by its values: the renderer has it written again where it may take its time.
      if (where === 'here' && written.length > longestWrittenInProcess)
        throw new TextError(`the body has more than ${longestWrittenInProcess} characters`, true)
      const inner = isHtml ? written : markdownToHtml(written)
      const whole = page.wrap(inner, head, scope)
      const html = isHtml || page.layout !== null || hasSheet ? finished(whole, hasSheet) : whole
      const plain = text ? text.render(scope) : textOf(inner)
      return { subject: head.subject, html, text: withLinksOf(html, plain, scope) }
    },
  }
}

const require = createRequire(import.meta.url)

let toText: ((html: string) => string) | null = null

/** Loaded when first needed: whoever writes no mail, or only with a text of its own, never needs it. */
function textOf(html: string): string {
  if (toText === null) {
    const { compile } = require('html-to-text') as typeof HtmlToText
    const selectors = [
      ...['h1', 'h2', 'h3', 'h4', 'h5', 'h6'].map((selector) => ({
        selector,
        options: { uppercase: false },
      })),
      { selector: 'a', options: { hideLinkHrefIfSameAsText: true } },
    ]
    toText = compile({ wordwrap: 100, selectors })
  }
  return toText(html)
}

/** What the page around the body links to, for those who read the text part. */
function withLinksOf(html: string, text: string, scope: object): string {
  const { unsubscribe_url: unsubscribe, preferences_url: preferences } = scope as Links
  const isLost = (url?: string) => url !== undefined && html.includes(url) && !text.includes(url)
  const lines = [
    ...(isLost(unsubscribe) ? [`Unsubscribe: ${unsubscribe}`] : []),
    ...(isLost(preferences) ? [`Notification settings: ${preferences}`] : []),
  ]
  return lines.length === 0 ? text : [text.trimEnd(), '', '-- ', ...lines, ''].join('\n')
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
  const {
    unsubscribe_url: unsubscribe,
    preferences_url: preferences,
    why_url: why,
  } = scope as Links
  const unsubscribeUrl = unsubscribe ?? null
  const preferencesUrl = preferences ?? null
  const whyUrl = why ?? null
  return pageOf({ subject, preheader, content, unsubscribeUrl, preferencesUrl, whyUrl })
}

type Links = { unsubscribe_url?: string; preferences_url?: string; why_url?: string }

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
