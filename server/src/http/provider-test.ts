// Trying a provider out: do the credentials work, and does a message arrive?
import { Type } from 'typebox'
import type { Context } from '../context.ts'
import { addressProblem } from '../domain/address.ts'
import type { Outcome } from '../domain/outcome.ts'
import { ApiError } from '../errors.ts'
import { joinSettings, tryProvider, type Settings } from '../provider-settings.ts'
import { SecretUnreadable } from '../secrets.ts'
import { findProvider, type ProviderRow } from '../sql/providers.ts'
import type { App } from './app.ts'
import { answerAfter } from './idempotency.ts'
import { Uuid } from './ids.ts'
import { kindOf } from './provider-checks.ts'
import { createLimit } from './limit.ts'

const TestBody = Type.Union(
  [
    Type.Object({
      to: Type.Optional(
        Type.String({
          minLength: 1,
          maxLength: 2_048,
          description: 'Where one real message is sent.',
        }),
      ),
    }),
    Type.Null(),
  ],
  {
    description: 'an object with the field "to", or nothing',
    examples: [{ to: 'ana@example.com' }],
  },
)

const TestView = Type.Object({
  is_ok: Type.Union([Type.Boolean(), Type.Null()], {
    description: 'Null when nothing was tried.',
  }),
  outcome: Type.String({
    description:
      'As of an attempt: sent, delivered, retry, failed, gone, ambiguous. ' +
      'Or `unchecked`: this kind can only be tried with a message, so nothing was sent.',
  }),
  code: Type.Union([Type.String(), Type.Null()]),
  detail: Type.Union([Type.String(), Type.Null()]),
  duration_ms: Type.Integer(),
})

// Each test is a connection to a place of the caller's choice: enough to configure, too few to scan.
const testsPerMinute = 10

export function providerTestRoutes(app: App, ctx: Context): void {
  const schema = {
    summary: 'Try a provider out',
    description:
      'Checks credentials and reachability; with `to` it sends one real message there. ' +
      `${testsPerMinute} a minute.`,
    operationId: 'testProvider',
    tags: ['Configure'],
    params: Type.Object({ id: Uuid('The provider.') }),
    body: TestBody,
    response: { 200: TestView },
  }
  const limit = createLimit(testsPerMinute)
  app.post(
    '/providers/:id/test',
    { schema, config: { scope: 'config:write' } },
    async (request, reply) => {
      const { workspaceId, params } = request
      const to = request.body?.to ?? null
      const row = await findProvider(ctx.db, workspaceId, params.id)
      if (!row) throw new ApiError('not_found', { detail: 'There is no such provider.' })
      const problem = to === null ? null : addressProblem(row.channel, to)
      if (problem)
        throw new ApiError('invalid_request', {
          errors: [{ pointer: '/to', detail: `${problem}.` }],
        })

      return answerAfter(ctx, request, reply, async () => {
        limit(workspaceId)
        const kind = kindOf(ctx, row.channel, row.kind)
        const startedAt = performance.now()
        const settings = readSettings(ctx, row)
        const outcome = await tryProvider(ctx, kind, {
          workspaceId,
          channel: row.channel,
          settings,
          to,
        })
        const body = {
          ...showOutcome(outcome),
          duration_ms: Math.round(performance.now() - startedAt),
        }
        return { status: 200, body }
      })
    },
  )
}

function showOutcome(outcome: Outcome | null) {
  if (outcome === null)
    return {
      is_ok: null,
      outcome: 'unchecked',
      code: null,
      detail: 'Nothing was sent: this kind can only be tried with a message; give {"to": "…"}.',
    }
  const { kind, code = null, detail = null } = outcome
  return { is_ok: kind === 'sent' || kind === 'delivered', outcome: kind, code, detail }
}

/** @throws ApiError `invalid_provider_settings` when the secrets cannot be read any more. */
function readSettings(ctx: Context, row: ProviderRow): Settings {
  try {
    return joinSettings(ctx.secrets, row)
  } catch (error) {
    if (!(error instanceof SecretUnreadable)) throw error
    throw new ApiError('invalid_provider_settings', { detail: error.message }, { cause: error })
  }
}
