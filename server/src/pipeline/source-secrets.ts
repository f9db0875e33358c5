// The secrets of a source: encrypted, bound to the row they are kept in, never shown.
import type { Source, SourceSecrets } from '../domain/source.ts'
import type { Secrets } from '../secrets.ts'

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
