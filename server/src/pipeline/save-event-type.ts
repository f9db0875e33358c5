// Saving an event type: its next version, and the headers of its data sources, which have none.
import type { Context } from '../context.ts'
import {
  newDataSecrets,
  openDataSecrets,
  sealDataSecrets,
  type GivenHeaders,
} from '../data-secrets.ts'
import type { EventType, EventTypeDefinition } from '../domain/event-type.ts'
import type { Db } from '../sql/db.ts'
import { holdDataSecrets, insertEventTypeVersion } from '../sql/event-types.ts'

/** @throws ApiError `invalid_request` for a header whose value is to be kept and is not there. */
export async function saveEventType(
  ctx: Pick<Context, 'secrets' | 'log'>,
  tx: Db,
  place: { workspaceId: number; key: string },
  { definition, given }: { definition: EventTypeDefinition; given: GivenHeaders },
): Promise<{ eventType: EventType; isNew: boolean }> {
  const { workspaceId, key } = place
  const before = openDataSecrets(ctx, place, await holdDataSecrets(tx, workspaceId, key))
  const secrets = newDataSecrets(before, definition.data, given)
  const dataSecrets = sealDataSecrets(ctx.secrets, place, secrets)
  return insertEventTypeVersion(tx, workspaceId, { key, definition, dataSecrets })
}
