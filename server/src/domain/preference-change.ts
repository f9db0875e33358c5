// Changing preferences: what a change does to a document, whether it may be made, and what it comes
// to, field by field, for the log.
import { channels, type Channel } from './channel.ts'
import { pointerSegments } from './json-pointer.ts'
import { didYouMean } from './nearest.ts'
import {
  isMandatory,
  type EventTypeSwitches,
  type PreferenceDefaults,
  type PreferenceSubject,
  type Preferences,
} from './preferences.ts'

/** Members that are absent stay as they are, null removes: the person says nothing about it any more. */
export type PreferencePatch = {
  level?: string | null
  channels?: SwitchesPatch | null
  categories?: Record<string, SwitchesPatch | null> | null
  event_types?: Record<string, (SwitchesPatch & { enabled?: boolean | null }) | null> | null
  quiet_hours?: { start: string; end: string } | null
  timezone?: string | null
  muted_threads?: Record<string, boolean | null> | null
}

export type SwitchesPatch = Partial<Record<Channel, boolean | null>>

type Json = { [name: string]: unknown }

/**
 * RFC 7396, and nothing empty stays behind. `enabled: false` also takes back the channels of the event
 * type that were turned on before it: who turns it off wants silence, whatever they once asked for.
 */
export function merged(before: Preferences, patch: Omit<PreferencePatch, 'timezone'>): Preferences {
  const eventTypes = Object.entries(before.event_types ?? {}).map(([key, switches]) => {
    const change = Object.entries(patch.event_types ?? {}).find(([name]) => name === key)?.[1]
    return [key, change?.enabled === false ? withoutTurnedOn(switches) : switches] as const
  })
  const silenced = { ...before, event_types: Object.fromEntries(eventTypes) }
  return mergedObject(before.event_types ? silenced : before, patch)
}

function withoutTurnedOn(switches: EventTypeSwitches): EventTypeSwitches {
  return Object.fromEntries(
    Object.entries(switches).filter(([name, isOn]) => name === 'enabled' || !isOn),
  )
}

function mergedObject(before: Json, patch: Json): Json {
  // A map, not an object: a category may be called __proto__.
  const members = new Map(Object.entries(before))
  for (const [name, value] of Object.entries(patch)) {
    if (value === undefined) continue
    if (!isObject(value)) {
      members.set(name, value)
      continue
    }
    const old = members.get(name)
    const both = mergedObject(isObject(old) ? old : {}, value)
    members.set(name, Object.keys(both).length > 0 ? both : null)
  }
  return Object.fromEntries([...members].filter(([, value]) => value !== null))
}

/** What defaults really say: nothing empty, and nothing about what is not there or cannot be muted any more. */
export function saidByDefault(
  { hours, ...switches }: PreferenceDefaults,
  types: readonly PreferenceSubject[] | null = null,
): PreferenceDefaults {
  let said = merged({}, switches)
  for (const { pointer } of types === null ? [] : patchProblems(said, types)) {
    const nothing = pointerSegments(pointer)!.reduceRight<Json | null>(
      (inner, name) => Object.fromEntries([[name, inner]]),
      null,
    )
    said = merged(said, nothing as PreferencePatch)
  }
  return { ...(said as PreferenceDefaults), ...(hours !== undefined && { hours }) }
}

/** One field that changed; null: nothing was (or is) said about it. */
export type FieldChange = { field: string[]; before: unknown; after: unknown }

/** Every leaf that differs. Quiet hours are one field: half of them means nothing. */
export function differences(before: Json, after: Json, path: string[] = []): FieldChange[] {
  const names = new Set([...Object.keys(before), ...Object.keys(after)])
  return [...names].flatMap((name): FieldChange[] => {
    const field = [...path, name]
    const [old, now] = [own(before, name), own(after, name)]
    if (JSON.stringify(old) === JSON.stringify(now)) return []
    if (name !== 'quiet_hours' && (isObject(old) || isObject(now)))
      return differences(isObject(old) ? old : {}, isObject(now) ? now : {}, field)
    return [{ field, before: old, after: now }]
  })
}

function own(object: Json, name: string): unknown {
  return Object.hasOwn(object, name) ? (object[name] ?? null) : null
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null
}

export type PatchProblem = { pointer: string; detail: string; isMuting: boolean }

/** Why a change cannot be made, with JSON Pointers into it; empty when it can. */
export function patchProblems(
  patch: PreferencePatch,
  types: readonly PreferenceSubject[],
): PatchProblem[] {
  const problems: PatchProblem[] = []
  for (const [key, switches] of Object.entries(patch.event_types ?? {})) {
    if (switches === null) continue
    const pointer = `/event_types/${escaped(key)}`
    const type = types.find((candidate) => candidate.key === key)
    if (!type) {
      const near = didYouMean(key, types.map((candidate) => candidate.key)) // prettier-ignore
      problems.push({ pointer, detail: `is no registered event type.${near}`, isMuting: false })
    } else if (isMandatory(type)) {
      const detail = `${key} is critical: everybody hears about it, and it cannot be turned off.`
      problems.push(...muted(switches, pointer, detail))
    }
  }
  for (const [category, switches] of Object.entries(patch.categories ?? {})) {
    if (switches === null) continue
    const pointer = `/categories/${escaped(category)}`
    const within = types.filter((type) => type.category === category)
    if (within.length === 0) {
      const names = [...new Set(types.flatMap((type) => type.category ?? []))]
      const near = didYouMean(category, names)
      problems.push({
        pointer,
        detail: `is the category of no event type.${near}`,
        isMuting: false,
      })
    } else if (within.every(isMandatory)) {
      const detail = `everything in ${category} is critical: everybody hears about it, and it cannot be turned off.`
      problems.push(...muted(switches, pointer, detail))
    }
  }
  return problems
}

function muted(
  switches: SwitchesPatch & { enabled?: boolean | null },
  pointer: string,
  detail: string,
): PatchProblem[] {
  return (['enabled', ...channels] as const)
    .filter((name) => switches[name] === false)
    .map((name) => ({ pointer: `${pointer}/${name}`, detail, isMuting: true }))
}

/** @see RFC 6901 */
function escaped(key: string): string {
  return key.replaceAll('~', '~0').replaceAll('/', '~1')
}
