// Saving a template: checked against its event type and the workspace's parts, tried with examples, and
// stored as a new version.
import type { Context } from '../context.ts'
import { partsOf, type TemplateSource, type TemplateVersion } from '../domain/template.ts'
import { ApiError } from '../errors.ts'
import type { Db } from '../sql/db.ts'
import { findEventType } from '../sql/event-types.ts'
import { listCurrentParts } from '../sql/template-parts.ts'
import { insertTemplateVersion, lockTemplates, type TemplateKey } from '../sql/templates.ts'
import { tryTemplate } from './preview.ts'
import { checkTemplate, type TemplateProblem } from './template-check.ts'

export type SavedTemplate = {
  template: TemplateVersion
  isFirst: boolean
  warnings: TemplateProblem[]
}

/** @throws ApiError `unknown_event_type`, `invalid_template`. */
export async function saveTemplate(
  ctx: Context,
  key: TemplateKey,
  { content, author }: { content: TemplateSource; author: string },
): Promise<SavedTemplate> {
  const { workspaceId, eventType, channel, locale } = key
  const declared = await declaredFor(ctx.db, key)
  const warnings = await tryTemplate(ctx, {
    workspaceId,
    channel,
    content,
    declared,
    eventType,
    locale,
    params: null,
    data: null,
    subscriber: null,
  })
  const saved = await ctx.db.transaction(async (tx) => {
    await lockTemplates(tx, workspaceId)
    // Once more under the lock: a partial it uses may have been deleted meanwhile.
    const parts = partsOf(await listCurrentParts(tx, workspaceId))
    const { problems } = checkTemplate(channel, content, await declaredFor(tx, key), parts)
    if (problems.length > 0) throw new ApiError('invalid_template', { errors: problems })
    return insertTemplateVersion(tx, key, { content, author })
  })
  if (saved.isNew) ctx.signals.ring('belfry_config')
  const { template, isNew } = saved
  return { template, isFirst: isNew && template.version === 1, warnings }
}

async function declaredFor(db: Db, { workspaceId, eventType }: TemplateKey) {
  const type = await findEventType(db, workspaceId, eventType)
  if (!type)
    throw new ApiError('unknown_event_type', {
      detail: `Create it first: PUT /event-types/${encodeURIComponent(eventType)}.`,
    })
  return type
}
