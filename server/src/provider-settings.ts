// The settings of a provider between the API and the database: which kinds there are, what is wrong
// with settings, which of them are kept encrypted, and trying a provider out.
import { randomUUIDv7 } from 'node:crypto'
import type { Message, ProviderKind } from './channels/provider.ts'
import { readAllowedAddresses } from './channels/public-address.ts'
import type { Receipts } from './channels/receipts.ts'
import { findKind, providerKinds } from './channels/registry.ts'
import type { Context } from './context.ts'
import type { CarriedChannel } from './domain/channel.ts'
import type { Content } from './domain/content.ts'
import type { Outcome } from './domain/outcome.ts'
import type { FieldError } from './errors.ts'
import { providerSealName } from './providers.ts'
import type { Secrets } from './secrets.ts'
import { insertSandboxMessage } from './sql/sandbox.ts'

export type Settings = Record<string, unknown>

export type SplitSettings = { shown: Settings; secrets: Buffer | null }

/** Every kind there is. */
export function listProviderKinds(): readonly ProviderKind[] {
  return providerKinds
}

export function findProviderKind(channel: CarriedChannel, kind: string): ProviderKind | null {
  return findKind(channel, kind)
}

/** What the schema of a kind cannot tell; pointers begin at the settings. */
export function settingsProblems(
  { config }: Pick<Context, 'config'>,
  kind: ProviderKind,
  settings: Settings,
): FieldError[] {
  const allowed = readAllowedAddresses(config.allowPrivateAddresses)
  return (
    kind.problems?.(settings, allowed).map(({ pointer, detail }) => ({ pointer, detail })) ?? []
  )
}

/** Parts what may be shown from what is encrypted, bound to the row it is kept in. */
export function splitSettings(
  secrets: Secrets,
  kind: ProviderKind,
  { workspaceId, id, settings }: { workspaceId: number; id: string; settings: Settings },
): SplitSettings {
  const isSecret = (name: string) => kind.secrets.includes(name)
  const entries = Object.entries(settings)
  const hidden = Object.fromEntries(entries.filter(([name]) => isSecret(name)))
  const shown = Object.fromEntries(entries.filter(([name]) => !isSecret(name)))
  if (Object.keys(hidden).length === 0) return { shown, secrets: null }
  return {
    shown,
    secrets: secrets.encrypt(JSON.stringify(hidden), providerSealName(workspaceId, id)),
  }
}

/**
 * All settings of a provider, secrets too.
 *
 * @throws SecretUnreadable when they were encrypted with another BELFRY_SECRET.
 */
export function joinSettings(
  secrets: Secrets,
  row: { workspaceId: number; id: string; settings: Settings; secrets: Buffer | null },
): Settings {
  if (row.secrets === null) return row.settings
  const hidden = secrets.decrypt(row.secrets, providerSealName(row.workspaceId, row.id))
  return { ...row.settings, ...(JSON.parse(hidden) as Settings) }
}

/**
 * How a provider's vendor tells what became of messages; null when its settings ask for nothing.
 *
 * @throws SecretUnreadable as above.
 */
export function receiptsOf(
  secrets: Secrets,
  row: Parameters<typeof joinSettings>[1] & { channel: CarriedChannel; kind: string },
): { receipts: Receipts; settings: Settings } | null {
  const receipts = findKind(row.channel, row.kind)?.receipts
  if (!receipts) return null
  const settings = joinSettings(secrets, row)
  return settings[receipts.setting] === undefined ? null : { receipts, settings }
}

export type Trial = {
  workspaceId: number
  channel: CarriedChannel
  settings: Settings
  /** Where a real message goes; null checks credentials and reachability only. */
  to: string | null
}

/** Builds the provider, tries it, and closes it again. Null: without a message there was nothing to try. */
export async function tryProvider(
  ctx: Context,
  kind: ProviderKind,
  trial: Trial,
): Promise<Outcome | null> {
  const provider = kind.create(trial.settings, {
    outgoing: ctx.outgoing,
    now: ctx.clock.now,
    allowed: readAllowedAddresses(ctx.config.allowPrivateAddresses),
    capture: (message) =>
      insertSandboxMessage(ctx.db, message, ctx.in(message.workspaceId).clock.now()),
  })
  const signal = AbortSignal.timeout(kind.budgetMs)
  try {
    if (trial.to !== null) return await provider.send(trialMessage(ctx, trial, trial.to), signal)
    return (await provider.verify?.(signal)) ?? null
  } finally {
    await provider.close()
  }
}

function trialMessage(ctx: Context, { workspaceId, channel }: Trial, address: string): Message {
  return {
    workspaceId,
    notificationId: randomUUIDv7(),
    deliveryId: randomUUIDv7(),
    attempt: 1,
    channel,
    address,
    content: trialContent(channel),
    contentId: randomUUIDv7(),
    eventType: null,
    createdAt: ctx.clock.now(),
    traceparent: null,
  }
}

const title = 'A test from Belfry'
const body = 'This provider works: you are reading its first message.'

function trialContent(channel: CarriedChannel): Content {
  switch (channel) {
    case 'email':
      return { subject: title, html: `<!doctype html><p>${body}</p>`, text: body }
    case 'push':
      return { title, body }
    case 'webhook':
      return { body: { type: 'belfry.test', data: { message: body } } }
    case 'sms':
    case 'telegram':
    case 'slack':
    case 'discord':
    case 'teams':
      return { body: `${title}. ${body}` }
  }
}
