// The configured providers of this process, built when first needed and rebuilt when they change. A
// channel without one goes to the sandbox, unless this is production.
import { deviceCarriers, kindsOf, findKind } from './channels/registry.ts'
import type { Pace, Provider, ProviderContext, ProviderKind } from './channels/provider.ts'
import type { CarriedChannel } from './domain/channel.ts'
import type { Device } from './domain/device.ts'
import type { Secrets } from './secrets.ts'
import type { Signals } from './signals.ts'
import type { Database } from './sql/db.ts'
import { listEnabledProviders, type ProviderRow } from './sql/providers.ts'

export type ActiveProvider = {
  workspaceId: number
  channel: string
  id: string | null // null: the sandbox
  name: string
  priority: number
  weight: number
  /** How many it may be given in a second. */
  pace: Pace
  /** Critical messages that it may have taken go to another one at once. */
  mayDouble: boolean
  /** Whether its answers tell how it is: where each address is another server, they do not. */
  isJudged: boolean
  kind: ProviderKind
  provider: Provider
}

/** What carries something: a channel, and in push a device. */
export type Carried = {
  workspaceId: number
  channel: CarriedChannel
  device?: Device | null | undefined
}

export type Found =
  | { kind: 'provider'; provider: ActiveProvider }
  | { kind: 'none'; reason: 'no_provider' | 'no_provider_for_device' | 'provider_gone' }
  // It was set up, or taken away, since the attempt began: after so long it may begin anew.
  | { kind: 'changed'; afterMs: number }

export type Providers = {
  /** Those that could make an attempt, in order of priority: the sandbox where none is set up. */
  carrying(wanted: Carried): ActiveProvider[]
  /** Which kinds carry which devices, as `kind device`. */
  readonly deviceCarriers: readonly string[]
  /** One of those that are set up and enabled. */
  byId(id: string): ActiveProvider | null
  /** The provider an attempt began with; `isBound`: no other one may make it. */
  forAttempt(begun: Carried & { providerId: string | null }, isBound: boolean): Promise<Found>
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
  /** Where vendors reach this Belfry. */
  baseUrl: () => string
  onError: (error: unknown) => void
}

const maxAgeMs = 30_000
const unknownKindMs = 1_000 // another process may be of a newer version

const noProvider: Found = { kind: 'none', reason: 'no_provider' }
const noneForDevice: Found = { kind: 'none', reason: 'no_provider_for_device' }

type Built = ActiveProvider & { version: number }

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

  const of = ({ workspaceId, channel }: Carried) =>
    built.filter((p) => p.workspaceId === workspaceId && p.channel === channel)
  function carrying(wanted: Carried): ActiveProvider[] {
    const all = of(wanted)
    if (all.length === 0 && sandbox) return [sandbox]
    return all.filter(({ kind }) => carries(kind, wanted.device))
  }

  return {
    carrying,
    deviceCarriers,
    byId: (id) => built.find((p) => p.id === id) ?? null,
    async forAttempt(begun, isBound) {
      const { providerId } = begun
      const known = () => of(begun).find(({ id }) => id === providerId)
      // Never the sandbox, or none, only because this process has not heard yet of one that was set up.
      if (!known()) await reload()
      const provider = known()
      if (provider) return { kind: 'provider', provider }
      if (providerId !== null && isBound) return { kind: 'none', reason: 'provider_gone' }
      if (providerId !== null) return { kind: 'changed', afterMs: unknownKindMs }
      if (of(begun).length > 0)
        return carrying(begun).length > 0 ? { kind: 'changed', afterMs: 0 } : noneForDevice
      return sandbox ? { kind: 'provider', provider: sandbox } : noProvider
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

function carries({ devices }: ProviderKind, device: Device | null | undefined): boolean {
  return !device || !devices || devices.includes(device)
}

function build(options: ProvidersOptions, row: ProviderRow): Built | null {
  const { workspaceId, id, name, channel, priority, weight, mayDouble } = row
  const kind = findKind(channel, row.kind)
  if (!kind) return null
  return {
    workspaceId,
    channel,
    version: row.updatedAt.getTime(),
    id,
    name,
    priority,
    weight,
    mayDouble,
    kind,
    ...createProvider(options, kind, row),
  }
}

/** Settings that cannot be read are this one provider's trouble: nothing is sent by it, all else goes on. */
function createProvider(
  options: ProvidersOptions,
  kind: ProviderKind,
  row: ProviderRow,
): Pick<Built, 'provider' | 'isJudged' | 'pace'> {
  const { secrets, context, onError } = options
  try {
    const hidden = row.secrets
      ? (JSON.parse(
          secrets.decrypt(row.secrets, providerSealName(row.workspaceId, row.id)),
        ) as object)
      : {}
    const settings = { ...row.settings, ...hidden }
    const isJudged = !kind.reachesMany?.(settings)
    const receiptsUrl = () => `${options.baseUrl()}/receipts/${row.id}`
    const provider = kind.create(settings, { ...context, receiptsUrl })
    return { provider, isJudged, pace: paceOf(kind, settings, row) }
  } catch (error) {
    onError(
      new Error(`The provider ${row.name} (${row.channel}) cannot be used.`, { cause: error }),
    )
    const detail = `the settings of ${row.name} cannot be read: ${(error as Error).message}`
    const provider: Provider = {
      send: () => Promise.resolve({ kind: 'retry', code: 'provider_unreadable', detail }),
      close: () => Promise.resolve(),
    }
    return { provider, isJudged: true, pace: {} }
  }
}

/** What the vendor takes, or less where somebody has said so. */
function paceOf(kind: ProviderKind, settings: object, { perSecond }: ProviderRow): Pace {
  const { all, ...rest } = kind.pace?.({ ...settings }) ?? {}
  const least = Math.min(all ?? Infinity, perSecond ?? Infinity)
  return { ...rest, ...(least < Infinity && { all: least }) }
}

/** Binds encrypted settings to their row: moved to another one they cannot be read. */
export function providerSealName(workspaceId: number, id: string): string {
  return `providers/${workspaceId}/${id}`
}

function buildSandbox(context: ProviderContext): ActiveProvider {
  const kind = kindsOf('email').find(({ kind }) => kind === 'sandbox')!
  return {
    workspaceId: 0, // everybody's
    channel: '', // every one
    id: null,
    name: 'sandbox',
    priority: 1,
    weight: 1,
    mayDouble: false,
    pace: {},
    isJudged: false,
    kind,
    provider: kind.create({}, context),
  }
}
