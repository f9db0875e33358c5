// {% render 'footer' %}: other templates, from the workspace's own partials and from nowhere else.
import {
  RenderTag,
  toValueSync,
  type Liquid,
  type Parser,
  type TagToken,
  type Template,
  type TopLevelToken,
} from 'liquidjs'
import { didYouMean } from '../domain/nearest.ts'
import { TextError } from './liquid-error.ts'

const deepest = 8

/** The name must be written down: only then is it known beforehand what a template needs. */
export class PartialTag extends RenderTag {
  readonly partial: string
  /** Rendered once for each item of a list. */
  readonly isRepeated: boolean

  constructor(token: TagToken, remaining: TopLevelToken[], liquid: Liquid, parser: Parser) {
    super(token, remaining, liquid, parser)
    // What the parser found, which its types keep to themselves.
    const { file, forBinding } = this as unknown as { file: unknown; forBinding: unknown }
    if (typeof file !== 'string' || file === '')
      throw new Error('the name of the partial must be a text: {% render "footer" %}')
    this.partial = file
    this.isRepeated = forBinding !== undefined
  }
}

/** The templates within one: of its branches, and with `partials` of what it renders. */
export function childrenOf(template: Template, partials = false): Template[] {
  if (!template.children) return []
  return toValueSync(template.children(partials, true))
}

/**
 * Every partial that is rendered, by whichever way.
 *
 * @throws TextError for one that does not exist, goes in a circle or is nested too deep.
 */
export function checkPartials(templates: Template[], partials: Record<string, string>): string[] {
  const done = new Set<string>()
  const visit = (template: Template, path: string[]) => {
    if (template instanceof PartialTag) enter(template, path)
    else for (const child of childrenOf(template)) visit(child, path)
  }
  const enter = (tag: PartialTag, path: string[]) => {
    const name = tag.partial
    refuse(tag, [...path, name], partials)
    if (done.has(name)) return
    for (const child of childrenOf(tag, true)) visit(child, [...path, name])
    done.add(name)
  }
  for (const template of templates) visit(template, [])
  return [...done]
}

function refuse(tag: PartialTag, path: string[], partials: Record<string, string>): void {
  const name = tag.partial
  const [line, column] = tag.token.getPosition() as [number, number]
  const { file } = tag.token
  const place = { line, column, ...(file !== undefined && { partial: file }) }
  if (!Object.hasOwn(partials, name)) {
    const hint = didYouMean(name, Object.keys(partials))
    throw new TextError(`there is no partial "${name}".${hint}`, false, place)
  }
  if (path.indexOf(name) < path.length - 1)
    throw new TextError(`partials go in a circle: ${path.join(' → ')}`, false, place)
  if (path.length > deepest)
    throw new TextError(
      `partials are nested deeper than ${deepest}: ${path.join(' → ')}`,
      false,
      place,
    )
}
