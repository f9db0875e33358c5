// Is it alive, and is it ready for requests? For load balancers and orchestrators; needs no key.
import type { FastifyReply } from 'fastify'
import { Type } from 'typebox'
import type { Context } from '../context.ts'
import { findSchemaVersion } from '../sql/health.ts'
import { knownMigrations } from '../sql/migrate.ts'
import type { App } from './app.ts'

const Check = Type.Object({
  name: Type.String(),
  is_ok: Type.Boolean(),
  hint: Type.Optional(Type.String({ description: 'What to do about it.' })),
})

const HealthBody = Type.Object({
  status: Type.Literal('healthy'),
  timestamp: Type.String({ format: 'date-time' }),
})

const ReadyBody = Type.Object({
  status: Type.Enum(['ready', 'not_ready']),
  checks: Type.Array(Check),
})

type CheckResult = { name: string; is_ok: boolean; hint?: string }

export function healthRoutes(app: App, ctx: Context): void {
  const health = {
    summary: 'Is the process alive',
    operationId: 'getHealth',
    tags: ['Watch'],
    response: { 200: HealthBody },
  }
  const showHealth = () => ({
    status: 'healthy' as const,
    timestamp: new Date().toISOString(),
  })
  app.get('/health', { schema: health, config: { scope: 'public' } }, showHealth)
  // The names that Kubernetes gave them.
  app.get('/livez', { schema: { hide: true }, config: { scope: 'public' } }, showHealth)

  const ready = {
    summary: 'Is it ready for requests',
    description: 'Each check says what to do when it fails. 503 while the process is stopping.',
    operationId: 'getReadiness',
    tags: ['Watch'],
    response: { 200: ReadyBody, 503: ReadyBody },
  }
  const showReadiness = async (_request: unknown, reply: FastifyReply) => {
    const checks = [checkDraining(ctx.isDraining), ...(await checkDatabase(ctx))]
    const isReady = checks.every((check) => check.is_ok)
    return reply.code(isReady ? 200 : 503).send({ status: isReady ? 'ready' : 'not_ready', checks })
  }
  app.get('/health/ready', { schema: ready, config: { scope: 'public' } }, showReadiness)
  app.get('/readyz', { schema: { hide: true }, config: { scope: 'public' } }, showReadiness)
}

function checkDraining(isDraining: boolean): CheckResult {
  if (!isDraining) return { name: 'accepting', is_ok: true }
  return {
    name: 'accepting',
    is_ok: false,
    hint: 'This process is stopping: send requests elsewhere.',
  }
}

async function checkDatabase({ db, log, whyAway }: Context): Promise<CheckResult[]> {
  let applied: number
  try {
    applied = await findSchemaVersion(db)
  } catch (error) {
    log.warn({ reason: String(error) }, 'the database could not be asked')
    const hint =
      whyAway() ?? 'The database does not answer. "belfry doctor" tells which step fails.'
    return [{ name: 'database', is_ok: false, hint }]
  }
  const known = (await knownMigrations()).at(-1)?.number ?? 0
  const migrations: CheckResult =
    applied === known
      ? { name: 'migrations', is_ok: true }
      : {
          name: 'migrations',
          is_ok: false,
          hint: `The schema is at ${applied}, this program at ${known}. Run "belfry migrate", or start the newer program.`,
        }
  return [{ name: 'database', is_ok: true }, migrations]
}
