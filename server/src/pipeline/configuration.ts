// The registry as the pipeline sees it: event types with compiled schemas, templates compiled, both
// cached until something changes.
import { createCache } from '../cache.ts'
import type { EventType } from '../domain/event-type.ts'
import type { PartPin, TemplatePin } from '../domain/event.ts'
import { compileParams, type ParamsCheck } from '../domain/json-schema.ts'
import { partsOf, type Part, type Parts, type Template } from '../domain/template.ts'
import type { Signals } from '../signals.ts'
import type { Database } from '../sql/db.ts'
import { findEventType, findEventTypeVersion } from '../sql/event-types.ts'
import { listCurrentParts, listPinnedParts } from '../sql/template-parts.ts'
import { listCurrentTemplates, listPinnedTemplates } from '../sql/templates.ts'
import { compileAudience, type AudienceRules } from './audience.ts'
import { findWorkspaceById, type WorkspaceRow } from '../sql/workspaces.ts'
import { compilePlan, type CompiledPlan } from './plan-texts.ts'
import { compileTemplate, type CompiledTemplate } from './render.ts'

export type RegisteredType = EventType & AudienceRules & { checkParams: ParamsCheck }

/** `steps` is null where all channels are sent to at once. */
export type PlannedType = EventType & { steps: CompiledPlan | null }

export type Configuration = {
  /** The current version; null when the key is not registered. */
  eventType(workspaceId: number, key: string): Promise<RegisteredType | null>
  /** The version an event was accepted with. */
  eventTypeVersion(workspaceId: number, key: string, version: number): Promise<PlannedType | null>
  /** The templates of an event type, all channels and locales: the current ones, or those of `pins`. */
  templates(workspaceId: number, key: string, pins?: TemplatePin[]): Promise<CompiledTemplate[]>
  workspace(workspaceId: number): Promise<WorkspaceRow | null>
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
    load: async (id) => {
      const { workspaceId, key, version } = parse(id)
      const found = await findEventTypeVersion(db, workspaceId, key, version)
      return found && { ...found, steps: found.plan ? compilePlan(found.plan) : null }
    },
    maxAgeMs: Infinity, // a version never changes
  })
  const templates = createCache({
    load: async (id) => {
      const { workspaceId, key } = parse(id)
      const [rows, shared] = await Promise.all([
        listCurrentTemplates(db, workspaceId, key),
        parts.get(String(workspaceId)),
      ])
      return compileAll(rows, shared)
    },
  })
  const parts = createCache({ load: (id) => listCurrentParts(db, Number(id)) })
  const workspaces = createCache({ load: (id) => findWorkspaceById(db, Number(id)) })
  signals.on('belfry_config', () => {
    types.clear()
    parts.clear()
    templates.clear()
    workspaces.clear()
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
      const [rows, shared] = await Promise.all([
        listPinnedTemplates(db, workspaceId, key, pins),
        listPinnedParts(
          db,
          workspaceId,
          pins.flatMap((pin) => pin.parts),
        ),
      ])
      return compileAll(rows, shared)
    },
    workspace: (workspaceId) => workspaces.get(String(workspaceId)),
  }
}

function compileAll(rows: Template[], shared: Part[]): CompiledTemplate[] {
  const parts = partsOf(shared)
  return rows.map((row) => {
    const compiled = compileOrFail(row, parts)
    const { layouts, partials, translations } = compiled.unit.parts
    const used = { layout: layouts, partial: partials, translations }
    const pins = shared.filter(({ kind, name }) => Object.hasOwn(used[kind], name)).map(pinOf)
    return { ...compiled, parts: pins }
  })
}

function pinOf({ kind, name, version }: Part): PartPin {
  return { kind, name, version }
}

/** One that compiled when it was saved may not do so with the parts of today: then its texts fail, one by one. */
function compileOrFail(
  { channel, locale, version, content }: Template,
  parts: Parts,
): CompiledTemplate {
  const template = { channel, locale, version, content }
  try {
    return compileTemplate(template, parts)
  } catch (error) {
    const fail = () => {
      throw error
    }
    return { ...emptyTemplate, ...template, unit: { ...template, parts }, render: fail }
  }
}

const emptyTemplate = {
  parts: [],
  isPersonal: false,
  readsSource: () => false,
  isBounded: true,
  translationFor: () => null,
}

function isSame(templates: CompiledTemplate[], pins: TemplatePin[]): boolean {
  const name = ({ channel, locale, version, parts }: TemplatePin) =>
    JSON.stringify([channel, locale, version, parts.map((part) => [part.name, part.version])])
  const names = new Set(templates.map(name))
  return templates.length === pins.length && pins.every((pin) => names.has(name(pin)))
}

function parse(id: string): { workspaceId: number; version: number; key: string } {
  const [workspaceId, version, ...key] = id.split(' ')
  return { workspaceId: Number(workspaceId), version: Number(version), key: key.join(' ') }
}
