// Liquid as Belfry allows it: no files, no filters that evaluate code, other templates only from the
// workspace's own partials, and limits. Templates are written by people we trust less than ourselves;
// values in them by nobody we trust.
import { Context, Liquid, toValue, toValueSync, type Template } from 'liquidjs'
import { isBounded, isLoopFree } from './liquid-bounds.ts'
import { problemOf, TextError } from './liquid-error.ts'
import { checkPartials, PartialTag } from './liquid-partials.ts'
import { readNames, type NameUse } from './liquid-names.ts'
import { shortRuns } from './markdown.ts'
import { createTranslator, translationsOf, type TranslationUse } from './translate.ts'

const forbiddenTags = ['include', 'layout', 'block']
// The first evaluate text as code; raw would let a value escape the escaping.
const forbiddenFilters =
  'where_exp reject_exp group_by_exp has_exp find_index_exp find_exp hmac_sha256 inspect raw'.split(
    ' ',
  )

const limits = { parseLimit: 100_000, renderLimit: 200, memoryLimit: 2_000_000 }
export const longestOutput = 512 * 1024

export type Escaping = 'none' | 'html' | 'markdown' | 'url'

/** What texts may use besides their values. */
export type Library = {
  partials: Record<string, string>
  translations: Record<string, Record<string, string>>
}

export type CompiledText = {
  /** What it reads from outside, and where. */
  uses: NameUse[]
  /** The names of `uses`: 'params', 'subscriber', 'order_id', … */
  names: Set<string>
  /** The paths of `uses`, places in lists as texts: ['params', 'order_id']. */
  paths: string[][]
  /** Those it renders, and those they render. */
  partials: string[]
  /** The messages it asks for by a name that is written down. */
  translations: TranslationUse[]
  isTranslated: boolean
  /** Its shape proves that it ends soon, whatever the values. */
  isBounded: boolean
  /** The same for one that also sets variables: short enough to wait for, but not for thousands. */
  isLoopFree: boolean
  /** @throws TextError when a limit is reached or a value does not fit a filter. */
  render: (scope: object) => string
  /** The value itself when the text is one bare `{{ expression }}`, otherwise the rendered text. */
  evaluate: (scope: object) => unknown
}

export type Texts = {
  /** @throws TextError that says what does not parse, and where. */
  compile: (source: string, escaping?: Escaping) => CompiledText
}

/** Compiles texts that share partials and translations. `readerLocale` of the scope chooses it. */
export function createTexts(library: Library): Texts {
  const engines = new Map<Escaping, Liquid>()
  return {
    compile(source, escaping = 'none') {
      let liquid = engines.get(escaping)
      if (!liquid) engines.set(escaping, (liquid = createEngine(escaping, library)))
      return compile(liquid, source, library)
    },
  }
}

const plain = createTexts({ partials: {}, translations: {} })

/** A text by itself, without partials and translations. */
export function compileText(source: string, escaping: Escaping = 'none'): CompiledText {
  return plain.compile(source, escaping)
}

function compile(liquid: Liquid, source: string, library: Library): CompiledText {
  const parsed = attempt(liquid, () => liquid.parse(source))
  const partials = attempt(liquid, () => checkPartials(parsed, library.partials))
  const uses = readNames(parsed)
  const translations = translationsOf(parsed)
  const bare = /^\{\{(?!-)([^{}]+)(?<!-)\}\}$/.exec(source.trim())?.[1]
  const render = (scope: object) => attempt(liquid, () => write(liquid, parsed, scope))
  return {
    uses,
    names: new Set(uses.map(({ path }) => String(path[0]))),
    paths: uses.map(({ path }) => path.map(String)),
    partials,
    translations,
    isTranslated: translations.length > 0,
    isBounded: isBounded(parsed),
    isLoopFree: isLoopFree(parsed),
    render,
    evaluate(scope) {
      if (!bare) return render(scope)
      return attempt(liquid, () => {
        // toValue: `nil`, `empty` and the like are objects of the parser's own.
        const value: unknown = toValue(liquid.evalValueSync(bare, contextOf(liquid, scope)))
        return storableValue(value)
      })
    },
  }
}

function attempt<T>(liquid: Liquid, work: () => T): T {
  try {
    return work()
  } catch (error) {
    throw problemOf(error, { tags: Object.keys(liquid.tags), filters: Object.keys(liquid.filters) })
  }
}

function write(liquid: Liquid, parsed: Template[], scope: object): string {
  const output = createOutput()
  toValueSync(liquid.renderer.renderTemplates(parsed, contextOf(liquid, scope), output))
  return storable(output.buffer)
}

/** As globals the values are also there in partials, which see nothing else of what is around them. */
function contextOf(liquid: Liquid, scope: object): Context {
  return new Context(scope, liquid.options, { sync: true, globals: scope }, { liquid })
}

/** Counts while it is written to: a text must not take the memory before somebody looks at its length. */
function createOutput() {
  return {
    buffer: '',
    write(value: unknown) {
      this.buffer += printed(value)
      if (this.buffer.length > longestOutput)
        throw new TextError(`the output has more than ${longestOutput} characters`, true)
    },
  }
}

/** As Liquid prints it. */
function printed(given: unknown): string {
  const value: unknown = toValue(given)
  if (typeof value === 'string') return value
  if (value === null || value === undefined) return ''
  if (Array.isArray(value)) return value.map(printed).join('')
  // Objects too: what they print is of no use, but the same everywhere.
  // oxlint-disable-next-line typescript/no-base-to-string
  return String(value)
}

/** Filters can cut a character in two, or make a zero byte. PostgreSQL takes neither. */
function storable(text: string): string {
  return text.toWellFormed().replaceAll('\0', '')
}

/** The same for a value as JSON would keep it, which may not be longer than a text. */
function storableValue(value: unknown): unknown {
  if (typeof value === 'string') return storable(value)
  if (typeof value !== 'object' || value === null) return value
  const json = JSON.stringify(value, (_key, part: unknown) =>
    typeof part === 'string' ? storable(part) : part,
  )
  if (json.length > longestOutput)
    throw new TextError(`the value has more than ${longestOutput} characters`, true)
  return JSON.parse(json)
}

const escapes = {
  none: {},
  html: { outputEscape: 'escape' },
  markdown: { outputEscape: (value: unknown) => markdownSafe(textOf(value)) },
  url: { outputEscape: (value: unknown) => encodeURIComponent(textOf(value).toWellFormed()) },
} as const

function createEngine(escaping: Escaping, { partials, translations }: Library): Liquid {
  const liquid = new Liquid({
    ...limits,
    ...escapes[escaping],
    templates: partials, // without it the working directory would be readable
    cache: true,
    relativeReference: false,
    ownPropertyOnly: true,
    strictFilters: true,
  })
  for (const tag of forbiddenTags) delete liquid.tags[tag]
  for (const filter of forbiddenFilters) delete liquid.filters[filter]
  liquid.registerTag('render', PartialTag)
  liquid.registerFilter('t', createTranslator(translations))
  return liquid
}

function textOf(value: unknown): string {
  if (value === null || value === undefined) return ''
  return typeof value === 'string' ? value : JSON.stringify(value)
}

/** A value inside Markdown stays text; a web address in it stays an address. */
function markdownSafe(value: string): string {
  return value.replace(/https?:\/\/\S+|[&<>"'\\`*_{}[\]()#+\-=!|~@]|[\w.,:/%$?^]{60}/g, (found) => {
    if (found.startsWith('http') && found.includes('://')) return addressSafe(found)
    if (found.length > 1) return shortRuns(found)
    return `&#${found.charCodeAt(0)};`
  })
}

/** Percent-encodes what would end the address or begin something else. A bracket behind it is not part of it. */
function addressSafe(url: string): string {
  const end = url.includes('(') ? '' : (/[.,;:!?)]*$/.exec(url)?.[0] ?? '')
  const address = url.slice(0, url.length - end.length)
  const hex = (character: string) => character.charCodeAt(0).toString(16).toUpperCase()
  return address.replace(/[<>"'`()[\]*\\|]/g, (character) => `%${hex(character)}`) + end
}
