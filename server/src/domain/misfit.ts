// In what a value does not fit a JSON Schema, in a sentence that follows the name of the value: what is
// expected, and what was given, as far as it is short.
import type { ErrorObject } from 'ajv/dist/2020.js'
import { didYouMean } from './nearest.ts'

const mostShown = 80 // whatever is longer is cut: it may be anything, a secret among them

export function misfit({ keyword, params, parentSchema, data }: ErrorObject): string {
  const { limit } = params as { limit: number }
  const isGiven = ` It is ${shown(data)}.`
  switch (keyword) {
    case 'required':
    case 'dependentRequired':
      return 'is required.'
    case 'additionalProperties':
    case 'unevaluatedProperties': {
      const known = Object.keys((parentSchema as { properties?: object }).properties ?? {})
      return `is not known here.${didYouMean(String(params[nameOfUnknown[keyword]]), known)}`
    }
    case 'type':
      return `must be ${[params.type].flat().map(withArticle).join(' or ')}.${isGiven}`
    case 'enum':
      return `must be one of ${listed(params.allowedValues as unknown[])}.${isGiven}`
    case 'const':
      return `must be ${shown(params.allowedValue)}.${isGiven}`
    case 'pattern':
      return `must match the pattern ${shortened(String(params.pattern))}.${isGiven}`
    case 'format':
      return `must have the format ${String(params.format)}.${isGiven}`
    case 'minLength':
      return `must have at least ${counted(limit, 'character')}. It has ${lengthOf(data)}.`
    case 'maxLength':
      return `must have at most ${counted(limit, 'character')}. It has ${lengthOf(data)}.`
    case 'minItems':
      return `must have at least ${counted(limit, 'item')}. It has ${(data as unknown[]).length}.`
    case 'maxItems':
      return `must have at most ${counted(limit, 'item')}. It has ${(data as unknown[]).length}.`
    case 'uniqueItems':
      return 'must not have the same item twice.'
    case 'minProperties':
      return `must have at least ${counted(limit, 'member')}. It has ${Object.keys(data as object).length}.`
    case 'maxProperties':
      return `must have at most ${counted(limit, 'member')}. It has ${Object.keys(data as object).length}.`
    case 'minimum':
      return `must be at least ${limit}.${isGiven}`
    case 'maximum':
      return `must be at most ${limit}.${isGiven}`
    case 'exclusiveMinimum':
      return `must be more than ${limit}.${isGiven}`
    case 'exclusiveMaximum':
      return `must be less than ${limit}.${isGiven}`
    case 'multipleOf':
      return `must be a multiple of ${String(params.multipleOf)}.${isGiven}`
    case 'propertyNames':
      return `has a member with a name it may not have: ${shown(params.propertyName)}.`
    case 'contains':
      return 'lacks an item of the kind its schema asks for, or has too many of them.'
    case 'not':
      return `is of the very form its schema forbids.${isGiven}`
    case 'anyOf':
      return `has none of the forms its schema allows.${isGiven}`
    case 'oneOf':
      return `must have exactly one of the forms its schema allows.${isGiven}`
    case 'false schema':
      return 'may not be there.'
    default:
      return `does not fit "${keyword}" of its schema.${isGiven}`
  }
}

const nameOfUnknown = {
  additionalProperties: 'additionalProperty',
  unevaluatedProperties: 'unevaluatedProperty',
} as const

/** Lists and objects by what they are: their contents would say little, and much too long. */
function shown(value: unknown): string {
  if (Array.isArray(value)) return 'an array'
  if (value !== null && typeof value === 'object') return 'an object'
  return shortened(JSON.stringify(value))
}

function shortened(text: string): string {
  if (text.length <= mostShown) return text
  return `${text
    .slice(0, mostShown)
    .toWellFormed()
    .replace(/\uFFFD$/, '')}…`
}

const mostListed = 20

function listed(values: unknown[]): string {
  const more = values.length - mostListed
  const list = values.slice(0, mostListed).map(shown).join(', ')
  return more > 0 ? `${list}, or ${more} more` : list
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`
}

/** Characters, as JSON Schema counts them. */
function lengthOf(value: unknown): number {
  return Array.from(value as string).length
}

function withArticle(type: string): string {
  if (type === 'null') return type
  return `${/^[aio]/.test(type) ? 'an' : 'a'} ${type}`
}
