// Event types: what can happen, who hears about it, and on which channels.
import { Type, type Static } from 'typebox'
import type { Config } from '../config.ts'
import type { Context } from '../context.ts'
import { askProblems } from '../domain/ask-check.ts'
import { isLevel, levels, type EventType, type EventTypeDefinition } from '../domain/event-type.ts'
import { schemaProblem } from '../domain/json-schema.ts'
import { missingTemplates } from '../domain/missing-templates.ts'
import { didYouMean } from '../domain/nearest.ts'
import { hoursProblem } from '../domain/quiet-hours.ts'
import { partsOf } from '../domain/template.ts'
import { awaitedOf, tellUnknownAwaited } from '../domain/unknown-awaited.ts'
import { ApiError } from '../errors.ts'
import { expressionProblems } from '../pipeline/audience.ts'
import { unreachable } from '../pipeline/data-urls.ts'
import { saveEventType } from '../pipeline/save-event-type.ts'
import { checkTemplate } from '../pipeline/template-check.ts'
import type { Db } from '../sql/db.ts'
import {
  deleteEventType,
  findDeletedAt,
  findEventType,
  listEventTypeKeys,
  listEventTypes,
  listEventTypeVersions,
} from '../sql/event-types.ts'
import { listCurrentParts } from '../sql/template-parts.ts'
import { listCurrentTemplates } from '../sql/templates.ts'
import type { App } from './app.ts'
import { checkData, readData } from './data-body.ts'
import { EventTypeBody, EventTypeKey, EventTypeView } from './event-type-body.ts'
import { readPlan } from './plan-body.ts'
import { PageBody, pageQuery, readPage, showPage } from './paging.ts'
import { refuseMisfits } from './validation.ts'

const params = Type.Object({ key: EventTypeKey })
const tags = ['Configure']
const write = { scope: 'config:write' } as const
const read = { scope: 'config:read' } as const

export function eventTypeRoutes(app: App, ctx: Context): void {
  getEventTypes(app, ctx)
  putEventType(app, ctx)
  removeEventType(app, ctx)
  getVersions(app, ctx)
}

function getEventTypes(app: App, ctx: Context): void {
  const list = {
    summary: 'List event types',
    operationId: 'listEventTypes',
    tags,
    querystring: Type.Object(pageQuery),
    response: { 200: PageBody('event_types', EventTypeView) },
  }
  app.get('/event-types', { schema: list, config: read }, async (request) => {
    const page = readPage(ctx, request)
    const rows = await listEventTypes(ctx.db, { workspaceId: request.workspaceId, ...page })
    const position = ({ key }: EventType) => key
    return showPage(ctx, request, { name: 'event_types', rows, position, show })
  })

  const one = {
    summary: 'Show an event type',
    operationId: 'getEventType',
    tags,
    params,
    response: { 200: EventTypeView },
  }
  app.get('/event-types/:key', { schema: one, config: read }, async ({ workspaceId, params }) => {
    const found = await findEventType(ctx.db, workspaceId, params.key)
    if (!found) throw await unknownEventType(ctx.db, workspaceId, params.key)
    return show(found)
  })
}

function putEventType(app: App, ctx: Context): void {
  const schema = {
    summary: 'Create or change an event type',
    description:
      'The whole definition: what is left out gets its default. A change makes a new version; events ' +
      'on their way keep theirs. The same definition again changes nothing.',
    operationId: 'putEventType',
    tags,
    params,
    body: EventTypeBody,
    response: { 200: EventTypeView, 201: EventTypeView },
  }
  app.put('/event-types/:key', { schema, config: write }, async (request, reply) => {
    const { workspaceId, params, body } = request
    const definition = definitionOf(params.key, body, ctx.config)
    checkEventType(definition)
    const { key } = params
    const { given } = readData(body.data)
    refuseMisfits(unreachable(ctx, definition))
    const saved = await ctx.db.transaction((tx) =>
      saveEventType(ctx, tx, { workspaceId, key }, { definition, given }),
    )
    if (saved.isNew || Object.keys(given).length > 0) ctx.signals.ring('belfry_config')
    const isFirst = saved.isNew && saved.eventType.version === 1
    const warnings = await warningsOf(ctx, workspaceId, saved.eventType)
    return reply
      .code(isFirst ? 201 : 200)
      .send({ ...show(saved.eventType), ...(warnings.length > 0 && { warnings }) })
  })
}

/** Templates are changed one by one after their type, so what does not fit or is missing is no reason to refuse it. */
async function warningsOf(ctx: Context, workspaceId: number, eventType: EventType) {
  const { key } = eventType
  const [templates, rows] = await Promise.all([
    listCurrentTemplates(ctx.db, workspaceId, key),
    listCurrentParts(ctx.db, workspaceId),
  ])
  const parts = partsOf(rows)
  const misfits = templates.flatMap(({ channel, locale, content }) =>
    checkTemplate(channel, content, eventType, parts).problems.map((problem) => ({
      template: `${channel}/${locale}`,
      ...problem,
    })),
  )
  const channels = new Set(templates.map(({ channel }) => channel))
  const unknown = await unknownAwaited(ctx, workspaceId, eventType)
  return [...missingTemplates(eventType, channels), ...unknown, ...misfits]
}

/** The type that is waited for may come later, so it is no reason to refuse the wait. */
async function unknownAwaited({ db }: Context, workspaceId: number, eventType: EventType) {
  const awaited = awaitedOf(eventType)
  const found = await Promise.all(awaited.map(({ event }) => findEventType(db, workspaceId, event)))
  const unknown = awaited.filter((_, i) => found[i] === null)
  if (unknown.length === 0) return []
  const known = await listEventTypeKeys(db, workspaceId)
  return unknown.map((one) => tellUnknownAwaited(one, known))
}

function removeEventType(app: App, ctx: Context): void {
  const schema = {
    summary: 'Delete an event type',
    description:
      'New events of the type are refused. Events on their way go on, and what happened stays on record ' +
      'with its versions and templates. PUT brings it back with its next version.',
    operationId: 'deleteEventType',
    tags,
    params,
    response: { 204: Type.Null({ description: 'It is gone.' }) },
  }
  app.delete('/event-types/:key', { schema, config: write }, async (request, reply) => {
    const { workspaceId, params } = request
    const { key } = params
    const now = ctx.clock.now()
    const isDeleted = await ctx.db.transaction((tx) =>
      deleteEventType(tx, { workspaceId, key, now }),
    )
    if (!isDeleted) throw await unknownEventType(ctx.db, workspaceId, key)
    ctx.signals.ring('belfry_config')
    return reply.code(204).send()
  })
}

function getVersions(app: App, ctx: Context): void {
  const schema = {
    summary: 'List the versions of an event type, newest first',
    operationId: 'listEventTypeVersions',
    tags,
    params,
    querystring: Type.Object(pageQuery),
    response: { 200: PageBody('versions', EventTypeView) },
  }
  app.get('/event-types/:key/versions', { schema, config: read }, async (request) => {
    const { workspaceId, params } = request
    const { after, ...page } = readPage(ctx, request)
    const before = after === null ? null : Number(after)
    const rows = await listEventTypeVersions(ctx.db, {
      workspaceId,
      key: params.key,
      before,
      ...page,
    })
    if (rows.length === 0 && !(await isOnRecord(ctx.db, workspaceId, params.key)))
      throw await unknownEventType(ctx.db, workspaceId, params.key)
    const position = ({ version }: EventType) => String(version)
    return showPage(ctx, request, { name: 'versions', rows, position, show })
  })
}

/**
 * What is given, with every default in it.
 *
 * @throws ApiError `invalid_request` for a plan that cannot be followed.
 */
export function definitionOf(
  key: string,
  { channels, plan, data: givenData, ...body }: Static<typeof EventTypeBody>,
  config: Pick<Config, 'retention'>,
): EventTypeDefinition {
  const { name = key, category = null, retry = null, fallback = null } = body
  const { retention = config.retention, params = null } = body
  checkData(givenData, params)
  const { data } = readData(givenData)
  const kept = { name, category, retry, retention, fallback, params, ...(data && { data }) }
  const usual = { ...body, ...kept }
  if (plan === undefined) {
    if (channels) return { ...usual, channels }
    const errors = [{ pointer: '/channels', detail: 'is required, unless there is a `plan`.' }]
    throw new ApiError('invalid_request', { errors })
  }
  const read = readPlan(plan, params)
  if (read.errors.length > 0) throw new ApiError('invalid_request', { errors: read.errors })
  // As it is shown, so that what was read can be written back.
  if (channels && new Set(channels).symmetricDifference(new Set(read.channels)).size > 0) {
    const detail = `must be left out beside \`plan\`, which sends on ${read.channels.join(', ')}.`
    throw new ApiError('invalid_request', { errors: [{ pointer: '/channels', detail }] })
  }
  return { ...usual, channels: read.channels, plan: read.steps }
}

/** @throws ApiError `invalid_schema`, `invalid_request`, or `invalid_template` for Liquid that cannot be used. */
export function checkEventType(definition: EventTypeDefinition): void {
  const { level, params, opt_in: isOptIn } = definition
  const unanswerable = askProblems(definition.acknowledge, definition.plan)
  if (unanswerable.length > 0) throw new ApiError('invalid_request', { errors: unanswerable })
  if (isOptIn && level === 'critical')
    throw new ApiError('invalid_request', {
      errors: [
        { pointer: '/opt_in', detail: 'cannot go with the level critical, which everybody hears.' },
      ],
    })
  const misfit = definition.hours && hoursProblem(definition.hours)
  if (misfit)
    throw new ApiError('invalid_request', { errors: [{ pointer: '/hours/end', detail: misfit }] })
  const problem = params && schemaProblem(params)
  if (problem)
    throw new ApiError('invalid_schema', {
      detail: problem,
      errors: [{ pointer: '/params', detail: problem }],
    })

  if (!isLevel(level) && !/\{[{%]/.test(level)) {
    const detail = `must be ${levels.join(' or ')}, or Liquid that prints one of them.${didYouMean(level, levels)}`
    throw new ApiError('invalid_request', { errors: [{ pointer: '/level', detail }] })
  }
  const errors = expressionProblems(definition)
  if (errors.length > 0) throw new ApiError('invalid_template', { errors })
}

function show({ key, version, createdAt, ...definition }: EventType) {
  return { key, version, ...definition, created_at: createdAt.toISOString() }
}

async function isOnRecord(db: Db, workspaceId: number, key: string): Promise<boolean> {
  return (
    (await findEventType(db, workspaceId, key)) !== null ||
    (await findDeletedAt(db, workspaceId, key)) !== null
  )
}

async function unknownEventType(db: Db, workspaceId: number, key: string): Promise<ApiError> {
  const deletedAt = await findDeletedAt(db, workspaceId, key)
  if (deletedAt)
    return new ApiError('not_found', {
      detail: `The event type "${key}" was deleted at ${deletedAt.toISOString()}.`,
    })
  const known = await listEventTypeKeys(db, workspaceId)
  return new ApiError('not_found', {
    detail: `There is no event type "${key}".${didYouMean(key, known)}`,
  })
}
