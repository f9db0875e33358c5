// Changing what somebody wants to hear. Once this has answered, nothing begins by the older wish.
import type { Context } from '../context.ts'
import {
  differences,
  merged,
  patchProblems,
  type PreferencePatch,
} from '../domain/preference-change.ts'
import {
  effectivePreference,
  type EffectivePreference,
  type PreferenceDefaults,
  type Preferences,
} from '../domain/preferences.ts'
import { timezoneProblem } from '../domain/subscriber.ts'
import { ApiError } from '../errors.ts'
import {
  findPreferenceDefaults,
  findPreferences,
  findPreferenceState,
  listPreferenceSubjects,
  lockSubscriber,
  updatePreferenceDefaults,
  updatePreferences,
  type ChangedBy,
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
    const now = ctx.clock.now()
    await updatePreferences(tx, { workspaceId, subscriberId, document, timezone, changes, by, now })
    return { subscriberId, timezone, document, updatedAt: now }
  })
}

async function checkPatch(
  ctx: Context,
  workspaceId: number,
  patch: PreferencePatch,
): Promise<void> {
  const zone = patch.timezone ? timezoneProblem(patch.timezone) : null
  if (zone !== null)
    throw new ApiError('invalid_request', { errors: [{ pointer: '/timezone', detail: zone }] })
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
  return ctx.db.transaction(async (tx) => {
    const before = await findPreferenceDefaults(tx, workspaceId)
    const changes = differences(before.defaults, defaults)
    if (changes.length === 0) return before
    const now = ctx.clock.now()
    await updatePreferenceDefaults(tx, { workspaceId, defaults, changes, by, now })
    return { defaults, updatedAt: now }
  })
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
