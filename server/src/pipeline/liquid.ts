// Liquid as Belfry allows it: no files, no other templates, no filters that evaluate code, and limits.
// Templates are written by people we trust less than ourselves; values in them by nobody we trust.
import { Liquid, toValue, type Template } from 'liquidjs'

const forbiddenTags = ['include', 'render', 'layout', 'block']
// The first evaluate text as code; raw would let a value escape the escaping.
const forbiddenFilters =
  'where_exp reject_exp group_by_exp has_exp find_index_exp find_exp hmac_sha256 inspect raw'.split(
    ' ',
  )

const limits = { parseLimit: 100_000, renderLimit: 200, memoryLimit: 2_000_000 }
const longestOutput = 512 * 1024

export type Escaping = 'none' | 'html' | 'markdown'

const engines: Record<Escaping, Liquid> = {
  none: engine(),
  html: engine('escape'),
  markdown: engine((value) => markdownSafe(textOf(value))),
}

export type CompiledText = {
  /** The names it reads from outside: 'params', 'subscriber', 'order_id', … */
  names: Set<string>
  /** The same with what is read of them, as far as it is known: ['params', 'order_id']. */
  paths: string[][]
  /** @throws RenderError when a limit is reached or a value does not fit a filter. */
  render: (scope: object) => string
  /** The value itself when the text is one bare `{{ expression }}`, otherwise the rendered text. */
  evaluate: (scope: object) => unknown
}

/** @throws the parser's error: its message names line and column. */
export function compileText(source: string, escaping: Escaping = 'none'): CompiledText {
  const liquid = engines[escaping]
  const parsed = liquid.parse(source)
  const render = (scope: object) => limited(liquid, parsed, scope)
  const bare = /^\{\{(?!-)([^{}]+)(?<!-)\}\}$/.exec(source.trim())?.[1]
  return {
    names: new Set(liquid.globalVariablesSync(parsed)),
    paths: liquid.globalVariableSegmentsSync(parsed).map(knownPath),
    render,
    evaluate(scope) {
      if (!bare) return render(scope)
      // toValue: `nil`, `empty` and the like are objects of the parser's own.
      const value: unknown = toValue(liquid.evalValueSync(bare, scope))
      return typeof value === 'string' ? storable(value) : value
    },
  }
}

/** Up to the first part that depends on a value. Places in lists are written as texts. */
function knownPath(segments: unknown[]): string[] {
  const unknown = segments.findIndex((segment) => typeof segment === 'object')
  return segments.slice(0, unknown === -1 ? undefined : unknown).map(String)
}

function limited(liquid: Liquid, parsed: Template[], scope: object): string {
  const text = String(liquid.renderSync(parsed, scope))
  if (text.length > longestOutput)
    throw new RangeError(
      `the output has ${text.length} characters; at most ${longestOutput} are allowed`,
    )
  return storable(text)
}

/** Filters can cut a character in two, or make a zero byte. PostgreSQL takes neither. */
function storable(text: string): string {
  return text.toWellFormed().replaceAll('\0', '')
}

function engine(outputEscape?: 'escape' | ((value: unknown) => string)): Liquid {
  const options = outputEscape === undefined ? {} : { outputEscape }
  const liquid = new Liquid({
    ...limits,
    ...options,
    templates: {}, // without it the working directory would be readable
    ownPropertyOnly: true,
    strictFilters: true,
  })
  for (const tag of forbiddenTags) delete liquid.tags[tag]
  for (const filter of forbiddenFilters) delete liquid.filters[filter]
  return liquid
}

/** As Liquid prints it. */
function textOf(value: unknown): string {
  if (value === null || value === undefined) return ''
  return typeof value === 'string' ? value : JSON.stringify(value)
}

/** A value inside Markdown stays text; a web address in it stays an address. */
function markdownSafe(value: string): string {
  return value.replace(/https?:\/\/\S+|[&<>"'\\`*_{}[\]()#+\-=!|~]/g, (found) =>
    found.length > 1 ? addressSafe(found) : `&#${found.charCodeAt(0)};`,
  )
}

/** Percent-encodes what would end the address or begin something else. A bracket behind it is not part of it. */
function addressSafe(url: string): string {
  const end = url.includes('(') ? '' : (/[.,;:!?)]*$/.exec(url)?.[0] ?? '')
  const address = url.slice(0, url.length - end.length)
  const hex = (character: string) => character.charCodeAt(0).toString(16).toUpperCase()
  return address.replace(/[<>"'`()[\]*\\|]/g, (character) => `%${hex(character)}`) + end
}
