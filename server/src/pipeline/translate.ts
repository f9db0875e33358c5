// Translations: {{ 'order.shipped' | t: count: 3 }} is the message of that name in the reader's language,
// with ICU plurals and choices.
import { createRequire } from 'node:module'
import type * as Messages from 'intl-messageformat'
import { TypeGuards, Value, type FilterImplOptions, type Template } from 'liquidjs'
import { defaultLocale, lookupOrder } from '../domain/locale.ts'
import { childrenOf, PartialTag } from './liquid-partials.ts'

/** Messages by locale, then by key. */
export type Translations = Record<string, Record<string, string>>

/** The key is null where it is computed. */
export type TranslationUse = { key: string | null }

/** Where a scope says in which language its reader reads. No parameter can have this name. */
export const readerLocale = Symbol('locale')

const spokenByDefault = 'en' // the plurals of a bundle that has no language

/** Why a message cannot be used; null when it can. */
export function messageProblem(message: string, locale: string): string | null {
  try {
    parse(message, locale)
    return null
  } catch (error) {
    return `is no ICU message: ${(error as Error).message}`
  }
}

const require = createRequire(import.meta.url)

function parse(message: string, locale: string): Messages.IntlMessageFormat {
  // Loaded with the first message: most servers translate nothing.
  const { IntlMessageFormat } = require('intl-messageformat') as typeof Messages
  const language = locale === defaultLocale ? spokenByDefault : locale
  return new IntlMessageFormat(message, language, undefined, { ignoreTag: true })
}

/** The locale whose messages a reader gets first; what is missing there comes from the next in line. */
export function bundleFor(translations: Translations, locale: string | null): string {
  return lookupOrder(locale).find((name) => Object.hasOwn(translations, name)) ?? defaultLocale
}

/** Null: there is none, in no language that the reader gets. */
export function findMessage(
  translations: Translations,
  key: string,
  locale: string | null,
): { message: string; locale: string } | null {
  for (const name of lookupOrder(locale)) {
    const bundle = Object.hasOwn(translations, name) ? translations[name]! : {}
    if (Object.hasOwn(bundle, key)) return { message: bundle[key]!, locale: name }
  }
  return null
}

/** The filter `t`. A key that has no message is its own text. */
export function createTranslator(translations: Translations): FilterImplOptions {
  const parsed = new Map<string, Messages.IntlMessageFormat>()
  return function translate(value: unknown, ...args: unknown[]) {
    const key = typeof value === 'string' ? value : JSON.stringify(value ?? '')
    // Arguments with names arrive as pairs; read only by name, so that order does not matter.
    const values = Object.fromEntries(args.filter(Array.isArray) as [string, unknown][])
    const { [readerLocale]: locale = null } = this.context.globals as { [readerLocale]?: string }
    const found = findMessage(translations, key, locale)
    if (!found) return key
    const id = `${found.locale} ${key}`
    let message = parsed.get(id)
    if (!message) parsed.set(id, (message = parse(found.message, found.locale)))
    this.context.memoryLimit.use(found.message.length)
    return String(message.format(values as Record<string, string>))
  }
}

/** Every use of `t`, in partials too. */
export function translationsOf(templates: Template[]): TranslationUse[] {
  const uses: TranslationUse[] = []
  const seen = new Set<string>()
  const visit = (template: Template) => {
    for (const argument of template.arguments?.() ?? [])
      if (argument instanceof Value && argument.filters[0]?.name === 't')
        uses.push({ key: keyOf(argument) })
      else if (argument instanceof Value && argument.filters.some(({ name }) => name === 't'))
        uses.push({ key: null })
    if (template instanceof PartialTag) {
      if (seen.has(template.partial)) return
      seen.add(template.partial)
    }
    childrenOf(template, true).forEach(visit)
  }
  templates.forEach(visit)
  return uses
}

function keyOf({ initial }: Value): string | null {
  const [token, ...more] = initial.postfix
  return token && more.length === 0 && TypeGuards.isQuotedToken(token) ? token.content : null
}
