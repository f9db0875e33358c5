// The secrets that parts will have: those that are given, and those that stay.
import { readSettings } from '../catalog-forms.ts'
import type { Context } from '../context.ts'
import { newDataSecrets, openDataSecrets, type DataSecrets } from '../data-secrets.ts'
import { canonicalJson } from '../domain/canonical-json.ts'
import type { SourceSecrets } from '../domain/source.ts'
import type { FieldError } from '../errors.ts'
import { unreachable } from '../pipeline/data-urls.ts'
import { newSourceSecrets, readableSecrets } from '../pipeline/source-secrets.ts'
import type { Settings } from '../provider-settings.ts'
import { findDataSecrets } from '../sql/event-types.ts'
import { attempt } from './check.ts'
import type { Definitions } from './definitions.ts'
import { partAt } from './parts.ts'
import type { StoredCatalog } from './stored.ts'

export type NewSecrets = {
  /** By pointer. */
  sources: Map<string, SourceSecrets>
  /** All settings, those that are no secrets too. */
  settings: Map<string, Settings>
  /** Parts that differ from what is stored, perhaps in nothing else. */
  changed: Set<string>
}

/** What is missing or wrong is added to `problems`. */
export async function readSecrets(
  ctx: Context,
  workspaceId: number,
  {
    definitions,
    stored,
    problems,
  }: { definitions: Definitions; stored: StoredCatalog; problems: FieldError[] },
): Promise<NewSecrets> {
  const secrets: NewSecrets = { sources: new Map(), settings: new Map(), changed: new Set() }
  const kept = await keptHeaders(ctx, workspaceId, definitions)
  for (const [pointer, whole] of definitions)
    attempt({ problems }, pointer, () => {
      const before = stored.get(pointer)
      if (whole.kind === 'event_types') {
        problems.push(...placed(pointer, unreachable(ctx, whole.definition)))
        const had = kept.get(pointer) ?? {}
        const after = newDataSecrets(had, whole.definition.data, whole.given)
        if (canonicalJson(after) !== canonicalJson(had)) secrets.changed.add(pointer)
      } else if (whole.kind === 'sources') {
        const { given, definition } = whole
        const source = before?.source ?? null
        const after = newSourceSecrets(ctx, source, { auth: definition.auth, given })
        secrets.sources.set(pointer, after)
        if (!source || canonicalJson(after) !== canonicalJson(readableSecrets(ctx, source)))
          secrets.changed.add(pointer)
      } else if (whole.kind === 'providers') {
        const had = before?.provider
        const after = readSettings(
          ctx,
          whole.definition,
          had ? { kind: had.row.kind, settings: had.settings } : null,
        )
        secrets.settings.set(pointer, after)
        if (!had || canonicalJson(after) !== canonicalJson(had.settings))
          secrets.changed.add(pointer)
      }
    })
  return secrets
}

function placed(pointer: string, problems: FieldError[]): FieldError[] {
  return problems.map((problem) => ({ ...problem, pointer: `${pointer}${problem.pointer}` }))
}

/** The headers there are, of event types that have any. */
async function keptHeaders(
  ctx: Context,
  workspaceId: number,
  definitions: Definitions,
): Promise<Map<string, DataSecrets>> {
  const kept = new Map<string, DataSecrets>()
  for (const [pointer, whole] of definitions) {
    if (whole.kind !== 'event_types' || !whole.definition.data) continue
    const key = partAt(pointer).names[0]!
    const sealed = await findDataSecrets(ctx.db, workspaceId, key)
    kept.set(pointer, openDataSecrets(ctx, { workspaceId, key }, sealed))
  }
  return kept
}
