// The catalog as one flat list of parts: an event type, a template, a provider. Each has a JSON Pointer
// into the document of the whole, which is also what people read: /event_types/order.shipped.
import { hash } from 'node:crypto'
import { canonicalJson } from '../domain/canonical-json.ts'
import { pointerSegments, pointerTo } from '../domain/json-pointer.ts'
import type { FieldError } from '../errors.ts'

/** By what each kind of part is named in the document. */
export const partNames = {
  event_types: ['key'],
  layouts: ['name'],
  partials: ['name'],
  translations: ['locale'],
  templates: ['event type', 'channel', 'locale'],
  sources: ['key'],
  schedules: ['key'],
  providers: ['channel', 'name'],
  preference_defaults: [], // there is one of it, or none
} as const

export type PartKind = keyof typeof partNames
export const partKinds = Object.keys(partNames) as PartKind[]

export type PartId = { kind: PartKind; names: string[] }
export type Fields = Record<string, unknown>

/** By pointer. */
export type Parts = Map<string, Fields>

/** By kind, then by the names of each part: what GET /catalog answers. */
export type CatalogDocument = Partial<Record<PartKind, Fields>>

export function pointerOf({ kind, names }: PartId): string {
  return pointerTo([kind, ...names])
}

/** The part that a pointer leads to, or into. */
export function partAt(pointer: string): PartId {
  const [kind = '', ...rest] = pointerSegments(pointer) ?? []
  if (!isKind(kind)) throw new Error(`${pointer} leads to no part of a catalog`)
  return { kind, names: rest.slice(0, partNames[kind].length) }
}

function isKind(text: string): text is PartKind {
  return Object.hasOwn(partNames, text)
}

/** The parts of a document, and what in it is none. */
export function partsOf(document: CatalogDocument): { parts: Parts; problems: FieldError[] } {
  const parts: Parts = new Map()
  const problems: FieldError[] = []
  const visit = (names: string[], value: unknown, depth: number): void => {
    const pointer = pointerTo(names)
    if (value === null || typeof value !== 'object' || Array.isArray(value))
      problems.push({ pointer, detail: 'must be an object.' })
    else if (depth === 0) parts.set(pointer, value as Fields)
    else
      for (const [name, member] of Object.entries(value)) visit([...names, name], member, depth - 1)
  }
  for (const kind of partKinds)
    if (document[kind] !== undefined) visit([kind], document[kind], partNames[kind].length)
  return { parts, problems }
}

/** The document of some parts: kinds in their order, names in theirs. */
export function documentOf(parts: Parts): CatalogDocument {
  const document: CatalogDocument = {}
  for (const kind of partKinds) if (partNames[kind].length > 0) document[kind] = {}
  for (const pointer of [...parts.keys()].toSorted()) {
    const { kind, names } = partAt(pointer)
    const path = [kind, ...names]
    let place: Fields = document
    for (const name of path.slice(0, -1)) place = (place[name] ??= {}) as Fields
    place[path.at(-1)!] = parts.get(pointer)
  }
  return document
}

/** The same for parts that say the same. */
export function fingerprintOf(value: unknown): string {
  return hash('sha256', canonicalJson(value), 'base64url').slice(0, 22)
}

/** `event type order.shipped`, `template order.shipped email en`: how people are told of a part. */
export function nameOf(pointer: string): string {
  const { kind, names } = partAt(pointer)
  return [singular[kind], ...names].join(' ')
}

const singular: Record<PartKind, string> = {
  event_types: 'event type',
  layouts: 'layout',
  partials: 'partial',
  translations: 'translations',
  templates: 'template',
  sources: 'source',
  schedules: 'schedule',
  providers: 'provider',
  preference_defaults: 'preference defaults',
}
