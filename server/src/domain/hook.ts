// Hooks: outgoing webhooks that are told what becomes of notifications.
import type { ResultType } from './result.ts'

export const disabledReasons = ['by_hand', 'gone', 'failing'] as const
export type DisabledReason = (typeof disabledReasons)[number]

export type Hook = {
  workspaceId: number
  id: string
  url: string
  description: string
  types: ResultType[] | null // null: all
  secrets: Buffer // encrypted `HookSecrets`
  isEnabled: boolean
  disabledReason: DisabledReason | null
  disabledAt: Date | null
  failingSince: Date | null
  createdAt: Date
  updatedAt: Date
}

export type HookSecrets = {
  secret: string
  /** Signs too, until then: an RFC 3339 time by the clock of the workspace. */
  previous?: { secret: string; until: string }
}

/** Those that sign just now, the newest first. */
export function signingSecrets({ secret, previous }: HookSecrets, now: Date): string[] {
  return previous && new Date(previous.until) > now ? [secret, previous.secret] : [secret]
}
