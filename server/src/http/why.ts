// "Why did I get this?" behind a signed link: GET says why and changes nothing, POST changes what the person
// chooses, or takes it back. Without a script, a cookie or a login.
import type { Context } from '../context.ts'
import { ApiError } from '../errors.ts'
import { chooseWhy, findWhy, undoWhy, type Undo, type Why } from '../pipeline/why.ts'
import type { App } from './app.ts'
import { isStillThere, show } from './link-answers.ts'
import { unknownLinkPage } from './link-pages.ts'
import { choiceIn, whyDonePage, whyPage, whyRefusedPage, whyUndonePage } from './why-page.ts'

const options = { schema: { hide: true }, config: { scope: 'public' } } as const

export function whyRoutes(pages: App, ctx: Context): void {
  pages.get<{ Params: { token: string } }>('/why/:token', options, async ({ params }, reply) => {
    const why = await whyOf(ctx, params.token)
    if (!why) return show(reply, 404, unknownLinkPage)
    return show(reply, 200, whyPage(why, ctx.links.preferences(why.target)))
  })
  pages.post<{ Params: { token: string } }>('/why/:token', options, async (request, reply) => {
    const why = await whyOf(ctx, request.params.token)
    const { body: form } = request
    if (!why || !(form instanceof URLSearchParams)) return show(reply, 404, unknownLinkPage)
    const answering = answerOrRefuse(ctx, why, form)
    if (!(await isStillThere(answering))) return show(reply, 404, unknownLinkPage)
    return show(reply, 200, await answering)
  })
}

async function whyOf(ctx: Context, token: string): Promise<Why | null> {
  const target = ctx.links.readWhy(token)
  return target && findWhy(ctx, target)
}

async function answerOrRefuse(ctx: Context, why: Why, form: URLSearchParams): Promise<string> {
  try {
    return await answerOf(ctx, why, form)
  } catch (error) {
    const isRefusal = error instanceof ApiError && error.code !== 'not_found'
    if (isRefusal) return whyRefusedPage(ctx.links.preferences(why.target))
    throw error
  }
}

async function answerOf(ctx: Context, why: Why, form: URLSearchParams): Promise<string> {
  const preferencesUrl = ctx.links.preferences(why.target)
  if (form.get('do') === 'undo') {
    await undoWhy(ctx, why, readUndo(form.get('was') ?? ''))
    return whyUndonePage(preferencesUrl)
  }
  const choice = choiceIn(form, why)
  if (!choice) return whyPage(why, preferencesUrl)
  const undo = await chooseWhy(ctx, why, choice)
  return whyDonePage(why, choice, { undo, preferencesUrl })
}

/** Empty for what is no such list: forms come from anywhere. */
function readUndo(text: string): Undo {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return []
  }
  if (!Array.isArray(value)) return []
  return value.filter(
    (one: unknown): one is Undo[number] =>
      typeof one === 'object' &&
      one !== null &&
      'field' in one &&
      'before' in one &&
      Array.isArray(one.field) &&
      one.field.every((name) => typeof name === 'string'),
  )
}
