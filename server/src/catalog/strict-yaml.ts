// YAML as strictly as a store of record must read it, with the place of every value: what YAML can do
// beyond JSON (anchors, tags, merges, several documents) is refused, since every reader takes it otherwise.
import {
  Document,
  isAlias,
  isMap,
  isPair,
  isScalar,
  LineCounter,
  parseDocument,
  visit,
  type Node,
} from 'yaml'
import { pointerSegments } from '../domain/json-pointer.ts'

export type Place = { line: number; column: number }
/** What a problem is about: a value, or that there is such a key. */
export type Side = 'key' | 'value'
export type PlacedProblem = Place & { detail: string }

export type YamlText = {
  value: unknown
  /** Where the value at a JSON Pointer begins, or its key; the nearest one around it if there is none. */
  placeOf: (pointer: string, side: Side) => Place
  /** Where a place inside a text of several lines is in the file; null when it cannot be said. */
  placeWithin: (pointer: string, place: Place) => Place | null
}

/** The value, or what is wrong with the text. */
export function parseYaml(text: string): YamlText | { problems: PlacedProblem[] } {
  const lines = new LineCounter()
  let document: Document
  try {
    document = parseDocument(text, {
      version: '1.2',
      uniqueKeys: true,
      prettyErrors: false,
      lineCounter: lines,
    })
  } catch (error) {
    // The parser goes down by calling itself.
    if (!(error instanceof RangeError)) throw error
    return { problems: [{ line: 1, column: 1, detail: tooDeep }] }
  }
  const at = (offset: number): Place => {
    const { line, col } = lines.linePos(offset)
    return { line: Math.max(1, line), column: Math.max(1, col) }
  }
  const found = [...document.errors, ...document.warnings]
  // One mistake is often met again and again.
  const problems = found.slice(0, mostProblems).map(({ message, code, pos }) => ({
    ...at(pos[0]),
    detail: detailOf(code, message),
  }))
  if (document.directives?.yaml.explicit && document.directives.yaml.version !== '1.2')
    problems.push({ line: 1, column: 1, detail: 'Only YAML 1.2 is taken.' })
  if (problems.length === 0) problems.push(...beyondJson(document, at))
  if (problems.length > 0) return { problems }
  return {
    value: document.toJS(),
    placeOf: (pointer, side) => at(offsetOf(document, pointer, side)),
    placeWithin: (pointer, place) => placeWithin(document, { pointer, place, at }),
  }
}

const mostProblems = 10
const tooDeep = 'This is nested too deeply.'

function detailOf(code: string, message: string): string {
  if (message.includes('call stack')) return tooDeep
  return `${words[code as keyof typeof words] ?? message.replace(/\.$/, '')}.`
}

const words = {
  DUPLICATE_KEY: 'The same key stands here twice',
  MULTIPLE_DOCS: 'A file holds one document: --- may not separate several',
  BAD_ALIAS: 'Anchors and aliases (& and *) are not taken: write the value out',
}

const deepest = 30

function beyondJson(document: Document, at: (offset: number) => Place): PlacedProblem[] {
  const problems: PlacedProblem[] = []
  const refuse = (node: Node, detail: string) =>
    problems.push({ ...at(node.range?.[0] ?? 0), detail })
  visit(document, {
    Node(_, node, path) {
      if (path.length > 2 * deepest) {
        refuse(node, tooDeep)
        return visit.BREAK
      }
      if (isAlias(node) || node.anchor !== undefined)
        refuse(node, 'Anchors and aliases (& and *) are not taken: write the value out.')
      if (!isAlias(node) && node.tag !== undefined) refuse(node, 'Tags (!) are not taken.')
      else if (isScalar(node))
        refuseScalar(node.value, node.source, (detail) => refuse(node, detail))
      return undefined
    },
    Pair(_, { key }) {
      if (!isScalar(key))
        refuse(key as Node, 'A key must be a text. Liquid goes in quotes: "{{ name }}".')
      else if (key.value === '__proto__' || key.value === '<<')
        refuse(key, `"${key.value}" is no key that is taken.`)
      else if (key.value === null) refuse(key, 'There is a key missing here.')
    },
  })
  return problems
}

function refuseScalar(
  value: unknown,
  source: string | undefined,
  refuse: (detail: string) => void,
): void {
  if (typeof value === 'string' && (value.includes('\0') || !value.isWellFormed()))
    refuse('There is a character that cannot be stored.')
  if (typeof value !== 'number') return
  if (!Number.isFinite(value)) refuse('Only numbers that JSON has are taken.')
  else if (
    Number.isInteger(value) &&
    !Number.isSafeInteger(value) &&
    /^[-+\d]+$/.test(source ?? '')
  )
    refuse('The number has too many digits: put it in quotes.')
}

/** A list or a map is told of by its key, too: it begins somewhere below. */
function offsetOf(document: Document, pointer: string, side: Side): number {
  const { key, node } = find(document, pointer)
  const isTold = side === 'value' && isScalar(node) && node.value !== null
  return (isTold ? node : (key ?? node))?.range?.[0] ?? 0
}

function find(document: Document, pointer: string): { key: Node | null; node: Node | null } {
  let node: Node | null = document.contents
  let key: Node | null = null
  for (const segment of pointerSegments(pointer) ?? []) {
    if (isMap(node)) {
      const pair = node.items.find(
        (item) => isScalar(item.key) && String(item.key.value) === segment,
      )
      if (!isPair(pair)) break
      key = pair.key as Node
      node = pair.value as Node | null
    } else {
      const items = (node as { items?: unknown[] } | null)?.items
      const item = items?.[Number(segment)]
      if (item === undefined) break
      key = null
      node = item as Node
    }
  }
  return { key, node }
}

function placeWithin(
  document: Document,
  { pointer, place, at }: { pointer: string; place: Place; at: (offset: number) => Place },
): Place | null {
  const { node } = find(document, pointer)
  if (!isScalar(node) || !node.range) return null
  const start = at(node.range[0])
  if (node.type === 'PLAIN' && place.line === 1)
    return { line: start.line, column: start.column + place.column - 1 }
  if ((node.type === 'QUOTE_DOUBLE' || node.type === 'QUOTE_SINGLE') && place.line === 1)
    return { line: start.line, column: start.column + place.column }
  if (node.type === 'BLOCK_LITERAL') return { line: start.line + place.line, column: place.column }
  return null
}

const longestList = 60

/** The one way in which Belfry writes a value: the same for equal values. */
export function printYaml(value: unknown): string {
  const document = new Document(ordered(value), {
    version: '1.2',
    compat: 'yaml-1.1', // yes, no and the like in quotes: other readers take them for true and false
    aliasDuplicateObjects: false,
  })
  visit(document, {
    Scalar(_, scalar) {
      // As a block, lines of nothing but spaces would be read as fewer.
      if (typeof scalar.value === 'string' && scalar.value.trim() === '')
        scalar.type = 'QUOTE_DOUBLE'
    },
    Seq(_, list) {
      const texts = list.items.map((item) => (isScalar(item) ? String(item.value) : null))
      const length = texts.join(', ').length
      if (!texts.includes(null) && length <= longestList && !/\n/.test(texts.join()))
        list.flow = true
    },
  })
  return document.toString({
    lineWidth: 100,
    minContentWidth: 40,
    flowCollectionPadding: false,
  })
}

// What comes first, in definitions and in JSON Schemas. PostgreSQL keeps no order, so there is one here.
const firstKeys =
  `name kind category level title subject preheader description type format const enum pattern params
  schema required properties items additionalProperties audience otherwise auth event to channels plan
  acknowledge escalate_to send wait for unless digest window throttle limit per if then else opt_in thread retry retention fallback data priority enabled settings host port
  header username algorithm encoding prefix attempts delay backoff status response url body`.split(
    /\s+/,
  )
const rank = new Map(firstKeys.map((key, i) => [key, i]))

function ordered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(ordered)
  if (value === null || typeof value !== 'object') return value
  const place = (key: string) => rank.get(key) ?? firstKeys.length
  return Object.fromEntries(
    Object.entries(value)
      .toSorted(([a], [b]) => place(a) - place(b) || (a < b ? -1 : 1))
      .map(([key, member]) => [key, ordered(member)]),
  )
}
