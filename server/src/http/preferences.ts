// Preferences: what people want to hear, on which channels, and when not.
import { Type } from 'typebox'
import type { Context } from '../context.ts'
import type { PreferenceDefaults } from '../domain/preferences.ts'
import { nearestOf } from '../domain/nearest.ts'
import { ApiError } from '../errors.ts'
import {
  changeDefaults,
  changePreferences,
  showPreferences,
  unknownSubscriber,
} from '../pipeline/preferences.ts'
import { serverHours } from '../pipeline/timing.ts'
import {
  findPreferenceDefaults,
  findPreferences,
  listPreferenceChanges,
} from '../sql/preferences.ts'
import type { App } from './app.ts'
import { Id, Moment } from './ids.ts'
import { Hours } from './hours-body.ts'
import { PageBody, pageQuery, readPage, showPage } from './paging.ts'
import {
  PreferenceChangeView,
  PreferenceDefaultsBody,
  PreferencesPatchBody,
  PreferencesView,
  showPreferenceChange,
  showPreferencesOf,
  Switches,
  SwitchesByName,
} from './preference-body.ts'

const LevelBody = Type.Object(
  {
    user_id: Id('The id of the subscriber.'),
    level: Type.String({ description: 'STANDARD: everything. CRITICAL: only critical events.' }),
  },
  { examples: [{ user_id: 'ana', level: 'CRITICAL' }] },
)

const DefaultsView = Type.Object({
  channels: Switches,
  categories: SwitchesByName,
  event_types: SwitchesByName,
  hours: Type.Union([Hours, Type.Null()], {
    description: 'When deliveries may go out; null: at any time of day.',
  }),
  updated_at: Type.Union([Moment(), Type.Null()]),
})

const params = Type.Object({ subscriber_id: Id('The id you gave the subscriber.') })
const tags = ['Audience']
const read = { scope: 'subscribers:read' } as const
const write = { scope: 'subscribers:write' } as const

const holds =
  'Once this is answered it holds for everything that has not begun, whatever was planned before.'

export function preferenceRoutes(app: App, ctx: Context): void {
  putLevel(app, ctx)
  getPreferences(app, ctx)
  patchPreferences(app, ctx)
  getChanges(app, ctx)
  defaultsRoutes(app, ctx)
}

function putLevel(app: App, ctx: Context): void {
  const schema = {
    summary: 'Set the level of a subscriber',
    description: `The level in any case; everything else the person has said stays. ${holds}`,
    operationId: 'putPreferences',
    tags,
    body: LevelBody,
    response: { 200: Type.Object({ user_id: Type.String(), ...PreferencesView.properties }) },
  }
  app.put('/preferences', { schema, config: write }, async ({ workspaceId, body, keyId }) => {
    const level = body.level.toLowerCase()
    if (level !== 'standard' && level !== 'critical') throw unknownLevel(body.level)
    const whose = { workspaceId, subscriberId: body.user_id, by: { kind: 'key', keyId } } as const
    await changePreferences(ctx, whose, { level })
    const shown = await showPreferences(ctx, workspaceId, body.user_id)
    return { user_id: body.user_id, ...showPreferencesOf(shown) }
  })
}

function unknownLevel(given: string): ApiError {
  const near = nearestOf(given, ['STANDARD', 'CRITICAL'])
  const hint = near === null ? '' : ` Did you mean "${near}"?`
  const detail = `must be STANDARD or CRITICAL.${hint}`
  return new ApiError('unknown_level', { errors: [{ pointer: '/level', detail }] })
}

function getPreferences(app: App, ctx: Context): void {
  const schema = {
    summary: 'Show what a subscriber wants to hear',
    operationId: 'getPreferences',
    tags,
    params,
    response: { 200: PreferencesView },
  }
  const options = { schema, config: read }
  app.get('/preferences/:subscriber_id', options, async ({ workspaceId, params }) =>
    showPreferencesOf(await showPreferences(ctx, workspaceId, params.subscriber_id)),
  )
}

function patchPreferences(app: App, ctx: Context): void {
  const schema = {
    summary: 'Change what a subscriber wants to hear',
    description:
      'Fields that are absent stay as they are, at every depth; null removes, so that the default ' +
      `holds again. What is critical cannot be turned off. ${holds}`,
    operationId: 'patchPreferences',
    tags,
    params,
    body: PreferencesPatchBody,
    response: { 200: PreferencesView },
  }
  app.patch('/preferences/:subscriber_id', { schema, config: write }, async (request) => {
    const { workspaceId, body, keyId } = request
    const subscriberId = request.params.subscriber_id
    const whose = { workspaceId, subscriberId, by: { kind: 'key', keyId } } as const
    await changePreferences(ctx, whose, body)
    return showPreferencesOf(await showPreferences(ctx, workspaceId, subscriberId))
  })
}

function getChanges(app: App, ctx: Context): void {
  const schema = {
    summary: 'List what a subscriber changed, newest first',
    description: 'When, who it was, and each field before and after.',
    operationId: 'listPreferenceChanges',
    tags,
    params,
    querystring: Type.Object(pageQuery),
    response: { 200: PageBody('changes', PreferenceChangeView) },
  }
  app.get('/preferences/:subscriber_id/changes', { schema, config: read }, async (request) => {
    const { workspaceId, params } = request
    const subscriberId = params.subscriber_id
    const { after, ...page } = readPage(ctx, request)
    const before = after === null ? null : Number(after)
    const rows = await listPreferenceChanges(ctx.db, { workspaceId, subscriberId, before, ...page })
    if (rows.length === 0 && !(await findPreferences(ctx.db, workspaceId, subscriberId)))
      throw unknownSubscriber(subscriberId)
    const position = ({ seq }: { seq: number }) => String(seq)
    return showPage(ctx, request, { name: 'changes', rows, position, show: showPreferenceChange })
  })
}

function defaultsRoutes(app: App, ctx: Context): void {
  const get = {
    summary: 'Show the default preferences',
    operationId: 'getPreferenceDefaults',
    tags: ['Configure'],
    response: { 200: DefaultsView },
  }
  const config = { scope: 'config:read' } as const
  app.get('/preference-defaults', { schema: get, config }, async ({ workspaceId }) =>
    showDefaults(ctx, await findPreferenceDefaults(ctx.db, workspaceId)),
  )

  const put = {
    summary: 'Set the default preferences',
    description:
      'What holds for everybody who has said nothing about it: the event type before its category, ' +
      `the category before the channel. What is left out is on. \`hours\` are when deliveries may go out by the clock of ` +
      `the recipient; left out: as the server is set up. ${holds}`,
    operationId: 'putPreferenceDefaults',
    tags: ['Configure'],
    body: PreferenceDefaultsBody,
    response: { 200: DefaultsView },
  }
  app.put(
    '/preference-defaults',
    { schema: put, config: { scope: 'config:write' } },
    async ({ workspaceId, body, keyId }) =>
      showDefaults(
        ctx,
        await changeDefaults(ctx, { workspaceId, by: { kind: 'key', keyId } }, body),
      ),
  )
}

function showDefaults(
  { config }: Context,
  kept: { defaults: PreferenceDefaults; updatedAt: Date | null },
) {
  const { channels = {}, categories = {}, event_types = {} } = kept.defaults
  const { hours = serverHours(config) } = kept.defaults
  return {
    channels,
    categories,
    event_types,
    hours,
    updated_at: kept.updatedAt?.toISOString() ?? null,
  }
}
