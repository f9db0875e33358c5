// Stores one part of a catalog, or ends it, within the transaction of all.
import { randomUUIDv7 } from 'node:crypto'
import { sealSettings, type Definition, type ProviderDefinition } from '../catalog-forms.ts'
import type { Context } from '../context.ts'
import { ApiError } from '../errors.ts'
import { saveDefaults } from '../pipeline/preferences.ts'
import { saveEventType } from '../pipeline/save-event-type.ts'
import { saveSchedule } from '../pipeline/save-schedule.ts'
import { sealSourceSecrets } from '../pipeline/source-secrets.ts'
import type { Db } from '../sql/db.ts'
import { deleteEventType } from '../sql/event-types.ts'
import { deleteProvider, insertProvider, updateProvider } from '../sql/providers.ts'
import { deleteSchedule } from '../sql/schedules.ts'
import { deleteSource, upsertSource } from '../sql/sources.ts'
import { insertPartVersion, type PartKey } from '../sql/template-parts.ts'
import { insertTemplateVersion, type TemplateKey } from '../sql/templates.ts'
import { partAt } from './parts.ts'
import type { NewSecrets } from './secrets.ts'
import type { StoredPart } from './stored.ts'

type Place = { workspaceId: number; author: string; now: Date }
type NewPart = {
  pointer: string
  definition: Definition
  secrets: NewSecrets
  before: StoredPart | undefined
}

export async function writePart(
  ctx: Context,
  tx: Db,
  { workspaceId, author, now }: Place,
  { pointer, definition: whole, secrets, before }: NewPart,
): Promise<void> {
  const { names } = partAt(pointer)
  switch (whole.kind) {
    case 'event_types':
      await saveEventType(ctx, tx, { workspaceId, key: names[0]! }, whole)
      return
    case 'templates':
      await insertTemplateVersion(tx, templateKey(workspaceId, names), {
        content: whole.content,
        author,
      })
      return
    case 'layouts':
    case 'partials':
    case 'translations': {
      const key = { workspaceId, kind: kindsOfParts[whole.kind], name: names[0]! }
      await insertPartVersion(tx, key, { content: whole.content, author })
      return
    }
    case 'sources': {
      const place = { workspaceId, key: names[0]! }
      const sealed = sealSourceSecrets(ctx.secrets, place, secrets.sources.get(pointer) ?? {})
      await upsertSource(tx, { ...place, definition: whole.definition, secrets: sealed })
      return
    }
    case 'schedules': {
      const { definition } = whole
      await saveSchedule(tx, { workspaceId, key: names[0]!, definition, isPaused: null, now })
      return
    }
    case 'preference_defaults': {
      const by = { kind: 'catalog', name: author } as const
      await saveDefaults(tx, { workspaceId, by, defaults: whole.definition, now })
      return
    }
    case 'providers':
      await writeProvider(ctx, tx, workspaceId, {
        definition: whole.definition,
        pointer,
        secrets,
        before,
      })
  }
}

async function writeProvider(
  ctx: Context,
  tx: Db,
  workspaceId: number,
  {
    pointer,
    definition,
    secrets,
    before,
  }: Omit<NewPart, 'definition'> & { definition: ProviderDefinition },
): Promise<void> {
  const { channel, kind, name, enabled } = definition
  const { priority, weight, perSecond, mayDouble } = definition
  const isSameKind = before?.provider?.row.kind === kind
  // Of another kind it is another one: attempts of the old one stay its own.
  if (before?.provider && !isSameKind) await deleteProvider(tx, workspaceId, before.provider.row.id)
  const id = isSameKind ? before.provider!.row.id : randomUUIDv7()
  const settings = secrets.settings.get(pointer) ?? {}
  const row = {
    workspaceId,
    id,
    name,
    priority,
    weight,
    perSecond,
    mayDouble,
    isEnabled: enabled,
    ...sealSettings(ctx, definition, { workspaceId, id, settings }),
  }
  if (isSameKind) await updateProvider(tx, row)
  else if (!(await insertProvider(tx, { ...row, channel, kind })))
    throw new ApiError('changed_meanwhile', {
      detail: `Somebody has just made a provider called "${name}". Nothing was stored: try again.`,
    })
}

export async function removePart(
  tx: Db,
  { workspaceId, author, now }: Place,
  pointer: string,
  { definition, provider }: StoredPart,
): Promise<void> {
  const { names } = partAt(pointer)
  switch (definition.kind) {
    case 'event_types':
      await deleteEventType(tx, { workspaceId, key: names[0]!, now })
      return
    case 'templates':
      await insertTemplateVersion(tx, templateKey(workspaceId, names), { content: null, author })
      return
    case 'layouts':
    case 'partials':
    case 'translations': {
      const key: PartKey = { workspaceId, kind: kindsOfParts[definition.kind], name: names[0]! }
      await insertPartVersion(tx, key, { content: null, author })
      return
    }
    case 'sources':
      await deleteSource(tx, workspaceId, names[0]!)
      return
    case 'schedules':
      await deleteSchedule(tx, workspaceId, names[0]!)
      return
    case 'preference_defaults': {
      const by = { kind: 'catalog', name: author } as const
      await saveDefaults(tx, { workspaceId, by, defaults: {}, now })
      return
    }
    case 'providers':
      await deleteProvider(tx, workspaceId, provider!.row.id)
  }
}

const kindsOfParts = {
  layouts: 'layout',
  partials: 'partial',
  translations: 'translations',
} as const

function templateKey(workspaceId: number, [eventType, channel, locale]: string[]): TemplateKey {
  // One of the channels: it was checked with the name of the part, or is stored.
  return {
    workspaceId,
    eventType: eventType!,
    channel: channel as TemplateKey['channel'],
    locale: locale!,
  }
}
