// Changing what somebody wants to hear. Once this has answered, nothing begins by the older wish.
import type { Context } from '../context.ts'
import {
  differences,
  merged,
  patchProblems,
  type FieldChange,
  type PreferencePatch,
} from '../domain/preference-change.ts'
import {
  effectivePreference,
  type EffectivePreference,
  type PreferenceDefaults,
  type Preferences,
} from '../domain/preferences.ts'
import { hoursProblem, quietHoursProblem } from '../domain/quiet-hours.ts'
import { timezoneProblem } from '../domain/time-zone.ts'
import { ApiError } from '../errors.ts'
import type { Db } from '../sql/db.ts'
import {
  findPreferenceDefaults,
  findPreferences,
  findPreferenceState,
  listPreferenceSubjects,
  lockPreferenceDefaults,
  lockPreferences,
  lockSubscriber,
  updatePreferenceDefaults,
  updatePreferences,
  type ChangedBy,
  type DefaultsUpdate,
  type PreferencesRow,
} from '../sql/preferences.ts'

export type Whose = { workspaceId: number; subscriberId: string; by: ChangedBy }

/**
 * Merges a change into what the person has said. The same change again changes nothing and leaves no
 * second entry in the log.
 *
 * @throws ApiError `not_found`, `invalid_request`, and `cannot_be_muted` for what is critical.
 */
export async function changePreferences(
  ctx: Context,
  { workspaceId, subscriberId, by }: Whose,
  patch: PreferencePatch,
): Promise<PreferencesRow> {
  await checkPatch(ctx, workspaceId, patch)
  return ctx.db.transaction(async (tx) => {
    const found =
      (await lockSubscriber(tx, workspaceId, subscriberId)) &&
      (await findPreferences(tx, workspaceId, subscriberId))
    if (!found) throw unknownSubscriber(subscriberId)

    const { timezone = found.timezone, ...rest } = patch
    const document = merged(found.document, rest)
    const changes = [
      ...differences(found.document, document),
      ...differences({ timezone: found.timezone }, { timezone }),
    ]
    if (changes.length === 0) return found
    refuseMisfitThreads(document)
    // A move is later than what was told in the zone that is left (domain/zone-moves.ts).
    if (timezone !== found.timezone) await lockPreferences(tx, workspaceId)
    const now = ctx.in(workspaceId).clock.now()
    await updatePreferences(tx, { workspaceId, subscriberId, document, timezone, changes, by, now })
    return { subscriberId, timezone, document, updatedAt: now }
  })
}

// The document is read for everybody a message is for.
export const mostMutedThreads = 200

const longestThreadKey = 255

function refuseMisfitThreads({ muted_threads: muted = {} }: Preferences): void {
  const keys = Object.keys(muted)
  const isFit = keys.every((key) => key !== '' && key.length <= longestThreadKey)
  if (keys.length <= mostMutedThreads && isFit) return
  const detail = isFit
    ? `may name ${mostMutedThreads} threads at most; null takes one out.`
    : `names threads: each has 1 to ${longestThreadKey} characters.`
  throw new ApiError('invalid_request', { errors: [{ pointer: '/muted_threads', detail }] })
}

async function checkPatch(
  ctx: Context,
  workspaceId: number,
  patch: PreferencePatch & Pick<PreferenceDefaults, 'hours'>,
): Promise<void> {
  const zone = patch.timezone ? timezoneProblem(patch.timezone) : null
  if (zone !== null)
    throw new ApiError('invalid_request', { errors: [{ pointer: '/timezone', detail: zone }] })
  const quiet = patch.quiet_hours ? quietHoursProblem(patch.quiet_hours) : null
  if (quiet !== null)
    throw new ApiError('invalid_request', {
      errors: [{ pointer: '/quiet_hours/end', detail: quiet }],
    })
  const hours = patch.hours ? hoursProblem(patch.hours) : null
  if (hours !== null)
    throw new ApiError('invalid_request', { errors: [{ pointer: '/hours/end', detail: hours }] })
  if (!patch.event_types && !patch.categories) return
  const problems = patchProblems(patch, await listPreferenceSubjects(ctx.db, workspaceId))
  if (problems.length === 0) return
  const errors = problems.map(({ pointer, detail }) => ({ pointer, detail }))
  const isMuting = problems.every((problem) => problem.isMuting)
  throw new ApiError(isMuting ? 'cannot_be_muted' : 'invalid_request', { errors })
}

/** Replaces the defaults. @throws ApiError as `changePreferences` does. */
export async function changeDefaults(
  ctx: Context,
  { workspaceId, by }: Omit<Whose, 'subscriberId'>,
  defaults: PreferenceDefaults,
): Promise<{ defaults: PreferenceDefaults; updatedAt: Date | null }> {
  await checkPatch(ctx, workspaceId, defaults)
  const now = ctx.in(workspaceId).clock.now()
  return ctx.db.transaction((tx) => saveDefaults(tx, { workspaceId, by, defaults, now }))
}

/** Within a transaction, and without the checks; one that changes nothing leaves nothing in the log. */
export async function saveDefaults(
  tx: Db,
  { workspaceId, by, defaults, now }: Omit<DefaultsUpdate, 'changes'>,
): Promise<{ defaults: PreferenceDefaults; updatedAt: Date | null }> {
  await lockPreferenceDefaults(tx, workspaceId)
  const before = await findPreferenceDefaults(tx, workspaceId)
  const changes = defaultDifferences(before.defaults, defaults)
  if (changes.length === 0) return before
  await updatePreferenceDefaults(tx, { workspaceId, defaults, changes, by, now })
  return { defaults, updatedAt: now }
}

/** Hours that are null are something else than hours nobody has said anything about. */
function defaultDifferences(before: PreferenceDefaults, after: PreferenceDefaults): FieldChange[] {
  const said = ({ hours }: PreferenceDefaults) => (hours === null ? 'any' : hours)
  const { hours: _before, ...restBefore } = before
  const { hours: _after, ...restAfter } = after
  const changed = differences(restBefore, restAfter)
  if (JSON.stringify(said(before)) === JSON.stringify(said(after))) return changed
  const field = ['hours']
  return [...changed, { field, before: said(before) ?? null, after: said(after) ?? null }]
}

export type ShownPreferences = PreferencesRow & { effective: EffectivePreference[] }

/** With what it comes to for every event type. @throws ApiError `not_found`. */
export async function showPreferences(
  ctx: Context,
  workspaceId: number,
  subscriberId: string,
): Promise<ShownPreferences> {
  const found = await findPreferences(ctx.db, workspaceId, subscriberId)
  if (!found) throw unknownSubscriber(subscriberId)
  return { ...found, effective: await effectiveOf(ctx, workspaceId, found.document) }
}

export async function effectiveOf(
  ctx: Context,
  workspaceId: number,
  said: Preferences,
): Promise<EffectivePreference[]> {
  const [types, { defaults }] = await Promise.all([
    listPreferenceSubjects(ctx.db, workspaceId),
    findPreferenceState(ctx.db, workspaceId),
  ])
  return types.map((type) => effectivePreference(type, said, defaults ?? {}))
}

export function unknownSubscriber(id: string): ApiError {
  return new ApiError('not_found', { detail: `There is no subscriber "${id}".` })
}
