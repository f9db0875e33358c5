// The parts of a catalog as they were read, and what they are looked up for by each other.
import type { Definition } from '../catalog-forms.ts'
import { didYouMean } from '../domain/nearest.ts'
import type { FieldError } from '../errors.ts'
import { partAt, pointerOf } from './parts.ts'

/** By pointer. */
export type Definitions = Map<string, Definition>

export function eventTypeOf(all: Definitions, key: string) {
  const found = all.get(pointerOf({ kind: 'event_types', names: [key] }))
  return found?.kind === 'event_types' ? found.definition : null
}

export function unknownType(pointer: string, key: string, all: Definitions): FieldError {
  return { pointer, detail: `There is no event type "${key}".${didYouMean(key, keysOf(all))}` }
}

export function keysOf(all: Definitions): string[] {
  const types = [...all.keys()].map(partAt).filter(({ kind }) => kind === 'event_types')
  return types.map(({ names }) => names[0]!)
}
