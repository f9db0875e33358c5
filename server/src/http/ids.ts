// Ids and keys as they come in a path or a body.
import { Type } from 'typebox'
import { idPattern } from '../domain/subscriber.ts'

/** What the caller names a thing by: any text without control characters. */
export const Id = (description: string) =>
  Type.String({ minLength: 1, maxLength: 255, pattern: idPattern, description })

/** What Belfry names a thing by. */
export const Uuid = (description: string) => Type.String({ format: 'uuid', description })

export const Moment = (description?: string) =>
  Type.String({ format: 'date-time', ...(description !== undefined && { description }) })
