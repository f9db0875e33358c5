// The registry as the pipeline sees it: event types with compiled schemas, templates compiled, both
// cached until something changes.
import { createCache } from '../cache.ts'
import type { EventType } from '../domain/event-type.ts'
import type { TemplatePin } from '../domain/event.ts'
import { compileParams, type ParamsCheck } from '../domain/json-schema.ts'
import type { Signals } from '../signals.ts'
import type { Database } from '../sql/db.ts'
import { findEventType, findEventTypeVersion } from '../sql/event-types.ts'
import { listCurrentTemplates, listPinnedTemplates } from '../sql/templates.ts'
import { compileAudience, type AudienceRules } from './audience.ts'
import { compileTemplate, type CompiledTemplate } from './render.ts'

export type RegisteredType = EventType & AudienceRules & { checkParams: ParamsCheck }

export type Configuration = {
  /** The current version; null when the key is not registered. */
  eventType(workspaceId: number, key: string): Promise<RegisteredType | null>
  /** The version an event was accepted with. */
  eventTypeVersion(workspaceId: number, key: string, version: number): Promise<EventType | null>
  /** The templates of an event type, all channels and locales: the current ones, or those of `pins`. */
  templates(workspaceId: number, key: string, pins?: TemplatePin[]): Promise<CompiledTemplate[]>
}

export function createConfiguration(db: Database, signals: Signals): Configuration {
  const types = createCache({
    load: async (id) => {
      const { workspaceId, key } = parse(id)
      const found = await findEventType(db, workspaceId, key)
      if (!found) return null
      return { ...found, ...compileAudience(found), checkParams: compileParams(found.params) }
    },
  })
  const versions = createCache({
    load: (id) => {
      const { workspaceId, key, version } = parse(id)
      return findEventTypeVersion(db, workspaceId, key, version)
    },
    maxAgeMs: Infinity, // a version never changes
  })
  const templates = createCache({
    load: async (id) => {
      const { workspaceId, key } = parse(id)
      return (await listCurrentTemplates(db, workspaceId, key)).map(compileTemplate)
    },
  })
  signals.on('belfry_config', () => {
    types.clear()
    templates.clear()
  })

  return {
    async eventType(workspaceId, key) {
      const id = `${workspaceId} 0 ${key}`
      const found = await types.get(id)
      // Unknown names are not remembered: they come from outside, and may be registered the next moment.
      if (!found) types.forget(id)
      return found
    },
    eventTypeVersion: (workspaceId, key, version) =>
      versions.get(`${workspaceId} ${version} ${key}`),
    async templates(workspaceId, key, pins) {
      const current = await templates.get(`${workspaceId} 0 ${key}`)
      if (!pins || isSame(current, pins)) return current
      return (await listPinnedTemplates(db, workspaceId, key, pins)).map(compileTemplate)
    },
  }
}

function isSame(templates: CompiledTemplate[], pins: TemplatePin[]): boolean {
  const name = ({ channel, locale, version }: TemplatePin) => `${channel} ${locale} ${version}`
  const names = new Set(templates.map(name))
  return templates.length === pins.length && pins.every((pin) => names.has(name(pin)))
}

function parse(id: string): { workspaceId: number; version: number; key: string } {
  const [workspaceId, version, ...key] = id.split(' ')
  return { workspaceId: Number(workspaceId), version: Number(version), key: key.join(' ') }
}
