// Where secrets stand in the parts of a catalog.
import type { Fields, PartId } from './catalog/parts.ts'
import { listProviderKinds } from './provider-settings.ts'

/** A member of a part in which secrets stand: by the path to it, and by their names; null: all of it is. */
export type SecretHolder = { path: string[]; names: readonly string[] | null }

/** Where secrets stand in a part, if it may have any. */
export function secretHolders(id: PartId, value: Fields): SecretHolder[] {
  switch (id.kind) {
    case 'sources':
      return [{ path: ['auth'], names: secretsOf(id, value) }]
    case 'providers':
      return [{ path: ['settings'], names: secretsOf(id, value) }]
    case 'event_types':
      return Object.keys(Object(value.data)).map((name) => {
        return { path: ['data', name, 'headers'], names: null }
      })
    case 'layouts':
    case 'partials':
    case 'preference_defaults':
    case 'schedules':
    case 'templates':
    case 'translations':
      return []
  }
}

/** The names of what is secret in it. */
export function secretsOf({ kind, names }: PartId, value: { kind?: unknown }): readonly string[] {
  if (kind === 'sources') return ['password', 'secret', 'previous_secret']
  if (kind !== 'providers') return []
  return kindFound({ names }, value.kind)?.secrets ?? []
}

/** The kind of provider that a part is of. */
export function kindFound({ names }: Pick<PartId, 'names'>, kind: unknown) {
  return listProviderKinds().find(
    (one) => one.kind === kind && one.channels.some((channel) => channel === names[0]),
  )
}
