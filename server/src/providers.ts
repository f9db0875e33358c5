// The configured providers of this process, built when first needed and rebuilt when they change. A
// channel without one goes to the sandbox, unless this is production.
import { kindsOf, findKind } from './channels/registry.ts'
import type { Provider, ProviderContext, ProviderKind } from './channels/provider.ts'
import type { CarriedChannel } from './domain/channel.ts'
import type { Secrets } from './secrets.ts'
import type { Signals } from './signals.ts'
import type { Database } from './sql/db.ts'
import { listEnabledProviders, type ProviderRow } from './sql/providers.ts'

export type ActiveProvider = {
  id: string | null // null: the sandbox
  name: string
  kind: ProviderKind
  provider: Provider
}

export type Providers = {
  /** The provider a new attempt would go through; null when there is none to be had. */
  current(workspaceId: number, channel: CarriedChannel): ActiveProvider | null
  /** The provider an attempt began with; the current one when that is gone. */
  find(workspaceId: number, channel: CarriedChannel, id: string | null): ActiveProvider | null
  /**
   * As `find`, but never the sandbox, or none, only because this process has not heard yet of a
   * provider that was set up through another one.
   */
  forAttempt(
    workspaceId: number,
    channel: CarriedChannel,
    id: string | null,
  ): Promise<ActiveProvider | null>
  /** The most an attempt on this channel may take through any of its providers. */
  longestBudgetMs(channel: CarriedChannel): number
  close(): Promise<void>
}

export type ProvidersOptions = {
  db: Database
  secrets: Secrets
  signals: Signals
  context: ProviderContext
  hasSandbox: boolean
  onError: (error: unknown) => void
}

const maxAgeMs = 30_000

type Built = ActiveProvider & { workspaceId: number; channel: string; version: number }

export async function createProviders(options: ProvidersOptions): Promise<Providers> {
  const { db, signals, context, hasSandbox, onError } = options
  const sandbox = hasSandbox ? buildSandbox(context) : null
  let built: Built[] = []

  /** Unchanged ones are kept, with their open connections. */
  async function load(): Promise<void> {
    const rows = await listEnabledProviders(db)
    const before = built
    built = rows.flatMap((row) => {
      const known = before.find((p) => p.id === row.id && p.version === row.updatedAt.getTime())
      return known ?? build(options, row) ?? []
    })
    for (const old of before) if (!built.includes(old)) void old.provider.close().catch(onError)
  }

  let loading = Promise.resolve()
  let next: Promise<void> | null = null

  /** Loads them as they are now; those who ask before it begins share one load. */
  function reload(): Promise<void> {
    if (next) return next
    next = loading.then(() => {
      next = null
      return load()
    })
    loading = next.catch(onError)
    return next
  }

  const reloadQuietly = () => void reload().catch(() => {}) // `loading` tells of it
  signals.on('belfry_config', reloadQuietly)
  await load()
  const aging = setInterval(reloadQuietly, maxAgeMs).unref() // the net below a ring that is lost

  const of = (workspaceId: number, channel: CarriedChannel) =>
    built.filter((p) => p.workspaceId === workspaceId && p.channel === channel)
  const current = (workspaceId: number, channel: CarriedChannel) =>
    of(workspaceId, channel)[0] ?? sandbox
  const find = (workspaceId: number, channel: CarriedChannel, id: string | null) =>
    of(workspaceId, channel).find((p) => p.id === id) ?? current(workspaceId, channel)
  return {
    current,
    find,
    async forAttempt(workspaceId, channel, id) {
      if (!of(workspaceId, channel).some((p) => p.id === id)) await reload()
      return find(workspaceId, channel, id)
    },
    longestBudgetMs: (channel) => Math.max(...kindsOf(channel).map((kind) => kind.budgetMs)),
    async close() {
      clearInterval(aging)
      await loading
      const all = sandbox ? [...built, sandbox] : built
      await Promise.all(all.map(({ provider }) => provider.close()))
    },
  }
}

function build(options: ProvidersOptions, row: ProviderRow): Built | null {
  const { workspaceId, id, name, channel } = row
  const kind = findKind(channel, row.kind)
  if (!kind) return null
  return {
    workspaceId,
    channel,
    version: row.updatedAt.getTime(),
    id,
    name,
    kind,
    provider: createProvider(options, kind, row),
  }
}

/** Settings that cannot be read are this one provider's trouble: nothing is sent by it, all else goes on. */
function createProvider(
  { secrets, context, onError }: ProvidersOptions,
  kind: ProviderKind,
  row: ProviderRow,
): Provider {
  try {
    const hidden = row.secrets
      ? (JSON.parse(
          secrets.decrypt(row.secrets, providerSealName(row.workspaceId, row.id)),
        ) as object)
      : {}
    return kind.create({ ...row.settings, ...hidden }, context)
  } catch (error) {
    onError(
      new Error(`The provider ${row.name} (${row.channel}) cannot be used.`, { cause: error }),
    )
    const detail = `the settings of ${row.name} cannot be read: ${(error as Error).message}`
    return {
      send: () => Promise.resolve({ kind: 'retry', code: 'provider_unreadable', detail }),
      close: () => Promise.resolve(),
    }
  }
}

/** Binds encrypted settings to their row: moved to another one they cannot be read. */
export function providerSealName(workspaceId: number, id: string): string {
  return `providers/${workspaceId}/${id}`
}

function buildSandbox(context: ProviderContext): ActiveProvider {
  const kind = kindsOf('email').find(({ kind }) => kind === 'sandbox')!
  return { id: null, name: 'sandbox', kind, provider: kind.create({}, context) }
}
