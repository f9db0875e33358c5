// The secrets that sign what hooks are told: made here, shown once, kept encrypted and bound to their row.
import { randomBytes } from 'node:crypto'
import type { Context } from '../context.ts'
import type { Hook, HookSecrets } from '../domain/hook.ts'
import type { Secrets } from '../secrets.ts'

type Place = Pick<Hook, 'workspaceId' | 'id'>

const secretBytes = 32

/** As Standard Webhooks writes them. */
export function newHookSecret(): string {
  return `whsec_${randomBytes(secretBytes).toString('base64')}`
}

export function sealHookSecrets(secrets: Secrets, place: Place, values: HookSecrets): Buffer {
  return secrets.encrypt(JSON.stringify(values), sealName(place))
}

/** Null when they were encrypted with a BELFRY_SECRET that is lost. */
export function openHookSecrets(
  ctx: Pick<Context, 'secrets' | 'log'>,
  hook: Place & { secrets: Buffer },
): HookSecrets | null {
  try {
    return JSON.parse(ctx.secrets.decrypt(hook.secrets, sealName(hook))) as HookSecrets
  } catch (error) {
    ctx.log.error({ err: error, hookId: hook.id }, 'the secrets of a hook cannot be read')
    return null
  }
}

function sealName({ workspaceId, id }: Place): string {
  return `hooks/${workspaceId}/${id}`
}
