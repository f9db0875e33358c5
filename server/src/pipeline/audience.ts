// Who hears about an event, and how urgent it is, as its event type works it out from the parameters.
import type { AudienceMember, AudienceOrigin } from '../domain/audience.ts'
import { isLevel, levels, type Level } from '../domain/event-type.ts'
import type { AudienceEntry, EventTypeDefinition } from '../domain/event-type.ts'
import { declaredParams } from '../domain/json-schema.ts'
import { didYouMean } from '../domain/nearest.ts'
import { idPattern } from '../domain/subscriber.ts'
import { ApiError, type FieldError } from '../errors.ts'
import type { Effort } from './effort.ts'
import { compileText, type CompiledText } from './liquid.ts'

type Params = Record<string, unknown>

export type AudienceRules = {
  /** @throws ApiError `invalid_params` when it prints something else. */
  levelOf: (params: Params, effort: Effort) => Promise<Level>
  /**
   * Those of `audience`, and those of `otherwise`.
   *
   * @throws ApiError `invalid_params` for what comes out as no id, or when it takes too long.
   */
  audienceOf: (params: Params, effort: Effort) => Promise<AudienceMember[]>
  otherwiseOf: (params: Params, effort: Effort) => Promise<AudienceMember[]>
  /** Whom to ask when nobody answers, each entry a level of its own. */
  escalationOf: (params: Params, effort: Effort) => Promise<AudienceMember[]>
}

type Definition = Pick<EventTypeDefinition, 'level' | 'audience' | 'otherwise' | 'acknowledge'> & {
  key: string
}

/** Parses what an event type says; done once, for many events. */
export function compileAudience(definition: Definition): AudienceRules {
  const { key, level, audience, otherwise, acknowledge } = definition
  const levels = (acknowledge?.escalate_to ?? []).map((entry, i) =>
    compileEntries([entry], escalateField, 'escalation', i),
  )
  return {
    levelOf: isLevel(level) ? async () => level : compileLevel(key, level),
    audienceOf: compileEntries(audience, 'audience', 'event_type'),
    otherwiseOf: compileEntries(otherwise, 'otherwise', 'otherwise'),
    async escalationOf(params, effort) {
      const members: AudienceMember[] = []
      let level = 0
      for (const membersOf of levels) {
        const own = await membersOf(params, effort)
        if (own.length > 0) level++ // who is nobody for these parameters is no level
        members.push(...own.map((member) => ({ ...member, level })))
      }
      return members
    },
  }
}

const escalateField = 'acknowledge/escalate_to'

function compileLevel(key: string, source: string): AudienceRules['levelOf'] {
  const { render } = compileText(source)
  return async (params, effort) => {
    const what = `The level of ${key}`
    const printed = await attempt(what, effort, () => render(scopeOf(params)).trim())
    if (isLevel(printed)) return printed
    throw refusal(
      `The level of ${key} comes out as ${short(printed)} for these parameters; it must be ` +
        `${levels.join(' or ')}.${didYouMean(printed, levels)}`,
      '/type',
    )
  }
}

function compileEntries(
  entries: AudienceEntry[],
  field: string,
  from: AudienceOrigin,
  first = 0, // the place of the first entry
): AudienceRules['audienceOf'] {
  const compiled = entries.map((entry, i) => {
    const isTopic = typeof entry !== 'string'
    const { evaluate } = compileText(isTopic ? entry.topic : entry)
    const what = `/${field}/${first + i} of the event type`
    return async (params: Params, effort: Effort): Promise<AudienceMember[]> => {
      const value = await attempt(what, effort, () => evaluate(scopeOf(params)))
      const names = namesIn(value, what)
      return names.map((name) => (isTopic ? { topic: name, from } : { id: name, from }))
    }
  })
  return async (params, effort) => {
    const members: AudienceMember[] = []
    for (const membersOf of compiled) {
      members.push(...(await membersOf(params, effort)))
      // A thousand entries may read the same long list.
      if (members.length > mostNames)
        throw refusal(
          `The ${field} of the event type names more than ${mostNames} for these parameters. Use a topic.`,
        )
    }
    return members
  }
}

const mostNames = 5_000
const longestName = 255

/** A list names each of its items; what comes out empty names nobody. */
function namesIn(value: unknown, what: string): string[] {
  const items = Array.isArray(value) ? (value as unknown[]) : [value]
  if (items.length > mostNames)
    throw refusal(`${what} names ${items.length}; ${mostNames} are the most. Use a topic.`)
  return items.flatMap((item) => {
    if (item === null || item === undefined) return []
    const name = typeof item === 'number' ? String(item) : item
    if (typeof name !== 'string')
      throw refusal(`${what} comes out as ${short(item)}, which is no id.`)
    if (name.trim() === '') return []
    // What no subscriber and no topic can be called would be refused by the database, after the 202.
    if (name.length > longestName || !new RegExp(idPattern, 'u').test(name.trim()))
      throw refusal(
        `${what} comes out as no id: 1 to ${longestName} characters, none of them control characters.`,
      )
    return [name.trim()]
  })
}

function scopeOf(params: Params): object {
  return { ...params, params }
}

async function attempt<T>(what: string, effort: Effort, work: () => T): Promise<T> {
  try {
    return await effort.do(work)
  } catch (error) {
    throw refusal(`${what} cannot be worked out: ${(error as Error).message}`)
  }
}

function refusal(detail: string, pointer = '/params'): ApiError {
  return new ApiError('invalid_params', { detail, errors: [{ pointer, detail }] })
}

function short(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value)
  return text.length > 60 ? `${text.slice(0, 60)}…` : text
}

/** What is wrong with the Liquid of an event type, before it is saved. */
export function expressionProblems(
  definition: Pick<
    EventTypeDefinition,
    'level' | 'params' | 'audience' | 'otherwise' | 'acknowledge'
  >,
): FieldError[] {
  const declared = declaredParams(definition.params)
  const sources = [
    { pointer: '/level', source: definition.level },
    ...sourcesOf('audience', definition.audience),
    ...sourcesOf('otherwise', definition.otherwise),
    ...sourcesOf(escalateField, definition.acknowledge?.escalate_to ?? []),
  ]
  return sources.flatMap(({ pointer, source }) => {
    const detail = expressionProblem(source, declared)
    return detail === null ? [] : [{ pointer, detail }]
  })
}

function sourcesOf(field: string, entries: AudienceEntry[]) {
  return entries.map((entry, i) =>
    typeof entry === 'string'
      ? { pointer: `/${field}/${i}`, source: entry }
      : { pointer: `/${field}/${i}/topic`, source: entry.topic },
  )
}

function expressionProblem(source: string, declared: string[] | null): string | null {
  let text: CompiledText
  try {
    text = compileText(source)
  } catch (error) {
    return (error as Error).message
  }
  // Worked out while the event is accepted, so it must not be able to hold up others.
  if (!text.isLoopFree) return 'may have conditions, variables and simple filters, but no loops.'
  if (declared === null) return null
  const { paths } = text
  const names = paths.flatMap((path) => (path[0] === 'params' ? (path[1] ?? []) : (path[0] ?? [])))
  const unknown = names.find((name) => !declared.includes(name))
  if (unknown === undefined) return null
  const known = declared.length > 0 ? `the parameters are ${declared.join(', ')}` : 'there are none'
  return `reads "${unknown}", which is no parameter; ${known}.${didYouMean(unknown, declared)}`
}
