// Saving and ending what templates share. A change is refused when it cannot be used; templates that no
// longer fit are named.
import type { Context } from '../context.ts'
import type { Channel } from '../domain/channel.ts'
import {
  noParts,
  partsOf,
  type Parts,
  type PartSource,
  type PartVersion,
  type TemplateSource,
} from '../domain/template.ts'
import { ApiError } from '../errors.ts'
import type { Db } from '../sql/db.ts'
import { findEventType } from '../sql/event-types.ts'
import {
  findLastPart,
  insertPartVersion,
  listCurrentParts,
  type PartKey,
} from '../sql/template-parts.ts'
import { listTemplatesWith, lockTemplates } from '../sql/templates.ts'
import { compileTemplate } from './render.ts'
import { checkPart, checkTemplate, type Declared, type TemplateProblem } from './template-check.ts'

export type TemplateWarning = TemplateProblem & { template: string }
export type SavedPart = { part: PartVersion; isFirst: boolean; warnings: TemplateWarning[] }

/** @throws ApiError `invalid_template`. */
export async function savePart(
  ctx: Context,
  key: PartKey,
  { content, author }: { content: PartSource; author: string },
): Promise<SavedPart> {
  const saved = await ctx.db.transaction(async (tx) => {
    await lockTemplates(tx, key.workspaceId)
    const others = await listCurrentParts(tx, key.workspaceId)
    const parts = partsOf([...others, { kind: key.kind, name: key.name, content }])
    const problems = checkPart(key, content, parts)
    if (problems.length > 0) throw new ApiError('invalid_template', { errors: problems })
    const warnings = await misfits(tx, key, parts)
    return { ...(await insertPartVersion(tx, key, { content, author })), warnings }
  })
  if (saved.isNew) ctx.signals.ring('belfry_config')
  const { part, isNew, warnings } = saved
  return { part, isFirst: isNew && part.version === 1, warnings }
}

/** @throws ApiError `not_found`, or `wrong_status` while templates use it. */
export async function endPart(ctx: Context, key: PartKey, author: string): Promise<void> {
  await ctx.db.transaction(async (tx) => {
    const { workspaceId, kind, name } = key
    await lockTemplates(tx, workspaceId)
    const current = await findLastPart(tx, key)
    if (!current?.content)
      throw new ApiError('not_found', { detail: `There is no ${kind} "${name}".` })
    const users = await usersOf(tx, key)
    if (users.length > 0)
      throw new ApiError('wrong_status', {
        detail: `${users.slice(0, 10).join(', ')} use it: change them first.`,
        extra: { used_by: users },
      })
    await insertPartVersion(tx, key, { content: null, author })
  })
  ctx.signals.ring('belfry_config')
}

/** Templates, partials and layouts that name it. What is translated can do without. */
async function usersOf(tx: Db, { workspaceId, kind, name }: PartKey): Promise<string[]> {
  if (kind === 'translations') return []
  const rows = await listCurrentParts(tx, workspaceId)
  const parts = partsOf(rows)
  const templates = await listTemplatesWith(tx, workspaceId, tagOf[kind])
  const users = [
    ...rows.flatMap(({ content, ...row }) =>
      'body' in content && (row.kind !== kind || row.name !== name)
        ? { user: `${row.kind} ${row.name}`, channel: 'sms' as const, content }
        : [],
    ),
    ...templates.map(({ eventType, channel, locale, content }) => ({
      user: `${eventType}/${channel}/${locale}`,
      channel,
      content,
    })),
  ]
  return users.filter((user) => names(user, { kind, name }, parts)).map(({ user }) => user)
}

const tagOf = { layout: 'layout', partial: 'render' } as const

function names(
  { channel, content }: { channel: Channel; content: TemplateSource },
  { kind, name }: Pick<PartKey, 'kind' | 'name'>,
  parts: Parts,
): boolean {
  // The usual layout is around e-mails that do not name it, too; they get the built-in one without it.
  if (!JSON.stringify(content).includes(name)) return false
  const used = partsOfTemplate({ channel, locale: 'default', version: 1, content }, parts)
  return Object.hasOwn(kind === 'layout' ? used.layouts : used.partials, name)
}

function partsOfTemplate(template: Parameters<typeof compileTemplate>[0], parts: Parts): Parts {
  try {
    return compileTemplate(template, parts).unit.parts
  } catch {
    return noParts // it cannot be used as it is, with or without
  }
}

/** What templates that render partials will have wrong with these parts. */
async function misfits(
  tx: Db,
  { workspaceId, kind }: PartKey,
  parts: Parts,
): Promise<TemplateWarning[]> {
  if (kind !== 'partial') return []
  const warnings: TemplateWarning[] = []
  const types = new Map<string, Declared | null>()
  const templates = await listTemplatesWith(tx, workspaceId, tagOf[kind])
  for (const { eventType, channel, locale, content } of templates) {
    if (!types.has(eventType)) types.set(eventType, await findEventType(tx, workspaceId, eventType))
    const { problems } = checkTemplate(channel, content, types.get(eventType) ?? null, parts)
    const template = `${eventType}/${channel}/${locale}`
    warnings.push(...problems.map((problem) => ({ template, ...problem })))
  }
  return warnings
}
