// Schedules: what recurs. Whoever changes one holds its row, as whoever carries it out does: after the answer
// nothing comes of it as it was before.
import { Type } from 'typebox'
import type { Context } from '../context.ts'
import { didYouMean } from '../domain/nearest.ts'
import { nextLook } from '../domain/schedule-due.ts'
import type { Schedule } from '../domain/schedule.ts'
import { ApiError } from '../errors.ts'
import { saveSchedule } from '../pipeline/save-schedule.ts'
import { eventOf } from '../pipeline/schedule-event.ts'
import { announce, runNow } from '../pipeline/schedule-run.ts'
import type { Db } from '../sql/db.ts'
import { listOccurrences } from '../sql/occurrences.ts'
import {
  deleteSchedule,
  findSchedule,
  listScheduleKeys,
  listSchedules,
  lockSchedule,
} from '../sql/schedules.ts'
import { listZones } from '../sql/zones.ts'
import type { App } from './app.ts'
import { answerOnce, workOnce } from './idempotency.ts'
import { PageBody, pageQuery, readPage, showPage } from './paging.ts'
import { readSchedule, ScheduleBody, ScheduleDetail, ScheduleKey } from './schedule-body.ts'
import { ScheduleView, showOccurrence, showSchedule } from './schedule-body.ts'

const params = Type.Object({ key: ScheduleKey })
const tags = ['Recur']
const write = { scope: 'config:write' } as const
const read = { scope: 'config:read' } as const

export function scheduleRoutes(app: App, ctx: Context): void {
  getSchedules(app, ctx)
  getSchedule(app, ctx)
  putSchedule(app, ctx)
  removeSchedule(app, ctx)
  pauseAndResume(app, ctx)
  run(app, ctx)
}

function getSchedules(app: App, ctx: Context): void {
  const schema = {
    summary: 'List schedules',
    operationId: 'listSchedules',
    tags,
    querystring: Type.Object({
      ...pageQuery,
      is_paused: Type.Optional(Type.Boolean({ description: 'Only those that are, or are not.' })),
    }),
    response: { 200: PageBody('schedules', ScheduleView) },
  }
  app.get('/schedules', { schema, config: read }, async (request) => {
    const { workspaceId, query } = request
    const page = readPage(ctx, request)
    const isPaused = query.is_paused ?? null
    const rows = await listSchedules(ctx.db, { workspaceId, isPaused, ...page })
    const zones = await listZones(ctx.db, workspaceId)
    const now = ctx.in(workspaceId).clock.now()
    return showPage(ctx, request, {
      name: 'schedules',
      rows,
      position: ({ key }: Schedule) => key,
      show: (row) => showSchedule(row, zones, now),
    })
  })
}

const mostLast = 50

function getSchedule(app: App, ctx: Context): void {
  const schema = {
    summary: 'Show a schedule, when it comes next and what has come of it',
    operationId: 'getSchedule',
    tags,
    params,
    response: { 200: ScheduleDetail },
  }
  app.get('/schedules/:key', { schema, config: read }, async ({ workspaceId, params: { key } }) => {
    const found = await findSchedule(ctx.db, workspaceId, key)
    if (!found) throw await unknownSchedule(ctx.db, workspaceId, key)
    const last = await listOccurrences(ctx.db, { workspaceId, schedule: key, limit: mostLast })
    return { ...(await show(ctx, found)), last_times: last.map(showOccurrence) }
  })
}

function putSchedule(app: App, ctx: Context): void {
  const schema = {
    summary: 'Create or change a schedule',
    description:
      'The whole definition: what is left out gets its default, except `is_paused`. What it says is checked as ' +
      'a request for it would be. Answers when it comes next.',
    operationId: 'putSchedule',
    tags,
    params,
    body: ScheduleBody,
    response: { 200: ScheduleView, 201: ScheduleView },
  }
  app.put('/schedules/:key', { schema, config: write }, async (request, reply) => {
    const { workspaceId, body } = request
    const { key } = request.params
    const now = ctx.in(workspaceId).clock.now()
    const definition = readSchedule(body)
    await eventOf(ctx, ctx.db, { workspaceId, ...definition })

    const isPaused = body.is_paused ?? null
    const { saved, isNew } = await ctx.db.transaction((tx) =>
      saveSchedule(tx, { workspaceId, key, definition, isPaused, now }),
    )
    return reply.code(isNew ? 201 : 200).send(await show(ctx, saved))
  })
}

function removeSchedule(app: App, ctx: Context): void {
  const schema = {
    summary: 'Delete a schedule',
    description: 'Nothing comes of it after the answer. Events it made stay, and go on.',
    operationId: 'deleteSchedule',
    tags,
    params,
    response: { 204: Type.Null({ description: 'It is gone.' }) },
  }
  app.delete('/schedules/:key', { schema, config: write }, async (request, reply) => {
    const { workspaceId, params } = request
    if (!(await deleteSchedule(ctx.db, workspaceId, params.key)))
      throw await unknownSchedule(ctx.db, workspaceId, params.key)
    return reply.code(204).send()
  })
}

function pauseAndResume(app: App, ctx: Context): void {
  const response = { 200: ScheduleView }
  const pause = {
    summary: 'Pause a schedule',
    description:
      'Nothing comes of it after the answer. What would have come meanwhile is left out.',
    operationId: 'pauseSchedule',
  }
  const resume = { summary: 'Let a schedule go on', operationId: 'resumeSchedule' }
  for (const [name, words] of Object.entries({ pause, resume })) {
    const options = { schema: { ...words, tags, params, response }, config: write }
    app.post(`/schedules/:key/${name}`, options, (request, reply) =>
      answerOnce(ctx, request, reply, async (tx) => {
        const { workspaceId, params } = request
        const before = await lockSchedule(tx, workspaceId, params.key)
        if (!before) throw await unknownSchedule(tx, workspaceId, params.key)
        const isPaused = name === 'pause'
        const whose = { workspaceId, key: params.key, now: ctx.in(workspaceId).clock.now() }
        if (!isPaused) refuseUnworkable(before, whose.now)
        const { saved } = await saveSchedule(tx, { ...whose, definition: before, isPaused })
        return { status: 200, body: await show(ctx, saved) }
      }),
    )
  }
}

function run(app: App, ctx: Context): void {
  const schema = {
    summary: 'Have a schedule come once, now',
    description:
      'For everybody at once, also while it is paused. When it comes by itself does not change.',
    operationId: 'runSchedule',
    tags,
    params,
    response: {
      202: Type.Object({
        status: Type.Literal('success'),
        event_id: Type.String({ format: 'uuid' }),
        message: Type.String(),
      }),
    },
  }
  const config = { scope: 'events:write' } as const
  app.post('/schedules/:key/run', { schema, config }, async (request, reply) => {
    const { workspaceId } = request
    const { key } = request.params
    const answer = await workOnce(ctx, request, reply, async (tx) => {
      const schedule = await lockSchedule(tx, workspaceId, key)
      if (!schedule) throw await unknownSchedule(tx, workspaceId, key)
      const eventId = await runNow(ctx, tx, schedule)
      return {
        status: 202,
        body: { status: 'success', event_id: eventId, message: 'Event accepted' },
      }
    })
    if (reply.getHeader('idempotency-replayed') === undefined)
      announce(ctx.in(request.workspaceId), 1)
    return reply.code(202).send(answer.body)
  })
}

async function show(ctx: Context, schedule: Schedule) {
  const zones = schedule.timezone === null ? await listZones(ctx.db, schedule.workspaceId) : []
  return showSchedule(schedule, zones, ctx.in(schedule.workspaceId).clock.now())
}

/** It was stored when it could be worked out; the rules of time zones, or a version, have changed since. */
function refuseUnworkable(schedule: Schedule, now: Date): void {
  try {
    nextLook(schedule, now)
  } catch (cause) {
    const { cron, timezone } = schedule
    const rhythm = `"${cron}"${timezone === null ? '' : ` in ${timezone}`}`
    const detail = `${rhythm} cannot be worked out on this machine any more. PUT the schedule anew.`
    throw new ApiError('wrong_status', { detail }, { cause })
  }
}

async function unknownSchedule(db: Db, workspaceId: number, key: string): Promise<ApiError> {
  const known = await listScheduleKeys(db, workspaceId)
  return new ApiError('not_found', {
    detail: `There is no schedule "${key}".${didYouMean(key, known)}`,
  })
}
