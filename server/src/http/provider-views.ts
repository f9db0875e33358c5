// How providers are written and shown: their place among the others of their channel, and how they are.
import { Type, type Static } from 'typebox'
import type { Context } from '../context.ts'
import { phaseOf, phases, windowMs } from '../domain/provider-health.ts'
import { joinSettings, type Settings } from '../provider-settings.ts'
import {
  listCounts,
  listHealthOf,
  listHeld,
  type CountsRow,
  type HealthRow,
} from '../sql/provider-health.ts'
import type { ProviderRow } from '../sql/providers.ts'
import { Moment, Uuid } from './ids.ts'

/** Where it stands among the others; absent fields have their defaults. */
export const providerFields = {
  priority: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: 1_000,
      description:
        'The lowest one of a channel is used first, the others when it cannot take more.',
    }),
  ),
  weight: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: 1_000,
      description: 'Among those of the same priority: how many it gets, beside the others.',
    }),
  ),
  rate_limit: Type.Optional(
    Type.Union(
      [
        Type.Object(
          { per_second: Type.Number({ minimum: 0.01, maximum: 100_000 }) },
          { additionalProperties: false },
        ),
        Type.Null(),
      ],
      {
        description:
          'How many messages it is given in a second, by all processes together; null: any number.',
      },
    ),
  ),
  critical_may_double: Type.Optional(
    Type.Boolean({
      description:
        'A critical message that it may have taken, without an answer, goes to the next provider at once: ' +
        'it may come twice, rather than late.',
    }),
  ),
}

export type Rank = Pick<ProviderRow, 'priority' | 'weight' | 'perSecond' | 'mayDouble'>
type GivenRank = Static<typeof GivenRank>
const GivenRank = Type.Object(providerFields)

export const defaultRank: Rank = { priority: 1, weight: 1, perSecond: null, mayDouble: false }

export function rankOf(given: GivenRank, before: Rank): Rank {
  const { rate_limit: limit } = given
  return {
    priority: given.priority ?? before.priority,
    weight: given.weight ?? before.weight,
    perSecond: limit === undefined ? before.perSecond : (limit?.per_second ?? null),
    mayDouble: given.critical_may_double ?? before.mayDouble,
  }
}

/** As it is given, without defaults. */
export function shortRank({ priority, weight, perSecond, mayDouble }: Rank): GivenRank {
  return {
    ...(priority !== 1 && { priority }),
    ...(weight !== 1 && { weight }),
    ...(perSecond !== null && { rate_limit: { per_second: perSecond } }),
    ...(mayDouble && { critical_may_double: true }),
  }
}

const HealthView = Type.Object({
  state: Type.Enum(phases, {
    description:
      'closed: it gets what is due. open: its breaker has paused it. half_open: a few deliveries try whether it is ' +
      'well. recovering: it is, and gets more step by step. paused: by hand.',
  }),
  since: Type.Union([Moment(), Type.Null()]),
  reason: Type.Union([Type.String(), Type.Null()]),
  next_probe_at: Type.Union([Moment(), Type.Null()]),
  attempts: Type.Integer({ description: 'Of the last minute, in all processes.' }),
  failed: Type.Integer({ description: 'Of these: those that speak against the provider.' }),
  slow: Type.Integer({ description: 'Of these: answered after five seconds or later.' }),
  average_ms: Type.Union([Type.Integer(), Type.Null()]),
  waiting: Type.Integer({ description: 'Deliveries that wait for it, up to 100,000.' }),
})

export const ProviderView = Type.Object({
  id: Uuid('The provider.'),
  channel: Type.String(),
  kind: Type.String(),
  name: Type.String(),
  priority: Type.Integer(),
  weight: Type.Integer(),
  rate_limit: Type.Union([Type.Object({ per_second: Type.Number() }), Type.Null()]),
  critical_may_double: Type.Boolean(),
  enabled: Type.Boolean(),
  settings: Type.Record(Type.String(), Type.Unknown(), { description: 'Without the secrets.' }),
  secrets: Type.Array(Type.String(), { description: 'The names of the secrets that are set.' }),
  health: HealthView,
  created_at: Moment(),
  updated_at: Moment(),
})

/** With how they are just now, by their ids. */
export async function showProviders(
  ctx: Context,
  workspaceId: number,
  rows: ProviderRow[],
): Promise<Map<string, Static<typeof ProviderView>>> {
  const now = ctx.in(workspaceId).clock.now()
  const since = new Date(now.getTime() - windowMs)
  const providerIds = rows.map(({ id }) => id)
  const [healths, counts, held] = await Promise.all([
    listHealthOf(ctx.db, workspaceId, providerIds),
    listCounts(ctx.db, workspaceId, { providerIds, since }),
    listHeld(ctx.db, workspaceId, now),
  ])
  return new Map(
    rows.map((row) => {
      const known = healths.find(({ providerId }) => providerId === row.id)
      const count = counts.find(({ providerId }) => providerId === row.id)
      const waiting = held
        .filter(({ providerId }) => providerId === row.id)
        .reduce((sum, { count }) => sum + count, 0)
      const health = { ...showHealth(known ?? null, count ?? null, now), waiting }
      return [row.id, { ...show(ctx, row), health }]
    }),
  )
}

export async function showProvider(
  ctx: Context,
  row: ProviderRow,
): Promise<Static<typeof ProviderView>> {
  const shown = await showProviders(ctx, row.workspaceId, [row])
  return shown.get(row.id)!
}

function showHealth(health: HealthRow | null, counts: CountsRow | null, now: Date) {
  const state = phaseOf(health, now)
  const attempts = counts ? counts.answered + counts.failed : 0
  return {
    state,
    since: health && state !== 'closed' ? health.since.toISOString() : null,
    reason: health?.reason ?? null,
    next_probe_at: health?.probeAt?.toISOString() ?? null,
    attempts,
    failed: counts?.failed ?? 0,
    slow: counts?.slow ?? 0,
    average_ms: counts && attempts > 0 ? Math.round(counts.durationMs / attempts) : null,
  }
}

function show(ctx: Context, row: ProviderRow) {
  const shown = new Set(Object.keys(row.settings))
  return {
    id: row.id,
    channel: row.channel,
    kind: row.kind,
    name: row.name,
    priority: row.priority,
    weight: row.weight,
    rate_limit: row.perSecond === null ? null : { per_second: row.perSecond },
    critical_may_double: row.mayDouble,
    enabled: row.isEnabled,
    settings: row.settings,
    secrets: Object.keys(readableSettings(ctx, row)).filter((name) => !shown.has(name)),
    created_at: row.createdAt.toISOString(),
    updated_at: row.updatedAt.toISOString(),
  }
}

/** All settings; without the secrets when those were encrypted with a BELFRY_SECRET that is lost. */
export function readableSettings(ctx: Context, row: ProviderRow): Settings {
  try {
    return joinSettings(ctx.secrets, row)
  } catch (error) {
    ctx.log.error({ err: error, providerId: row.id }, 'the secrets of a provider cannot be read')
    return row.settings
  }
}
