// The choices of the page behind a preferences link, and what a person changes with it.
import type { Context } from '../context.ts'
import { channels, type Channel } from '../domain/channel.ts'
import type { PreferencePatch } from '../domain/preference-change.ts'
import {
  decide,
  isMandatory,
  type PreferenceDefaults,
  type PreferenceSubject,
  type Preferences,
} from '../domain/preferences.ts'
import type { LinkOwner } from '../links.ts'
import { findPreferences, findPreferenceState, listPreferenceSubjects } from '../sql/preferences.ts'
import { changePreferences } from './preferences.ts'
import { withoutOwn } from './unsubscribe.ts'

export type FormChoice = { name: string; channel: Channel; isOn: boolean }

export type PreferenceForm = {
  level: 'standard' | 'critical'
  groups: { title: string; choices: FormChoice[] }[]
  optIns: { title: string; name: string; isOn: boolean }[]
  mandatory: string[]
}

type Known = { said: Preferences; defaults: PreferenceDefaults; types: PreferenceSubject[] }

/** Null when the subscriber is no more. */
export async function findPreferenceForm(
  ctx: Context,
  owner: LinkOwner,
): Promise<PreferenceForm | null> {
  const known = await findKnown(ctx, owner)
  return known && formOf(known)
}

async function findKnown(ctx: Context, owner: LinkOwner): Promise<Known | null> {
  const { workspaceId, subscriberId } = owner
  const [found, { defaults }, types] = await Promise.all([
    findPreferences(ctx.db, workspaceId, subscriberId),
    findPreferenceState(ctx.db, workspaceId),
    listPreferenceSubjects(ctx.db, workspaceId),
  ])
  return found && { said: found.document, defaults: defaults ?? {}, types }
}

function formOf({ said, defaults, types }: Known): PreferenceForm {
  const open = types.filter((type) => !isMandatory(type))
  const byTitle = new Map<string, PreferenceSubject[]>()
  for (const type of open) {
    const title = groupName(type)
    byTitle.set(title, [...(byTitle.get(title) ?? []), type])
  }
  // The level is a choice of its own: the others are shown as they are without it.
  const { level = 'standard', ...rest } = said
  const groups = [...byTitle].map(([name, within]) => {
    const { category, key, name: title, isOptIn } = within[0]!
    const subject = {
      level: 'standard' as const,
      eventType: category === null ? key : null,
      category,
      isOptIn: false,
    }
    const heard = isOptIn && category === null ? withEnabled(rest, key) : rest
    const used = channels.filter((channel) =>
      within.some((type) => type.channels.includes(channel)),
    )
    const choices = used.map((channel) => ({
      name: `${channel} ${name}`,
      channel,
      isOn: decide(channel, subject, heard, defaults).isOn,
    }))
    return { title: category ?? title, choices }
  })
  return {
    level,
    groups: groups.toSorted((a, b) => a.title.localeCompare(b.title)),
    optIns: open
      .filter(({ isOptIn }) => isOptIn)
      .map(({ key, name }) => ({
        title: name,
        name: `subscribe ${key}`,
        isOn: said.event_types?.[key]?.enabled === true,
      })),
    mandatory: types.filter(isMandatory).map(({ name }) => name),
  }
}

/** Whether one hears of it at all is asked by itself. */
function withEnabled(said: Preferences, key: string): Preferences {
  const own = { ...said.event_types?.[key], enabled: true }
  return { ...said, event_types: { ...said.event_types, [key]: own } }
}

/** Neither a category nor a key can be taken for the other. */
function groupName({ category, key }: PreferenceSubject): string {
  return category === null ? `type ${key}` : `category ${category}`
}

/**
 * Stores what differs between what the form showed (`was …`) and what it has now: what the person left
 * alone stays unsaid, so that defaults go on to hold for it. What the form did not show is ignored.
 * Null when the subscriber is no more.
 */
export async function submitPreferenceForm(
  ctx: Context,
  owner: LinkOwner,
  fields: URLSearchParams,
): Promise<PreferenceForm | null> {
  const known = await findKnown(ctx, owner)
  if (!known) return null
  const by = { kind: 'preferences_link' } as const
  await changePreferences(ctx, { ...owner, by }, patchOf(known, fields))
  return findPreferenceForm(ctx, owner)
}

function patchOf(known: Known, fields: URLSearchParams): PreferencePatch {
  const eventTypes: NonNullable<PreferencePatch['event_types']> = {}
  const categories: NonNullable<PreferencePatch['categories']> = {}
  const add = (key: string, switches: object) => {
    eventTypes[key] = { ...eventTypes[key], ...switches }
  }
  for (const { name, isOn } of changedChoices(formOf(known), fields)) {
    const { verb, kind, key } = /^(?<verb>\w+) (?:(?<kind>type|category) )?(?<key>.+)$/s.exec(name)!
      .groups as { verb: string; kind?: string; key: string }
    if (kind === undefined) add(key, { enabled: isOn })
    else if (kind === 'type') add(key, { [verb]: isOn })
    else {
      categories[key] = { ...categories[key], [verb]: isOn }
      const within = known.types.filter((type) => type.category === key)
      const cleared = withoutOwn(within, known.said, verb as Channel) // a channel, as the form has it
      for (const [own, switches] of Object.entries(cleared)) add(own, switches ?? {})
    }
  }
  const level = fields.get('level')
  const isLevel = level === 'standard' || level === 'critical'
  return {
    ...(isLevel && level !== fields.get('was level') && { level }),
    categories,
    event_types: eventTypes,
  }
}

function changedChoices(form: PreferenceForm, fields: URLSearchParams) {
  const names = [...form.groups.flatMap(({ choices }) => choices), ...form.optIns]
  return names.flatMap(({ name }) => {
    const was = fields.get(`was ${name}`)
    const isOn = fields.has(name)
    return was === null || (was === '1') === isOn ? [] : [{ name, isOn }]
  })
}
