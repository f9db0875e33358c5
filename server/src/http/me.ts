// What a subscriber may see and do with a token of their own.
import type { FastifyRequest } from 'fastify'
import type { Context } from '../context.ts'
import { changePreferences, showPreferences } from '../pipeline/preferences.ts'
import type { App } from './app.ts'
import { PreferencesPatchBody, PreferencesView, showPreferencesOf } from './preference-body.ts'

const tags = ['Me']
const config = { scope: 'me' } as const

export function meRoutes(app: App, ctx: Context): void {
  const show = async ({ workspaceId, subscriberId }: FastifyRequest) =>
    showPreferencesOf(await showPreferences(ctx, workspaceId, subscriberId))

  const get = {
    summary: 'Show what I want to hear',
    operationId: 'getMyPreferences',
    tags,
    response: { 200: PreferencesView },
  }
  app.get('/me/preferences', { schema: get, config }, show)

  const patch = {
    summary: 'Change what I want to hear',
    description:
      'Fields that are absent stay as they are, at every depth; null removes, so that the default ' +
      'holds again. What is critical cannot be turned off.',
    operationId: 'patchMyPreferences',
    tags,
    body: PreferencesPatchBody,
    response: { 200: PreferencesView },
  }
  app.patch('/me/preferences', { schema: patch, config }, async (request) => {
    const { workspaceId, subscriberId, body } = request
    const by = { kind: 'subscriber' } as const
    await changePreferences(ctx, { workspaceId, subscriberId, by }, body)
    return show(request)
  })
}
