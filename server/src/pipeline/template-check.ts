// What is wrong with a template, found when it is saved: what does not parse, names that nobody gives
// it, messages that nobody has written.
import type { Channel } from '../domain/channel.ts'
import type { DataSources } from '../domain/data-source.ts'
import type { EventTypeDefinition } from '../domain/event-type.ts'
import { defaultLocale } from '../domain/locale.ts'
import { didYouMean } from '../domain/nearest.ts'
import { paramNames, type Names } from '../domain/param-names.ts'
import type { Messages, PartKind, Parts, PartSource, TemplateSource } from '../domain/template.ts'
import { createTexts, type CompiledText } from './liquid.ts'
import { placed, TextError } from './liquid-error.ts'
import type { NameUse } from './liquid-names.ts'
import { compileTemplate } from './render.ts'
import { findMessage, messageProblem } from './translate.ts'

/** `pointer`: a JSON Pointer into the template. */
export type TemplateProblem = { pointer: string; detail: string }

export type TemplateCheck = {
  /** Reasons to refuse it. */
  problems: TemplateProblem[]
  /** Of what does not look right. */
  warnings: TemplateProblem[]
  /** What it reads: `order_id`, `subscriber.data.name`. */
  variables: string[]
}

const builtIn: Exclude<Names, null> = {
  subscriber: { id: null, locale: null, timezone: null, data: null, email: null, phone: null },
  event: { id: null, type: null, created_at: null },
  workspace: { key: null, name: null },
  digest: { count: null, items: null, more: null },
  unsubscribe_url: null,
  why_url: null,
  acknowledge_url: null,
  preferences_url: null,
}

/** What an event type gives its templates to read. */
export type Declared = Pick<EventTypeDefinition, 'params' | 'data'>

/** `declared`: without parameters any may be named, and without an event type. */
export function checkTemplate(
  channel: Channel,
  content: TemplateSource,
  declared: Declared | null,
  parts: Parts,
): TemplateCheck {
  const params = paramNames(declared?.params ?? null)
  const given = { ...builtIn, ...dataNames(declared?.data) }
  const permitted: Names = params && { ...params, ...given, params }
  const texts = createTexts(parts)
  const check: TemplateCheck = { problems: [], warnings: [], variables: [] }
  const variables = new Set<string>()

  for (const { source, pointer } of textsOf(content)) {
    const text = attempt(check, pointer, () =>
      texts.compile(channel === 'email' && pointer === '/body' ? withoutLayout(source) : source),
    )
    if (!text) continue
    for (const use of text.uses) {
      const detail = nameProblem(use, permitted ?? givenOnly(use, given))
      if (detail) check.problems.push({ pointer, detail })
      variables.add(use.path.join('.'))
    }
    check.warnings.push(...missingMessages(text, parts).map((detail) => ({ pointer, detail })))
  }
  const template = { channel, locale: defaultLocale, version: 1, content }
  if (check.problems.length === 0)
    attempt(check, channel === 'email' ? '/body' : '', () => compileTemplate(template, parts))
  return { ...check, variables: [...variables].toSorted() }
}

/** The names of data sources; what is in what they answer is not known. */
function dataNames(sources: DataSources | undefined): { data?: Names } {
  if (sources === undefined) return {}
  return { data: Object.fromEntries(Object.keys(sources).map((name) => [name, null])) }
}

const ofLayouts = { content: null, subject: null, preheader: null, params: null }

/** What is wrong with a layout, a partial or a bundle of translations. `parts`: it among the others. */
export function checkPart(
  { kind, name }: { kind: PartKind; name: string },
  content: PartSource,
  parts: Parts,
): TemplateProblem[] {
  if ('messages' in content) return messageProblems(content.messages, name)
  const check: TemplateCheck = { problems: [], warnings: [], variables: [] }
  // Within a partial of itself it is found to go in a circle.
  const source = kind === 'partial' ? `{% render "${name}" %}` : content.body
  const text = attempt(check, '/body', () => createTexts(parts).compile(source, 'html'))
  if (!text || kind === 'partial') return check.problems
  for (const use of text.uses) {
    const detail = nameProblem(use, { ...builtIn, ...ofLayouts })
    if (detail) check.problems.push({ pointer: '/body', detail })
  }
  if (!text.names.has('content'))
    check.problems.push({
      pointer: '/body',
      detail: 'has no {{ content }}: the place where the text of the e-mail goes.',
    })
  return check.problems
}

function messageProblems(
  messages: Messages,
  locale: string,
  pointer = '/messages',
): TemplateProblem[] {
  return Object.entries(messages).flatMap(([key, value]) => {
    const at = `${pointer}/${escapePointer(key)}`
    if (typeof value !== 'string') return messageProblems(value, locale, at)
    const detail = messageProblem(value, locale)
    return detail === null ? [] : [{ pointer: at, detail }]
  })
}

function attempt<T>(check: TemplateCheck, pointer: string, work: () => T): T | null {
  try {
    return work()
  } catch (error) {
    if (!(error instanceof TextError)) throw error
    check.problems.push({
      pointer,
      detail: `${error.message}${/[.?]$/.test(error.message) ? '' : '.'}`,
    })
    return null
  }
}

/** Every text in it that is Liquid, with its place. */
function textsOf(value: unknown, pointer = ''): { source: string; pointer: string }[] {
  if (typeof value === 'string') return [{ source: value, pointer }]
  if (value === null || typeof value !== 'object') return []
  return Object.entries(value).flatMap(([key, item]) =>
    textsOf(item, `${pointer}/${escapePointer(key)}`),
  )
}

/** @see RFC 6901 */
export function escapePointer(key: string): string {
  return key.replaceAll('~', '~0').replaceAll('/', '~1')
}

/** The e-mail reads it, not Liquid. Blanks in its place keep lines and columns. */
function withoutLayout(source: string): string {
  return source.replace(/^\s*\{%-?\s*layout\s[^%]*%\}/, (tag) => tag.replace(/\S/g, ' '))
}

const ownOfLists = ['size', 'first', 'last']

function nameProblem({ path, place }: NameUse, permitted: Names): string | null {
  let names = permitted
  for (const [i, step] of path.entries()) {
    if (names === null || typeof step === 'number') return null
    if (Object.hasOwn(names, step)) names = names[step]!
    else if (i > 0 && ownOfLists.includes(step)) return null
    else {
      const known = Object.keys(names).toSorted()
      const name = path.slice(0, i + 1).join('.')
      const hint = didYouMean(step, known)
      return `${placed(place)}: "${name}" is no declared name.${hint} Permitted here: ${known.join(', ')}.`
    }
  }
  return null
}

/** Where parameters are not declared, what is given besides is known all the same. */
function givenOnly({ path }: NameUse, given: Exclude<Names, null>): Names {
  return Object.hasOwn(given, String(path[0])) ? given : null
}

function missingMessages(text: CompiledText, { translations }: Parts): string[] {
  const locales = [defaultLocale, ...Object.keys(translations)]
  const keys = new Set(text.translations.flatMap(({ key }) => key ?? []))
  return [...keys].flatMap((key) => {
    const missing = new Set(
      locales.filter((locale) => findMessage(translations, key, locale) === null),
    )
    if (missing.size === 0) return []
    if (missing.size === new Set(locales).size) return `no language has the message "${key}".`
    return `the message "${key}" is missing for ${[...missing].join(', ')}: the key is shown instead.`
  })
}
