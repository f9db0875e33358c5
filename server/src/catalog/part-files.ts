// Which file says what: the name of a part's file, and its text.
//
//   event-types/order.shipped.yaml                 the event type
//   event-types/order.shipped.email.en.liquid      its template for e-mail in English
//   layouts/default.liquid  partials/footer.liquid  translations/fr.yaml
//   sources/github.yaml  schedules/weekly.yaml  providers/email.Postmark.yaml
//   preference-defaults.yaml                       beside the folders: there is one
//
// A template's fields stand in front of it between two lines of ---; its body follows. What a webhook
// sends is no text but a value: there the body is YAML (or JSON), with Liquid in its strings.
import { channels } from '../domain/channel.ts'
import type { Fields, PartId } from './parts.ts'
import {
  parseYaml,
  printYaml,
  type Place,
  type PlacedProblem,
  type Side,
  type YamlText,
} from './strict-yaml.ts'

const folders = {
  event_types: 'event-types',
  layouts: 'layouts',
  partials: 'partials',
  translations: 'translations',
  templates: 'event-types',
  sources: 'sources',
  schedules: 'schedules',
  providers: 'providers',
} as const

const defaultsFile = 'preference-defaults.yaml'

/** Files that stand beside the folders. */
export const catalogFiles = [defaultsFile]
export const catalogFolders = [...new Set(Object.values(folders))]

export function fileOf({ kind, names }: PartId): string {
  if (kind === 'preference_defaults') return defaultsFile
  const ending =
    kind === 'templates' || kind === 'layouts' || kind === 'partials' ? 'liquid' : 'yaml'
  return `${folders[kind]}/${names.map(encoded).join('.')}.${ending}`
}

/** As in a URL, and what some file systems do not take. */
function encoded(name: string): string {
  return encodeURIComponent(name).replaceAll(
    /[*]|\.$/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}

/** The part that a file is by its path, or why it is none. */
export function partOfFile(path: string): PartId | { detail: string } {
  if (path === defaultsFile) return { kind: 'preference_defaults', names: [] }
  const [folder = '', file = '', ...deeper] = path.split('/')
  const ending = /\.(ya?ml|liquid)$/.exec(file)?.[1] ?? ''
  const stem = decoded(file.slice(0, -ending.length - 1))
  if (ending === '') return { detail: 'must end in .yaml or .liquid.' }
  if (deeper.length > 0) return { detail: 'is too deep: files stand in the folders themselves.' }
  if (stem === null) return { detail: 'has a % in its name that is no encoding.' }
  const isText = ending === 'liquid'
  switch (folder) {
    case 'event-types':
      return isText ? templateOf(stem) : { kind: 'event_types', names: [stem] }
    case 'layouts':
    case 'partials':
      return isText ? { kind: folder, names: [stem] } : { detail: 'must end in .liquid.' }
    case 'translations':
    case 'sources':
    case 'schedules':
      return isText ? { detail: 'must end in .yaml.' } : { kind: folder, names: [stem] }
    case 'providers': {
      const [channel = '', ...name] = stem.split('.')
      if (isText || name.length === 0)
        return { detail: 'must be called <channel>.<name>.yaml, such as email.Postmark.yaml.' }
      return { kind: 'providers', names: [channel, name.join('.')] }
    }
    default:
      return { detail: 'is in no folder of a catalog.' }
  }
}

function templateOf(stem: string): PartId | { detail: string } {
  const [locale = '', channel = '', ...type] = stem.split('.').reverse()
  if (type.length === 0 || !channels.some((one) => one === channel))
    return {
      detail:
        `must be called <event type>.<channel>.<locale>.liquid, such as order.shipped.email.default.liquid; ` +
        `channels: ${channels.join(', ')}.`,
    }
  return { kind: 'templates', names: [type.reverse().join('.'), channel, locale] }
}

function decoded(text: string): string | null {
  try {
    return decodeURIComponent(text)
  } catch {
    return null
  }
}

export type PartText = {
  value: unknown
  /** Where a problem is: `within` is the place within a text of the part, if it is told. */
  placeOf: (pointer: string, within: Place | null, side: Side) => Place
}

/** What a file says, or what is wrong with its form. */
export function readPart(id: PartId, text: string): PartText | { problems: PlacedProblem[] } {
  if (!fileOf(id).endsWith('.liquid')) return readValue(text)
  const { front, body, bodyLine } = partLiquid(text)
  const head = front.trim() === '' ? null : parseYaml(front)
  if (head && 'problems' in head)
    return { problems: head.problems.map((one) => ({ ...one, line: one.line + 1 })) }
  const fields = (head?.value ?? {}) as Fields
  if (typeof fields !== 'object' || Array.isArray(fields))
    return {
      problems: [{ line: 2, column: 1, detail: 'must be fields: subject: … and the like.' }],
    }

  const isValue = id.kind === 'templates' && id.names[1] === 'webhook'
  // As it was printed: its last line ends too, which says something after `|+`.
  const below = isValue && !('body' in fields) ? parseYaml(`${body}\n`) : null
  if (below && 'problems' in below)
    return { problems: below.problems.map((one) => ({ ...one, line: one.line + bodyLine - 1 })) }
  if ('body' in fields && body !== '')
    return { problems: [{ line: bodyLine, column: 1, detail: 'There is a body above, too.' }] }
  const value = 'body' in fields ? fields : { ...fields, body: below ? below.value : body }
  return {
    value,
    placeOf(pointer, within, side) {
      const isBelow = !('body' in fields) && /^\/body(\/|$)/.test(pointer)
      if (!isBelow)
        return head ? moved(placeIn(head, pointer, within, side), 1) : { line: 1, column: 1 }
      if (below)
        return moved(placeIn(below, pointer.slice('/body'.length), within, side), bodyLine - 1)
      return moved(within ?? { line: 1, column: 1 }, bodyLine - 1)
    },
  }
}

function placeIn(read: YamlText, pointer: string, within: Place | null, side: Side): Place {
  return (within && read.placeWithin(pointer, within)) ?? read.placeOf(pointer, side)
}

function moved({ line, column }: Place, lines: number): Place {
  return { line: line + lines, column }
}

function readValue(text: string): PartText | { problems: PlacedProblem[] } {
  const read = parseYaml(text)
  if ('problems' in read) return read
  return {
    value: read.value,
    placeOf: (pointer, within, side) => placeIn(read, pointer, within, side),
  }
}

const fence = '---\n'

/** Lines end in \n, whatever the editor says; the last of them is the file's, not the text's. */
function partLiquid(text: string): { front: string; body: string; bodyLine: number } {
  const plain = text.replaceAll('\r\n', '\n')
  const end = plain.startsWith(fence) ? `\n${plain.slice(fence.length)}`.indexOf(`\n${fence}`) : -1
  if (end === -1) {
    const isOnlyFront = plain.startsWith(fence) && plain.endsWith('\n---')
    if (isOnlyFront) return { front: plain.slice(fence.length, -3), body: '', bodyLine: 1 }
    return { front: '', body: plain.replace(/\n$/, ''), bodyLine: 1 }
  }
  const front = plain.slice(fence.length, fence.length + end)
  const body = plain.slice(2 * fence.length + end).replace(/\n$/, '')
  return { front, body, bodyLine: front.split('\n').length + 2 }
}

/** The text of a part's file: the same for parts that say the same. */
export function printPart(id: PartId, value: Fields): string {
  if (!fileOf(id).endsWith('.liquid')) return printYaml(value)
  const { body, ...fields } = value
  const isValue = id.kind === 'templates' && id.names[1] === 'webhook'
  const text = isValue ? printYaml(body).replace(/\n$/, '') : String(body)
  // What would not be read again as it is goes in front, where it can be written with escapes. As the whole of
  // a YAML text, one that begins with a space loses it.
  const isLost =
    text.startsWith('\ufeff') ||
    (isValue ? typeof body === 'string' && /^\s/.test(body) : /\r|^$/.test(text))
  if (isLost) return `${fence}${printYaml(value)}${fence}`
  const front = Object.keys(fields).length === 0 ? '' : printYaml(fields)
  const needsFence = front !== '' || text.startsWith('---')
  return `${needsFence ? `${fence}${front}${fence}` : ''}${text}\n`
}
