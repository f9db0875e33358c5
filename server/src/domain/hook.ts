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
  notBefore: Date | null
  resetAt: Date | null
  createdAt: Date
  updatedAt: Date
}

export type HookSecrets = {
  secret: string
  /** Those before it, the newest first: each signs too, until its own time, by the clock of the workspace. */
  previous?: PreviousSecret[]
}

export type PreviousSecret = { secret: string; until: string }

/** Those that sign just now, the newest first. */
export function signingSecrets(secrets: HookSecrets, now: Date): string[] {
  return [secrets.secret, ...previousSecrets(secrets, now).map(({ secret }) => secret)]
}

/** Those that were changed for another, and still sign. */
export function previousSecrets({ previous = [] }: HookSecrets, now: Date): PreviousSecret[] {
  return previous.filter(({ until }) => new Date(until) > now)
}
