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
  UnlessTag,
  Value,
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
    if (--left < 0 || !hasLinearFilters(template)) return false
    if (template instanceof PartialTag)
      return !template.isRepeated && childrenOf(template, true).every(isPlain)
    const isTag = 'token' in template && 'name' in template
    if (isTag && !tags.some((tag) => template instanceof tag)) return false
    return childrenOf(template).every(isPlain)
  }
  return templates.every(isPlain)
}

function hasLinearFilters(template: Template): boolean {
  if (!template.arguments) return true
  for (const argument of template.arguments())
    if (argument instanceof Value)
      for (const { name } of argument.filters)
        if (!linearFilters.has(name) && !isEscaping(name)) return false
  return true
}

/** The parser appends the escaping of outputs as a filter whose name is no name. */
function isEscaping(name: string): boolean {
  return name.startsWith('[object ')
}
