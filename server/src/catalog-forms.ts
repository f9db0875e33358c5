// What each part of a catalog must look like: the same schemas and checks as the resource has over HTTP,
// so that what `belfry lint` finds is what a server would answer.
import type { Static, TSchema } from 'typebox'
import type { Fields, PartId } from './catalog/parts.ts'
import type { Config } from './config.ts'
import type { GivenHeaders } from './data-secrets.ts'
import { canonicalJson } from './domain/canonical-json.ts'
import { carriedChannels, channels, type CarriedChannel, type Channel } from './domain/channel.ts'
import type { EventTypeDefinition } from './domain/event-type.ts'
import { didYouMean } from './domain/nearest.ts'
import { saidByDefault } from './domain/preference-change.ts'
import type { PreferenceDefaults } from './domain/preferences.ts'
import { hoursProblem } from './domain/quiet-hours.ts'
import type { ScheduleDefinition } from './domain/schedule.ts'
import type { SourceDefinition } from './domain/source.ts'
import { canonicalLocale } from './domain/subscriber.ts'
import type { PartSource, TemplateSource } from './domain/template.ts'
import { ApiError, type FieldError } from './errors.ts'
import { readData } from './http/data-body.ts'
import { EventTypeBody, EventTypeKey } from './http/event-type-body.ts'
import { checkEventType, definitionOf } from './http/event-types.ts'
import { checkSettings, kindOf, refuseLeak, splitChecked } from './http/provider-checks.ts'
import { defaultRank, rankOf, shortRank, type Rank } from './http/provider-views.ts'
import { NewProviderBody } from './http/providers.ts'
import { PreferenceDefaultsBody } from './http/preference-body.ts'
import { readSchedule, ScheduleBody, ScheduleKey } from './http/schedule-body.ts'
import { readSource, SourceBody, SourceKey } from './http/source-body.ts'
import { templateSourceOf } from './http/template-body.ts'
import { partResources, partSourceOf } from './http/template-part-body.ts'
import { createChecker } from './http/validation.ts'
import type { GivenSecrets } from './pipeline/source-secrets.ts'
import type { Settings } from './provider-settings.ts'
import { kindFound } from './secret-holders.ts'

export type ProviderDefinition = Rank & {
  channel: CarriedChannel
  name: string
  kind: string
  enabled: boolean
  settings: Settings // with such secrets as are given
}

/** A part with every default in it. */
export type Definition =
  | { kind: 'event_types'; definition: EventTypeDefinition; given: GivenHeaders }
  | { kind: 'templates'; channel: Channel; content: TemplateSource }
  | { kind: 'layouts' | 'partials' | 'translations'; content: PartSource }
  | { kind: 'sources'; definition: SourceDefinition; given: GivenSecrets }
  | { kind: 'schedules'; definition: ScheduleDefinition }
  | { kind: 'preference_defaults'; definition: PreferenceDefaults }
  | { kind: 'providers'; definition: ProviderDefinition }

type Configured = { config: Config }
type Given = Pick<ProviderDefinition, 'kind' | 'settings'> & { enabled?: boolean }

const eventTypeErrors = createChecker(EventTypeBody)
const sourceErrors = createChecker(SourceBody)
// Whether it is paused is no configuration: whoever pauses it means it, whatever is pushed.
const { is_paused: _isPaused, ...scheduleFields } = ScheduleBody.properties
const scheduleErrors = createChecker({ ...ScheduleBody, properties: scheduleFields })
const defaultsErrors = createChecker(PreferenceDefaultsBody)
const nameErrors = {
  event_types: createChecker(EventTypeKey),
  sources: createChecker(SourceKey),
  schedules: createChecker(ScheduleKey),
  layouts: createChecker(partResources[0]!.Name),
  partials: createChecker(partResources[1]!.Name),
}
const partErrors = {
  layouts: createChecker(partResources[0]!.Body),
  partials: createChecker(partResources[1]!.Body),
  translations: createChecker(partResources[2]!.Body),
}
const { channel: _channel, name: ProviderName, ...providerFields } = NewProviderBody.properties
const providerErrors = createChecker({
  ...NewProviderBody,
  required: ['kind', 'settings'],
  properties: providerFields,
})
const providerNameErrors = createChecker(ProviderName)

/**
 * Checks the form of one part, by itself. Pointers lead into the part; that of its name is empty.
 *
 * @throws ApiError as the routes do.
 */
export function readForm(ctx: Configured, id: PartId, given: Fields): Definition {
  refuse(nameProblems(id))
  const value = structuredClone(given) // checkers fill in defaults
  switch (id.kind) {
    case 'event_types': {
      refuse(eventTypeErrors(value))
      const definition = definitionOf(id.names[0]!, value as never, ctx.config)
      checkEventType(definition)
      const { given } = readData((value as Static<typeof EventTypeBody>).data)
      return { kind: id.kind, definition, given }
    }
    case 'templates': {
      const channel = id.names[1] as Channel // one of them: its name was checked
      return { kind: id.kind, channel, content: templateSourceOf(channel, value) }
    }
    case 'layouts':
    case 'partials':
    case 'translations':
      refuse(partErrors[id.kind](value))
      return { kind: id.kind, content: partSourceOf(value) }
    case 'sources':
      refuse(sourceErrors(value))
      return { kind: id.kind, ...readSource(value as never) }
    case 'schedules':
      refuse(scheduleErrors(value))
      return { kind: id.kind, definition: readSchedule(value as never) }
    case 'preference_defaults': {
      refuse(defaultsErrors(value))
      const definition = saidByDefault(value)
      const wrong = definition.hours ? hoursProblem(definition.hours) : null
      if (wrong !== null) refuse([{ pointer: '/hours/end', detail: wrong }])
      if (Object.keys(definition).length === 0)
        refuse([{ pointer: '', detail: 'says nothing: leave it out.' }])
      return { kind: id.kind, definition }
    }
    case 'providers': {
      refuse(providerErrors(value))
      const [channel, name] = id.names as [CarriedChannel, string] // checked with its name
      const { kind, enabled = true, settings } = value as Given
      const whole = { ...defaultsOf(kindOf(ctx, channel, kind).settings), ...settings }
      return {
        kind: id.kind,
        definition: {
          channel,
          name,
          kind,
          ...rankOf(value, defaultRank),
          enabled,
          settings: whole,
        },
      }
    }
  }
}

/** The settings of a provider as they will be, with the secrets that stay. @throws ApiError */
export function readSettings(
  ctx: Configured,
  { channel, kind: name, settings }: ProviderDefinition,
  before: { kind: string; settings: Settings } | null,
): Settings {
  const kind = kindOf(ctx, channel, name)
  const isSame = before?.kind === name
  if (isSame) refuseLeak(kind, before.settings, settings)
  const kept = isSame
    ? Object.entries(before.settings).filter(([field]) => kind.secrets.includes(field))
    : []
  const all = { ...Object.fromEntries(kept), ...settings }
  const whole = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== null))
  checkSettings(ctx, kind, whole)
  return whole
}

/** @see splitChecked */
export function sealSettings(
  ctx: Parameters<typeof splitChecked>[0],
  { channel, kind }: Pick<ProviderDefinition, 'channel' | 'kind'>,
  given: Parameters<typeof splitChecked>[2],
) {
  return splitChecked(ctx, kindOf(ctx, channel, kind), given)
}

function nameProblems({ kind, names }: PartId): FieldError[] {
  const [first = '', second = '', third = ''] = names
  const inName = (errors: FieldError[]) =>
    errors.map(({ detail }) => ({ pointer: '', detail: `has a name that ${detail}` }))
  switch (kind) {
    case 'event_types':
    case 'layouts':
    case 'partials':
    case 'sources':
    case 'schedules':
      return inName(nameErrors[kind](first))
    case 'translations':
      return localeProblems(first)
    case 'templates':
      return [
        ...inName(nameErrors.event_types(first)),
        ...channelProblems(second, channels),
        ...localeProblems(third),
      ]
    case 'preference_defaults':
      return []
    case 'providers':
      return [...channelProblems(first, carriedChannels), ...inName(providerNameErrors(second))]
  }
}

function channelProblems(channel: string, known: readonly string[]): FieldError[] {
  if (known.includes(channel)) return []
  const detail = `"${channel}" is no channel of these: ${known.join(', ')}.${didYouMean(channel, known)}`
  return [{ pointer: '', detail }]
}

function localeProblems(locale: string): FieldError[] {
  const canonical = locale === 'default' ? locale : canonicalLocale(locale)
  if (canonical === locale) return []
  const hint = canonical === null ? 'a BCP 47 tag such as pt-BR, or default' : `"${canonical}"`
  return [{ pointer: '', detail: `has the locale "${locale}", which must be ${hint}.` }]
}

function refuse(errors: FieldError[]): void {
  if (errors.length > 0) throw new ApiError('invalid_request', { errors })
}

/** What has to be said of a part: without defaults, and without secrets. The same for equal parts. */
export function shortForm(id: PartId, whole: Definition): Fields {
  switch (whole.kind) {
    case 'event_types': {
      const { name, channels, ...rest } = whole.definition
      // A plan says by itself which channels it sends on.
      const said = rest.plan ? rest : { channels, ...rest }
      const fields = withoutDefaults(EventTypeBody, said)
      return { ...(name !== id.names[0] && { name }), ...fields }
    }
    case 'templates':
    case 'layouts':
    case 'partials':
    case 'translations':
      return { ...whole.content }
    case 'sources': {
      const { event, response, schema, auth } = whole.definition
      return {
        ...(schema && { schema }),
        auth: withoutDefaults({}, auth),
        event: withoutDefaults(SourceBody.properties.event, event),
        ...(response && { response }),
      }
    }
    case 'schedules': {
      const { startsAt, endsAt, catchUp, ...rest } = whole.definition
      const fields = { ...rest, starts_at: startsAt, ends_at: endsAt, catch_up: catchUp }
      const said = withoutDefaults(ScheduleBody, fields)
      return JSON.parse(JSON.stringify(said)) as Fields // moments as texts
    }
    case 'preference_defaults':
      return { ...whole.definition }
    case 'providers': {
      const { kind, enabled, settings } = whole.definition
      const form = kindFound(id, kind)
      const shown = withoutDefaults(form?.settings ?? {}, settings)
      return {
        kind,
        ...shortRank(whole.definition),
        ...(!enabled && { enabled }),
        settings: Object.fromEntries(
          Object.entries(shown).filter(([name]) => !form?.secrets.includes(name)),
        ),
      }
    }
  }
}

type WithProperties = { properties?: Record<string, TSchema & { default?: unknown }> }

function defaultsOf(schema: object): Settings {
  const { properties = {} } = schema as WithProperties
  return Object.fromEntries(
    Object.entries(properties).flatMap(([name, { default: value }]) =>
      value === undefined ? [] : [[name, value]],
    ),
  )
}

function withoutDefaults(schema: object, fields: object): Fields {
  const { properties = {} } = schema as WithProperties
  return Object.fromEntries(
    Object.entries(fields).filter(
      ([name, value]) =>
        value !== null &&
        value !== undefined &&
        canonicalJson(value) !== canonicalJson(properties[name]?.default),
    ),
  )
}
