// Which texts may be rendered in the worker's own process: those whose shape proves that they end soon.
// Text, outputs with filters that take no longer than what they are given, and plain conditions.
// Everything else (loops, variables, sorting) goes to a process that can be stopped: see render-pool.ts.
import {
  AssignTag,
  CaseTag,
  CommentTag,
  EchoTag,
  IfTag,
  InlineCommentTag,
  LiquidTag,
  RawTag,
  TypeGuards,
  UnlessTag,
  Value,
  type Filter,
  type Template,
} from 'liquidjs'
import { childrenOf, PartialTag } from './liquid-partials.ts'

type TagClass = abstract new (...args: never[]) => Template

const plainTags: TagClass[] = [
  CaseTag,
  CommentTag,
  EchoTag,
  IfTag,
  InlineCommentTag,
  LiquidTag,
  RawTag,
  UnlessTag,
]

// What they make counts against the memory limit, which so is a limit of time as well.
const linearFilters = new Set(
  (
    'abs append at_least at_most base64_encode capitalize ceil compact concat date ' +
    'date_to_long_string date_to_rfc822 date_to_string date_to_xmlschema default divided_by downcase ' +
    'escape escape_once first floor join json jsonify last lstrip minus modulo newline_to_br plus ' +
    'prepend remove_first replace_first reverse round rstrip size slice split strip ' +
    'strip_newlines t times to_integer truncate upcase url_encode'
  ).split(' '),
)

const mostNodes = 2_000

export function isBounded(templates: Template[]): boolean {
  return isMadeOf(templates, plainTags)
}

/** With variables as well: what is put into them counts against the memory limit. */
export function isLoopFree(templates: Template[]): boolean {
  return isMadeOf(templates, [...plainTags, AssignTag])
}

/** Partials count as often as they are rendered. */
function isMadeOf(templates: Template[], tags: TagClass[]): boolean {
  let left = mostNodes
  const isPlain = (template: Template): boolean => {
    left -= weightOf(template)
    if (left < 0) return false
    if (template instanceof PartialTag)
      return !template.isRepeated && childrenOf(template, true).every(isPlain)
    const isTag = 'token' in template && 'name' in template
    if (isTag && !tags.some((tag) => template instanceof tag)) return false
    return childrenOf(template).every(isPlain)
  }
  return templates.every(isPlain)
}

/** In nodes. Infinite: it has a filter that may take longer than what it is given. */
function weightOf(template: Template): number {
  let weight = 1
  for (const argument of template.arguments?.() ?? [])
    if (argument instanceof Value) for (const filter of argument.filters) weight += dearness(filter)
  return weight
}

const cheapFilters = new Set(
  (
    'abs at_least at_most ceil default divided_by first floor last minus modulo plus round size t ' +
    'times to_integer'
  ).split(' '),
)

// All others may copy all of a long text, one after the other: a hundred of them take milliseconds.
const copyWeight = 20

// Each part of a date asks the system for its name: as long as a dozen plain outputs take.
const datePartWeight = 10

function dearness({ name, args }: Filter): number {
  if (isEscaping(name)) return 0
  if (!linearFilters.has(name)) return Infinity
  if (cheapFilters.has(name)) return 1
  if (!name.startsWith('date')) return copyWeight
  const [format] = name === 'date' ? args : []
  if (format === undefined) return 8 * datePartWeight // as many as the longest that is built in
  // In a value there may be as many as somebody likes.
  if (!TypeGuards.isQuotedToken(format)) return Infinity
  return (format.content.split('%').length - 1) * datePartWeight
}

/** The parser appends the escaping of outputs as a filter whose name is no name. */
function isEscaping(name: string): boolean {
  return name.startsWith('[object ')
}
