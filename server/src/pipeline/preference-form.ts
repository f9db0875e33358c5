// The choices of a preference centre, the page behind a link or the component in a page, and what a
// person changes with it.
import type { Context } from '../context.ts'
import { channels, type Channel } from '../domain/channel.ts'
import { pointerTo } from '../domain/json-pointer.ts'
import type { PreferencePatch } from '../domain/preference-change.ts'
import type { QuietHours } from '../domain/quiet-hours.ts'
import {
  decide,
  isMandatory,
  type PreferenceDefaults,
  type PreferenceSubject,
  type Preferences,
} from '../domain/preferences.ts'
import { ApiError } from '../errors.ts'
import type { LinkOwner } from '../links.ts'
import { findPreferences, findPreferenceState, listPreferenceSubjects } from '../sql/preferences.ts'
import { changePreferences, unknownSubscriber } from './preferences.ts'
import { withoutOwn } from './unsubscribe.ts'

export type FormChoice = { name: string; channel: Channel; isOn: boolean }

export type PreferenceForm = {
  level: 'standard' | 'critical'
  quietHours: QuietHours | null
  timezone: string | null
  groups: { name: string; title: string; choices: FormChoice[] }[]
  optIns: { key: string; title: string; name: string; isOn: boolean }[]
  mandatory: PreferenceSubject[]
}

type Known = {
  said: Preferences
  timezone: string | null
  defaults: PreferenceDefaults
  types: PreferenceSubject[]
}

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
  if (!found) return null
  return { said: found.document, timezone: found.timezone, defaults: defaults ?? {}, types }
}

function formOf({ said, timezone, defaults, types }: Known): PreferenceForm {
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
      threadKey: null,
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
    return { name, title: category ?? title, choices }
  })
  return {
    level,
    quietHours: said.quiet_hours ?? null,
    timezone,
    groups: groups.toSorted((a, b) => a.title.localeCompare(b.title)),
    optIns: open
      .filter(({ isOptIn }) => isOptIn)
      .map(({ key, name }) => ({
        key,
        title: name,
        name: `subscribe ${key}`,
        isOn: said.event_types?.[key]?.enabled === true,
      })),
    mandatory: types.filter(isMandatory),
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
  const level = fields.get('level')
  const isLevel = level === 'standard' || level === 'critical'
  const patch = {
    ...(isLevel && level !== fields.get('was level') && { level }),
    ...patchOf(known, changedChoices(formOf(known), fields)),
  }
  await changePreferences(ctx, { ...owner, by }, patch)
  return findPreferenceForm(ctx, owner)
}

export type FormChange = Pick<PreferencePatch, 'level' | 'quiet_hours' | 'timezone'> & {
  groups?: Record<string, Record<string, boolean>>
  subscriptions?: Record<string, boolean>
}

/**
 * Changes what is named, and answers the form as it is then.
 *
 * @throws ApiError `not_found`, and `invalid_request` for a choice that the form does not have.
 */
export async function changePreferenceForm(
  ctx: Context,
  owner: LinkOwner,
  { groups = {}, subscriptions = {}, ...rest }: FormChange,
): Promise<PreferenceForm> {
  const known = await findKnown(ctx, owner)
  if (!known) throw unknownSubscriber(owner.subscriberId)
  const asked = [
    ...Object.entries(groups).flatMap(([group, switches]) =>
      Object.entries(switches).map(([channel, isOn]) => ({
        path: ['groups', group, channel],
        name: `${channel} ${group}`,
        isOn,
      })),
    ),
    ...Object.entries(subscriptions).map(([key, isOn]) => ({
      path: ['subscriptions', key],
      name: `subscribe ${key}`,
      isOn,
    })),
  ]
  const names = new Set(choicesOf(formOf(known)).map(({ name }) => name))
  const unknown = asked.filter(({ name }) => !names.has(name))
  if (unknown.length > 0) {
    const detail = 'is no choice there is: GET /me/preferences/form shows them all.'
    const errors = unknown.map(({ path }) => ({ pointer: pointerTo(path), detail }))
    throw new ApiError('invalid_request', { errors })
  }
  const by = { kind: 'subscriber' } as const
  await changePreferences(ctx, { ...owner, by }, { ...rest, ...patchOf(known, asked) })
  const form = await findPreferenceForm(ctx, owner)
  if (!form) throw unknownSubscriber(owner.subscriberId)
  return form
}

/** As members of a patch: empty ones change nothing. */
function patchOf(known: Known, changed: { name: string; isOn: boolean }[]) {
  const eventTypes: NonNullable<PreferencePatch['event_types']> = {}
  const categories: NonNullable<PreferencePatch['categories']> = {}
  const add = (key: string, switches: object) => {
    eventTypes[key] = { ...eventTypes[key], ...switches }
  }
  for (const { name, isOn } of changed) {
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
  // Whether one hears of it at all goes before how: a box that says how does not bring it back.
  for (const switches of Object.values(eventTypes))
    if (switches?.enabled === false)
      for (const channel of channels) if (switches[channel]) delete switches[channel]
  return { categories, event_types: eventTypes } satisfies PreferencePatch
}

function changedChoices(form: PreferenceForm, fields: URLSearchParams) {
  return choicesOf(form).flatMap(({ name }) => {
    const was = fields.get(`was ${name}`)
    const isOn = fields.has(name)
    return was === null || (was === '1') === isOn ? [] : [{ name, isOn }]
  })
}

function choicesOf(form: PreferenceForm): { name: string; isOn: boolean }[] {
  return [...form.groups.flatMap(({ choices }) => choices), ...form.optIns]
}
