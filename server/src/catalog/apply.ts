// Applies a catalog to a workspace: whole or not at all. Only what really changed gets a new version;
// work on its way keeps the versions it began with. What the catalog does not name stays, unless told
// otherwise.
import { shortForm, type Definition } from '../catalog-forms.ts'
import type { Context } from '../context.ts'
import { canonicalJson } from '../domain/canonical-json.ts'
import { ApiError, type FieldError } from '../errors.ts'
import { lockParts, lockProviders } from '../sql/catalog.ts'
import type { Db } from '../sql/db.ts'
import { lockPreferenceDefaults } from '../sql/preferences.ts'
import { lockTemplates } from '../sql/templates.ts'
import { checkCatalog } from './check.ts'
import { unknownRecipients } from './check-schedule.ts'
import type { Definitions } from './definitions.ts'
import { nameOf, partAt, type Parts } from './parts.ts'
import { readSecrets, type NewSecrets } from './secrets.ts'
import { readStored, revisionOf, type StoredCatalog } from './stored.ts'
import { removePart, writePart } from './write.ts'

export type Applying = {
  workspaceId: number
  parts: Parts
  /** What the catalog was when it was read: refused if it is something else now. Null: whatever it is. */
  revision: string | null
  mayDelete: boolean
  isDryRun: boolean
  /** Who does it, for the record. */
  author: string
  tell?: TellProgress
}

/** How many parts of how many are checked, and then stored. */
export type TellProgress = (step: 'checked' | 'stored', done: number, of: number) => void

export type CatalogChange = { action: 'create' | 'update' | 'delete'; part: string }
export type Applied = {
  changes: CatalogChange[]
  unchanged: number
  /** What is there and the catalog does not name. */
  kept: string[]
  warnings: FieldError[]
  revision: string
}

const mostTries = 5

/** @throws ApiError `invalid_catalog`, `changed_meanwhile`. */
export async function applyCatalog(ctx: Context, applying: Applying): Promise<Applied> {
  for (let attempt = 1; ; attempt++) {
    const stored = await readStored(ctx, ctx.db, applying.workspaceId)
    const plan = await planChanges(ctx, applying, stored)
    const { changes, unchanged, kept, warnings } = plan
    const told = { changes, unchanged, kept, warnings }
    if (applying.isDryRun || changes.length === 0) return { ...told, revision: revisionOf(stored) }
    const revision = await ctx.db.transaction((tx) => write(ctx, tx, { applying, stored, plan }))
    if (revision !== null) {
      ctx.signals.ring('belfry_config')
      return { ...told, revision }
    }
    if (applying.revision !== null || attempt === mostTries) throw changedMeanwhile([])
  }
}

type Plan = Omit<Applied, 'revision'> & { definitions: Definitions; secrets: NewSecrets }

async function planChanges(
  ctx: Context,
  { workspaceId, parts, revision, mayDelete, tell }: Applying,
  stored: StoredCatalog,
): Promise<Plan> {
  if (revision !== null && revision !== revisionOf(stored)) throw changedMeanwhile(latestOf(stored))
  const others = [...stored.keys()].filter((pointer) => !parts.has(pointer))
  const around = mayDelete ? [] : others
  const isSame = (pointer: string, definition: Definition) =>
    canonicalJson(shortForm(partAt(pointer), definition)) ===
    canonicalJson(stored.get(pointer)?.form)
  const { definitions, problems, warnings } = await checkCatalog(
    {
      config: ctx.config,
      workspaceId,
      trial: {
        renderer: ctx.renderer,
        now: ctx.in(workspaceId).clock.now(),
        workspace: await ctx.configuration.workspace(workspaceId),
      },
      isTried: (pointer, definition) => !isSame(pointer, definition),
      tell: (done, of) => tell?.('checked', done, of),
    },
    parts,
    new Map(around.map((pointer) => [pointer, stored.get(pointer)!.definition])),
  )
  const secrets = await readSecrets(ctx, workspaceId, { definitions, stored, problems })
  if (problems.length > 0) throw new ApiError('invalid_catalog', { errors: problems })
  warnings.push(...(await unknownRecipients(ctx.db, workspaceId, definitions)))

  const changed = [...definitions].filter(
    ([pointer, definition]) => !isSame(pointer, definition) || secrets.changed.has(pointer),
  )
  const changes = changed.map(([part]): CatalogChange => ({
    action: stored.has(part) ? 'update' : 'create',
    part,
  }))
  if (mayDelete) changes.push(...others.map((part): CatalogChange => ({ action: 'delete', part })))
  return {
    changes,
    unchanged: definitions.size - changed.length,
    kept: around,
    warnings,
    definitions,
    secrets,
  }
}

/** The revision after it; null when something was changed since the plan was made, and nothing is written. */
async function write(
  ctx: Context,
  tx: Db,
  { applying, stored, plan }: { applying: Applying; stored: StoredCatalog; plan: Plan },
): Promise<string | null> {
  const { workspaceId, author } = applying
  const names = (kind: string) => [
    ...new Set(
      [...stored.keys(), ...plan.definitions.keys()]
        .map(partAt)
        .flatMap((id) => (id.kind === kind ? [id.names[0]!] : [])),
    ),
  ]
  await lockTemplates(tx, workspaceId)
  await lockParts(tx, workspaceId, {
    eventTypes: names('event_types'),
    sources: names('sources'),
    schedules: names('schedules'),
  })
  await lockProviders(tx, workspaceId)
  await lockPreferenceDefaults(tx, workspaceId)
  const found = await readStored(ctx, tx, workspaceId)
  if (revisionOf(found) !== revisionOf(stored)) return null

  for (const [i, { action, part }] of plan.changes.entries()) {
    applying.tell?.('stored', i, plan.changes.length)
    const before = stored.get(part)
    const place = { workspaceId, author, now: ctx.in(workspaceId).clock.now() }
    if (action === 'delete') await removePart(tx, place, part, before!)
    else
      await writePart(ctx, tx, place, {
        pointer: part,
        definition: plan.definitions.get(part)!,
        secrets: plan.secrets,
        before,
      })
  }
  return revisionOf(await readStored(ctx, tx, workspaceId))
}

/** The last things that were changed, for those who have to find out what happened. */
function latestOf(stored: StoredCatalog): string[] {
  return [...stored]
    .toSorted(([, a], [, b]) => b.changedAt.getTime() - a.changedAt.getTime())
    .slice(0, 3)
    .map(([pointer, { author, changedAt }]) => {
      const who = author === null ? '' : ` by "${author}"`
      return `${nameOf(pointer)}${who} at ${changedAt.toISOString()}`
    })
}

function changedMeanwhile(latest: string[]): ApiError {
  const what = latest.length === 0 ? '' : ` Changed last: ${latest.join('; ')}.`
  return new ApiError('changed_meanwhile', {
    detail: `The configuration is not what it was when you read it.${what} Nothing was stored: GET /catalog, and apply your change to that.`,
  })
}
