// What a text reads from outside, and where: order_id, subscriber.data.name, params.items[0].
import { analyzeSync, type Template, type Variable } from 'liquidjs'
import type { Place } from './liquid-error.ts'

/** A step of the path that is computed ends it: nobody knows beforehand where it leads. */
export type NameUse = { path: (string | number)[]; place: Place }

export function readNames(templates: Template[]): NameUse[] {
  const uses: NameUse[] = []
  for (const variables of Object.values(analyzeSync(templates, { partials: true }).globals))
    for (const variable of variables) uses.push(...usesOf(variable))
  return uses
}

function usesOf({ segments, location }: Variable): NameUse[] {
  const computed = segments.findIndex((segment) => typeof segment === 'object')
  const path = (computed === -1 ? segments : segments.slice(0, computed)) as (string | number)[]
  if (path.length === 0) return []
  const { row, col, file } = location
  return [{ path, place: { line: row, column: col, ...(file !== undefined && { partial: file }) } }]
}
