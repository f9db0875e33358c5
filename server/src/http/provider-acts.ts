// What a person does about a provider: pausing it, letting it go on, having it tried at once.
import { Type } from 'typebox'
import type { Context } from '../context.ts'
import { operateProvider } from '../pipeline/operate-provider.ts'
import { findProvider, findProviderForUpdate } from '../sql/providers.ts'
import type { App } from './app.ts'
import { Uuid } from './ids.ts'
import { ProviderView, showProvider } from './provider-views.ts'
import { unknownProvider } from './providers.ts'

const params = Type.Object({ id: Uuid('The provider.') })
const PauseBody = Type.Union(
  [
    Type.Object({
      reason: Type.Optional(
        Type.String({
          minLength: 1,
          maxLength: 300,
          description: 'Shown to those who look at it.',
        }),
      ),
    }),
    Type.Null(),
  ],
  {
    description: 'an object with the field "reason", or nothing',
    examples: [{ reason: 'their maintenance, until 14:00' }],
  },
)
const tags = ['Operate']
const config = { scope: 'operate:write' } as const
const response = { 200: ProviderView }

export function providerActRoutes(app: App, ctx: Context): void {
  const pause = {
    summary: 'Pause a provider',
    description:
      'It gets nothing until it is resumed: what is due goes to the next provider of the channel, or waits if there is ' +
      'none. Attempts under way end as they began.',
    operationId: 'pauseProvider',
    tags,
    params,
    body: PauseBody,
    response,
  }
  app.post('/providers/:id/pause', { schema: pause, config }, (request) =>
    operate(ctx, request, { kind: 'pause', reason: request.body?.reason ?? null }),
  )

  const resume = {
    summary: 'Let a provider go on',
    description: 'Whoever paused it, a person or its breaker: it gets everything again, at once.',
    operationId: 'resumeProvider',
    tags,
    params,
    response,
  }
  app.post('/providers/:id/resume', { schema: resume, config }, (request) =>
    operate(ctx, request, { kind: 'resume', reason: null }),
  )

  const probe = {
    summary: 'Try at once whether a provider is well again',
    description:
      'With the next few deliveries, instead of waiting for next_probe_at. Changes nothing unless its breaker is open.',
    operationId: 'probeProvider',
    tags,
    params,
    response,
  }
  app.post('/providers/:id/probe', { schema: probe, config }, (request) =>
    operate(ctx, request, { kind: 'probe', reason: null }),
  )
}

async function operate(
  ctx: Context,
  { workspaceId, params: { id } }: { workspaceId: number; params: { id: string } },
  act: Parameters<typeof operateProvider>[3],
) {
  await ctx.db.transaction(async (tx) => {
    const row = await findProviderForUpdate(tx, workspaceId, id)
    if (!row) throw unknownProvider()
    await operateProvider(ctx, tx, row, act)
  })
  ctx.signals.ring('belfry_health')
  const row = await findProvider(ctx.db, workspaceId, id)
  if (!row) throw unknownProvider()
  return showProvider(ctx, row)
}
