// Topics: named sets of subscribers. A topic exists once it has a member.
import { Type } from 'typebox'
import type { Context } from '../context.ts'
import { ApiError } from '../errors.ts'
import type { Db } from '../sql/db.ts'
import {
  deleteMembers,
  deleteOtherMembers,
  deleteTopic,
  findTopic,
  insertMembers,
  listMembers,
  listTopics,
  lockSubscribers,
  type Members,
} from '../sql/topics.ts'
import type { App } from './app.ts'
import { batchBodyLimit, replaceBodyLimit } from './bodies.ts'
import { answerOnce } from './idempotency.ts'
import { Id, Moment } from './ids.ts'
import { PageBody, pageQuery, readPage, showPage } from './paging.ts'

const TopicView = Type.Object({ key: Type.String(), created_at: Moment() })
const TopicDetail = Type.Object({
  key: Type.String(),
  created_at: Moment(),
  member_count: Type.Integer(),
})
const MemberView = Type.Object({ subscriber_id: Type.String(), created_at: Moment('Since when.') })

const mostMembers = 1_000
/** Replacing cannot be done in parts: whoever was left out by one part would miss what comes meanwhile. */
const mostReplaced = 100_000
const mostTold = 1_000

const membersBody = (most: number) =>
  Type.Object(
    {
      subscribers: Type.Array(Id('A subscriber.'), {
        maxItems: most,
        description: `Ids, ${most.toLocaleString('en')} at most.`,
      }),
    },
    { examples: [{ subscribers: ['ana', 'ben'] }] },
  )
const MembersBody = membersBody(mostMembers)

const ChangedBody = Type.Object({
  key: Type.String(),
  added: Type.Integer(),
  removed: Type.Integer(),
})

const params = Type.Object({ key: Id('A name of your choice, such as `product:42#watcher`.') })
const tags = ['Audience']
const write = { scope: 'subscribers:write' } as const
const read = { scope: 'subscribers:read' } as const

export function topicRoutes(app: App, ctx: Context): void {
  getTopics(app, ctx)
  removeTopic(app, ctx)
  getMembers(app, ctx)
  putMembers(app, ctx)
  postMembers(app, ctx)
  removeMembers(app, ctx)
}

function getTopics(app: App, ctx: Context): void {
  const list = {
    summary: 'List topics',
    operationId: 'listTopics',
    tags,
    querystring: Type.Object(pageQuery),
    response: { 200: PageBody('topics', TopicView) },
  }
  app.get('/topics', { schema: list, config: read }, async (request) => {
    const page = readPage(ctx, request)
    const rows = await listTopics(ctx.db, { workspaceId: request.workspaceId, ...page })
    return showPage(ctx, request, {
      name: 'topics',
      rows,
      position: ({ key }) => key,
      show: ({ key, createdAt }) => ({ key, created_at: createdAt.toISOString() }),
    })
  })

  const one = {
    summary: 'Show a topic and how many members it has',
    operationId: 'getTopic',
    tags,
    params,
    response: { 200: TopicDetail },
  }
  app.get('/topics/:key', { schema: one, config: read }, async ({ workspaceId, params }) => {
    const topic = await findTopic(ctx.db, workspaceId, params.key)
    if (!topic) throw unknownTopic(params.key)
    const { key, createdAt, memberCount } = topic
    return { key, created_at: createdAt.toISOString(), member_count: memberCount }
  })
}

function removeTopic(app: App, ctx: Context): void {
  const schema = {
    summary: 'Delete a topic',
    description: 'Its members stay subscribers.',
    operationId: 'deleteTopic',
    tags,
    params,
    response: { 204: Type.Null({ description: 'It is gone.' }) },
  }
  app.delete('/topics/:key', { schema, config: write }, async (request, reply) => {
    const { key } = request.params
    if (!(await deleteTopic(ctx.db, request.workspaceId, key))) throw unknownTopic(key)
    return reply.code(204).send()
  })
}

function getMembers(app: App, ctx: Context): void {
  const schema = {
    summary: 'List the members of a topic',
    operationId: 'listMembers',
    tags,
    params,
    querystring: Type.Object(pageQuery),
    response: { 200: PageBody('members', MemberView) },
  }
  app.get('/topics/:key/members', { schema, config: read }, async (request) => {
    const { workspaceId, params } = request
    const page = readPage(ctx, request)
    const rows = await listMembers(ctx.db, { workspaceId, topic: params.key, ...page })
    if (rows.length === 0 && !(await findTopic(ctx.db, workspaceId, params.key)))
      throw unknownTopic(params.key)
    return showPage(ctx, request, {
      name: 'members',
      rows,
      position: ({ subscriberId }) => subscriberId,
      show: (row) => ({
        subscriber_id: row.subscriberId,
        created_at: row.createdAt.toISOString(),
      }),
    })
  })
}

function putMembers(app: App, ctx: Context): void {
  const schema = {
    summary: 'Replace the members of a topic',
    description: 'Afterwards it has exactly these: at once, for whoever looks.',
    operationId: 'putMembers',
    tags,
    params,
    body: membersBody(mostReplaced),
    response: { 200: ChangedBody },
  }
  const options = { schema, config: write, bodyLimit: replaceBodyLimit }
  app.put('/topics/:key/members', options, ({ workspaceId, params, body }) => {
    const members = membersOf(workspaceId, params.key, body.subscribers)
    return ctx.db.transaction(async (tx) => {
      const added = await add(tx, members, body.subscribers)
      const removed = await deleteOtherMembers(tx, members)
      return { key: params.key, added, removed }
    })
  })
}

function postMembers(app: App, ctx: Context): void {
  const schema = {
    summary: 'Add members to a topic',
    description: 'Those who are members already stay.',
    operationId: 'addMembers',
    tags,
    params,
    body: MembersBody,
    response: { 200: ChangedBody },
  }
  const options = { schema, config: write, bodyLimit: batchBodyLimit }
  app.post('/topics/:key/members', options, (request, reply) => {
    const { workspaceId, params, body } = request
    const members = membersOf(workspaceId, params.key, body.subscribers)
    return answerOnce(ctx, request, reply, async (tx) => {
      const added = await add(tx, members, body.subscribers)
      return { status: 200, body: { key: params.key, added, removed: 0 } }
    })
  })
}

function removeMembers(app: App, ctx: Context): void {
  const schema = {
    summary: 'Remove members from a topic',
    description: 'Ids that are no members are passed over.',
    operationId: 'removeMembers',
    tags,
    params,
    body: MembersBody,
    response: { 200: ChangedBody },
  }
  const options = { schema, config: write, bodyLimit: batchBodyLimit }
  app.delete('/topics/:key/members', options, async ({ workspaceId, params, body }) => {
    const members = membersOf(workspaceId, params.key, body.subscribers)
    const removed = await deleteMembers(ctx.db, members)
    if (removed === 0 && !(await findTopic(ctx.db, workspaceId, params.key)))
      throw unknownTopic(params.key)
    return { key: params.key, added: 0, removed }
  })
}

function membersOf(workspaceId: number, topic: string, subscribers: string[]): Members {
  return { workspaceId, topic, ids: [...new Set(subscribers)] }
}

/** @throws ApiError `unknown_recipient`, naming the ids that are no subscribers. */
async function add(tx: Db, members: Members, given: string[]): Promise<number> {
  if (members.ids.length === 0) return 0
  const known = new Set(await lockSubscribers(tx, members))
  const unknown = members.ids.filter((id) => !known.has(id))
  if (unknown.length > 0) {
    const positions = new Map(given.map((id, i) => [id, i]))
    throw new ApiError('unknown_recipient', {
      detail: `Create them first (PUT /subscribers/{id}). Nothing was changed.`,
      errors: unknown.slice(0, mostTold).map((id) => ({
        pointer: `/subscribers/${positions.get(id)}`,
        detail: `"${id}" is no subscriber.`,
      })),
    })
  }
  return insertMembers(tx, members)
}

function unknownTopic(key: string): ApiError {
  return new ApiError('not_found', { detail: `There is no topic "${key}".` })
}
