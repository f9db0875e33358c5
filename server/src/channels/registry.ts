// Every kind of provider there is.
import type { CarriedChannel } from '../domain/channel.ts'
import { smtp } from './email/smtp.ts'
import type { ProviderKind } from './provider.ts'
import { sandbox } from './sandbox/sandbox.ts'
import { webhook } from './webhook/webhook.ts'

export const providerKinds: readonly ProviderKind[] = [sandbox, smtp, webhook]

export function kindsOf(channel: CarriedChannel): ProviderKind[] {
  return providerKinds.filter(({ channels }) => channels.includes(channel))
}

export function findKind(channel: CarriedChannel, kind: string): ProviderKind | null {
  return kindsOf(channel).find((candidate) => candidate.kind === kind) ?? null
}
