// The secrets of a source: encrypted, bound to the row they are kept in, never shown.
import type { Context } from '../context.ts'
import type { Source, SourceAuth, SourceSecrets } from '../domain/source.ts'
import { standardWebhookKey } from '../domain/webhook-signature.ts'
import { ApiError, type FieldError } from '../errors.ts'
import type { Secrets } from '../secrets.ts'

/** `null` removes a secret; one that is not there stays as it was. */
export type GivenSecrets = { [Name in keyof SourceSecrets]: SourceSecrets[Name] | null }

type Place = { workspaceId: number; key: string }

export function sealSourceSecrets(
  secrets: Secrets,
  place: Place,
  values: SourceSecrets,
): Buffer | null {
  if (Object.keys(values).length === 0) return null
  return secrets.encrypt(JSON.stringify(values), sealName(place))
}

/** @throws SecretUnreadable when they were encrypted with another BELFRY_SECRET. */
export function openSourceSecrets(
  secrets: Secrets,
  source: Place & Pick<Source, 'secrets'>,
): SourceSecrets {
  if (source.secrets === null) return {}
  return JSON.parse(secrets.decrypt(source.secrets, sealName(source))) as SourceSecrets
}

function sealName({ workspaceId, key }: Place): string {
  return `sources/${workspaceId}/${key}`
}

/** The secrets; none when they were encrypted with a BELFRY_SECRET that is lost. */
export function readableSecrets(
  ctx: Pick<Context, 'secrets' | 'log'>,
  source: Source,
): SourceSecrets {
  try {
    return openSourceSecrets(ctx.secrets, source)
  } catch (error) {
    ctx.log.error({ err: error, source: source.key }, 'the secrets of a source cannot be read')
    return {}
  }
}

/**
 * Those that a source has after a change: what is not given stays while the kind of authentication does.
 *
 * @throws ApiError `invalid_request` for a secret that is missing, or none for its kind.
 */
export function newSourceSecrets(
  ctx: Pick<Context, 'secrets' | 'log'>,
  before: Source | null,
  { auth, given }: { auth: SourceAuth; given: GivenSecrets },
): SourceSecrets {
  const kept = before?.auth.kind === auth.kind ? readableSecrets(ctx, before) : {}
  const merged = Object.entries({ ...kept, ...given }).filter(([, value]) => value !== null)
  const secrets = Object.fromEntries(merged) as SourceSecrets
  const errors = secretProblems(auth, secrets)
  if (errors.length > 0) throw new ApiError('invalid_request', { errors })
  return secrets
}

function secretProblems({ kind }: SourceAuth, secrets: SourceSecrets): FieldError[] {
  if (kind === 'none' || kind === 'key') return []
  const needed = kind === 'basic' ? 'password' : 'secret'
  if (secrets[needed] === undefined) return [{ pointer: `/auth/${needed}`, detail: 'is required.' }]
  if (kind !== 'standard_webhooks') return []
  return (['secret', 'previous_secret'] as const)
    .filter((name) => secrets[name] !== undefined && standardWebhookKey(secrets[name]) === null)
    .map((name) => ({
      pointer: `/auth/${name}`,
      detail: 'must be whsec_ and 24 to 64 bytes in base64.',
    }))
}
