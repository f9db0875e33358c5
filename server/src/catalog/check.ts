// Is a catalog right as a whole? Each part by itself, and what parts say of each other: templates name
// parameters of their event types, sources name event types, texts name partials.
import { readForm, readSettings, type Definition } from '../catalog-forms.ts'
import type { Config } from '../config.ts'
import type { Channel } from '../domain/channel.ts'
import type { EventTypeDefinition } from '../domain/event-type.ts'
import { missingTemplates } from '../domain/missing-templates.ts'
import { patchProblems } from '../domain/preference-change.ts'
import type { PreferenceDefaults } from '../domain/preferences.ts'
import { awaitedOf, tellUnknownAwaited } from '../domain/unknown-awaited.ts'
import { partsOf, type PartKind, type Parts as TemplateParts } from '../domain/template.ts'
import { ApiError, type FieldError } from '../errors.ts'
import { Effort } from '../pipeline/effort.ts'
import { tryWithParts, type Trial } from '../pipeline/preview.ts'
import { checkSource, hasFixedType } from '../pipeline/source-checks.ts'
import { compileSource } from '../pipeline/source-mapping.ts'
import { checkPart, checkTemplate } from '../pipeline/template-check.ts'
import { secretsOf } from '../secret-holders.ts'
import { scheduleProblems } from './check-schedule.ts'
import { eventTypeOf, keysOf, unknownType, type Definitions } from './definitions.ts'
import { partAt, pointerOf, type Fields, type Parts } from './parts.ts'

export type CheckedCatalog = {
  definitions: Definitions
  problems: FieldError[]
  warnings: FieldError[]
}

type Checking = {
  config: Config
  workspaceId: number
  trial: Trial
  /** Whether a template is tried with example values, which takes time. */
  isTried: (pointer: string, definition: Definition) => boolean
  tell?: (done: number, of: number) => void
}

/** `around`: what is there besides, and stays. */
export async function checkCatalog(
  ctx: Checking,
  given: Parts,
  around: Definitions = new Map(),
): Promise<CheckedCatalog> {
  const checked: CheckedCatalog = { ...(await readForms(ctx, given)), warnings: [] }
  const all: Definitions = new Map([...around, ...checked.definitions])
  const parts = partsIn(all)
  const channels = channelsOf(all)
  const turns = new Effort(Infinity)
  let count = 0
  for (const [pointer, definition] of checked.definitions) {
    ctx.tell?.(count++, checked.definitions.size)
    await turns.do(() => checkTogether(checked, { pointer, definition, all, parts, given }))
    if (definition.kind === 'event_types') {
      const [key] = partAt(pointer).names
      const missing = missingTemplates(definition.definition, channels.get(key!) ?? new Set())
      checked.warnings.push(...inside(pointer, missing))
      checked.warnings.push(...warnOfAwaited(pointer, definition.definition, { all, given }))
    }
    if (definition.kind === 'templates' && ctx.isTried(pointer, definition))
      await tryTemplate(ctx, checked, { pointer, definition, all, parts })
  }
  warnOfMisfits(checked, around, { all, parts })
  return checked
}

/** Each part by itself. There may be thousands: others have their turn in between. */
export async function readForms(
  ctx: { config: Config },
  given: Parts,
): Promise<Omit<CheckedCatalog, 'warnings'>> {
  const read = { definitions: new Map() as Definitions, problems: [] as FieldError[] }
  const turns = new Effort(Infinity)
  const readOne = (pointer: string, value: Fields) =>
    attempt(read, pointer, () => {
      read.definitions.set(pointer, readForm(ctx, partAt(pointer), value))
    })
  for (const [pointer, value] of given) await turns.do(() => readOne(pointer, value))
  return read
}

/** Notes what is refused; pointers begin at the part. */
export function attempt(
  checked: Pick<CheckedCatalog, 'problems'>,
  pointer: string,
  work: () => void,
): void {
  try {
    work()
  } catch (error) {
    checked.problems.push(...refusalsOf(error, pointer))
  }
}

function refusalsOf(error: unknown, pointer: string): FieldError[] {
  if (!(error instanceof ApiError)) throw error
  const errors = error.details.errors ?? [{ pointer: '', detail: error.message }]
  return errors.map((one) => ({ ...one, pointer: `${pointer}${one.pointer}` }))
}

type Together = {
  pointer: string
  definition: Definition
  all: Definitions
  parts: TemplateParts
  given: Parts
}

function checkTogether(
  checked: CheckedCatalog,
  { pointer, definition, all, parts, given }: Together,
) {
  const { names } = partAt(pointer)
  switch (definition.kind) {
    case 'event_types':
    case 'providers':
      return
    case 'layouts':
    case 'partials':
    case 'translations': {
      const part = { kind: kindsOfParts[definition.kind], name: names[0]! }
      const problems = checkPart(part, definition.content, parts)
      checked.problems.push(...inside(pointer, problems))
      return
    }
    case 'templates': {
      const type = eventTypeOf(all, names[0]!)
      // One that is given and wrong is told of by itself.
      if (type === null && given.has(pointerOf({ kind: 'event_types', names: [names[0]!] }))) return
      if (type === null) return void checked.problems.push(unknownType(pointer, names[0]!, all))
      const { problems } = checkTemplate(definition.channel, definition.content, type, parts)
      checked.problems.push(...inside(pointer, problems))
      return
    }
    case 'schedules': {
      const problems = scheduleProblems(definition.definition, all, given)
      checked.problems.push(...inside(pointer, problems))
      return
    }
    case 'preference_defaults': {
      checked.problems.push(...inside(pointer, defaultsProblems(definition.definition, all, given)))
      return
    }
    case 'sources': {
      const { event } = definition.definition
      const type = hasFixedType(event) ? eventTypeOf(all, event.type) : null
      const isWrong = given.has(pointerOf({ kind: 'event_types', names: [event.type] }))
      if (hasFixedType(event) && type === null && !isWrong)
        checked.problems.push(unknownType(`${pointer}/event/type`, event.type, all))
      attempt(checked, pointer, () => {
        checkSource(
          definition.definition,
          type && { ...type, key: event.type, version: 1, createdAt: new Date(0) },
        )
        compileSource(definition.definition)
      })
    }
  }
}

function defaultsProblems(said: PreferenceDefaults, all: Definitions, given: Parts): FieldError[] {
  const types = [...all].flatMap(([at, one]) => {
    const key = partAt(at).names[0]!
    return one.kind === 'event_types' ? [{ ...one.definition, key, isOptIn: false }] : []
  })
  const isWrong = [...given.keys()].some((at) => partAt(at).kind === 'event_types' && !all.has(at))
  // Of event types that are wrong it is told by itself, and their categories are not known.
  return isWrong
    ? []
    : patchProblems(said, types).map(({ pointer, detail }) => ({ pointer, detail }))
}

async function tryTemplate(
  { workspaceId, trial }: Checking,
  checked: CheckedCatalog,
  { pointer, definition, all, parts }: Omit<Together, 'given'>,
): Promise<void> {
  const [eventType, , locale] = partAt(pointer).names
  const type = eventTypeOf(all, eventType!)
  const isWrong = checked.problems.some((problem) => problem.pointer.startsWith(`${pointer}/`))
  if (definition.kind !== 'templates' || type === null || isWrong) return
  const { channel, content } = definition
  const given = { params: null, data: null, subscriber: null }
  const request = {
    workspaceId,
    channel,
    content,
    declared: type,
    eventType: eventType!,
    locale: locale!,
    ...given,
  }
  try {
    checked.warnings.push(...inside(pointer, await tryWithParts(trial, request, parts)))
  } catch (error) {
    checked.problems.push(...refusalsOf(error, pointer))
  }
}

/** For which channels there are templates, by event type. */
function channelsOf(all: Definitions): Map<string, Set<Channel>> {
  const channels = new Map<string, Set<Channel>>()
  for (const [pointer, definition] of all)
    if (definition.kind === 'templates')
      channels
        .getOrInsertComputed(partAt(pointer).names[0]!, () => new Set())
        .add(definition.channel)
  return channels
}

function warnOfAwaited(
  pointer: string,
  eventType: EventTypeDefinition,
  { all, given }: { all: Definitions; given: Parts },
): FieldError[] {
  const isThere = (key: string) => {
    const at = pointerOf({ kind: 'event_types', names: [key] })
    return all.has(at) || given.has(at)
  }
  const unknown = awaitedOf(eventType).filter(({ event }) => !isThere(event))
  if (unknown.length === 0) return []
  const known = keysOf(all)
  return inside(
    pointer,
    unknown.map((awaited) => tellUnknownAwaited(awaited, known)),
  )
}

/** Templates that are there besides stay, even if they do not fit any more. */
function warnOfMisfits(
  checked: CheckedCatalog,
  around: Definitions,
  { all, parts }: { all: Definitions; parts: TemplateParts },
): void {
  for (const [pointer, definition] of around) {
    if (definition.kind !== 'templates') continue
    const type = eventTypeOf(all, partAt(pointer).names[0]!)
    if (type === null) continue
    const { problems } = checkTemplate(definition.channel, definition.content, type, parts)
    checked.warnings.push(...inside(pointer, problems))
  }
}

/** Settings by themselves, for want of a server: whether it has the secrets is not known. */
export function checkSettingsOffline(ctx: { config: Config }, checked: CheckedCatalog): void {
  for (const [pointer, definition] of checked.definitions) {
    if (definition.kind !== 'providers') continue
    const found = { problems: [] as FieldError[] }
    attempt(found, pointer, () => readSettings(ctx, definition.definition, null))
    const secrets = secretsOf(partAt(pointer), definition.definition)
    const isSecret = (at: string) => secrets.some((name) => at === `${pointer}/settings/${name}`)
    checked.problems.push(...found.problems.filter((problem) => !isSecret(problem.pointer)))
  }
}

const kindsOfParts = {
  layouts: 'layout',
  partials: 'partial',
  translations: 'translations',
} as const

function partsIn(all: Definitions): TemplateParts {
  const rows = [...all].flatMap(([pointer, definition]) =>
    'content' in definition && definition.kind !== 'templates'
      ? [
          {
            kind: kindsOfParts[definition.kind] satisfies PartKind,
            name: partAt(pointer).names[0]!,
            content: definition.content,
          },
        ]
      : [],
  )
  return partsOf(rows)
}

function inside(pointer: string, problems: FieldError[]): FieldError[] {
  return problems.map((problem) => ({ ...problem, pointer: `${pointer}${problem.pointer}` }))
}
