// The Liquid of plans: conditions and keys, compiled with the steps and worked out for one person.
import type { Event } from '../domain/event.ts'
import { declaredParams } from '../domain/json-schema.ts'
import { didYouMean } from '../domain/nearest.ts'
import type { Person } from '../domain/plan.ts'
import type { PlanProblem } from '../domain/plan-check.ts'
import { programOf, type Program, type Step } from '../domain/plan-steps.ts'
import { compileText, type CompiledText } from './liquid.ts'
import { conditionProblem } from './plan-condition.ts'

/** What conditions and keys read. */
export type PlanScope = Record<string, unknown>

export type CompiledPlan = {
  program: Program
  /** What cannot be worked out does not hold. */
  holds: (condition: string, scope: PlanScope) => boolean
  /** What cannot be worked out is an empty text. */
  keyOf: (source: string, scope: PlanScope) => string
}

export function compilePlan(steps: readonly Step[]): CompiledPlan {
  const texts = new Map<string, CompiledText>()
  const render = (source: string, scope: PlanScope) => {
    const text = texts.getOrInsertComputed(source, () => compileText(source))
    try {
      return text.render(scope)
    } catch {
      return ''
    }
  }
  return {
    program: programOf(steps),
    holds: (condition, scope) => render(conditionText(condition), scope) === yes,
    keyOf: (source, scope) => render(source, scope).trim(),
  }
}

/** The key of an event for those who wait for it: worked out from its own parameters. */
export function eventKey(source: string, params: Record<string, unknown>): string {
  try {
    return compileText(source)
      .render({ ...params, params })
      .trim()
  } catch {
    return ''
  }
}

export type DigestScope = { count: number; items: unknown[]; more: number }

export function planScope(
  { id, type, params, createdAt }: Pick<Event, 'id' | 'type' | 'params' | 'createdAt'>,
  { recipient, locale, timezone, data }: Pick<Person, 'recipient' | 'locale' | 'timezone' | 'data'>,
  digest: DigestScope | null,
): PlanScope {
  const event = { id, type, created_at: createdAt.toISOString() }
  const subscriber = { id: recipient, locale, timezone, data }
  return { ...params, params, event, subscriber, ...(digest && { digest }) }
}

const yes = 'yes'
const conditionText = (condition: string) => `{% if ${condition} %}${yes}{% endif %}`
const builtIn = ['params', 'subscriber', 'event', 'digest']

/** What is wrong with the Liquid of a plan, before it is saved. */
export function planTextProblems(
  steps: readonly Step[],
  params: Record<string, unknown> | null,
): PlanProblem[] {
  const declared = declaredParams(params)
  return textsOf(steps, '').flatMap(({ pointer, source, isCondition }) => {
    const detail = textProblem(source, isCondition, declared)
    return detail === null ? [] : [{ pointer, detail }]
  })
}

type PlanText = { pointer: string; source: string; isCondition: boolean }

function textsOf(steps: readonly Step[], above: string): PlanText[] {
  return steps.flatMap((step, i): PlanText[] => {
    const at = `${above}/${i}`
    const key = (pointer: string, source: string | undefined) =>
      source === undefined ? [] : [{ pointer, source, isCondition: false }]
    if ('if' in step)
      return [
        { pointer: `${at}/if`, source: step.if, isCondition: true },
        ...textsOf(step.then, `${at}/then`),
        ...textsOf(step.else ?? [], `${at}/else`),
      ]
    if ('digest' in step) return key(`${at}/digest/key`, step.digest.key)
    if ('throttle' in step) return key(`${at}/throttle/key`, step.throttle.key)
    if ('wait' in step && typeof step.wait.unless === 'object')
      return key(`${at}/wait/unless/key`, step.wait.unless.key)
    return []
  })
}

function textProblem(
  source: string,
  isCondition: boolean,
  declared: string[] | null,
): string | null {
  const misspelt = isCondition ? conditionProblem(source) : null
  if (misspelt !== null) return misspelt
  let text: CompiledText
  try {
    text = compileText(isCondition ? conditionText(source) : source)
  } catch (error) {
    // Of a condition the place would be that in the text made of it.
    const { message } = error as Error
    return isCondition ? message.replace(/^line \d+, column \d+: /, '') : message
  }
  if (!text.isLoopFree) return 'may have conditions, variables and simple filters, but no loops.'
  if (!isCondition && text.paths.length === 0)
    return 'is the same for everything: write Liquid over the parameters, or leave it out.'
  const isConstant = text.paths.length === 0 && !['true', 'false'].includes(source.trim())
  if (isConstant) return 'reads nothing, so it always comes out alike: compare a parameter.'
  if (declared === null) return null
  const names = text.paths.flatMap((path) =>
    path[0] === 'params' ? (path[1] ?? []) : (path[0] ?? []),
  )
  const unknown = names.find((name) => !declared.includes(name) && !builtIn.includes(name))
  if (unknown === undefined) return null
  const known = declared.length > 0 ? `the parameters are ${declared.join(', ')}` : 'there are none'
  return `reads "${unknown}", which is no parameter; ${known}.${didYouMean(unknown, declared)}`
}
