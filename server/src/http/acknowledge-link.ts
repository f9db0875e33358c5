// Answering behind a signed link: GET asks and changes nothing, since programs that check messages open every link;
// POST answers. Without a script, a cookie or a login.
import type { Context } from '../context.ts'
import { acknowledge, lookAtAnswer, type Acknowledged } from '../pipeline/acknowledge.ts'
import { describeAnswer } from '../pipeline/answer-words.ts'
import type { AnswerTarget } from '../links.ts'
import { answeredPage, askPage, tooLatePage } from './acknowledge-page.ts'
import type { App } from './app.ts'
import { show } from './link-answers.ts'
import { unknownLinkPage } from './link-pages.ts'

const options = { schema: { hide: true }, config: { scope: 'public' } } as const
type Token = { Params: { token: string } }

export function acknowledgeLinkRoutes(pages: App, ctx: Context): void {
  pages.get<Token>('/acknowledge/:token', options, async ({ params }, reply) => {
    const target = ctx.links.readAcknowledge(params.token)
    const found = target && (await lookAtAnswer(ctx, target.workspaceId, target))
    if (!target || !found) return show(reply, 404, unknownLinkPage)
    return show(reply, 200, await pageFor(ctx, target, found))
  })
  pages.post<Token>('/acknowledge/:token', options, async ({ params }, reply) => {
    const target = ctx.links.readAcknowledge(params.token)
    const { workspaceId = 0 } = target ?? {}
    const given = { workspaceId, via: 'link', by: null } as const
    const found = target && (await acknowledge(ctx, { ...given, of: target }))
    if (!target || !found) return show(reply, 404, unknownLinkPage)
    return show(reply, 200, await pageFor(ctx, target, found))
  })
}

async function pageFor(ctx: Context, target: AnswerTarget, found: Acknowledged): Promise<string> {
  const words = await describeAnswer(ctx, target.workspaceId, found)
  switch (found.kind) {
    case 'open':
      return askPage(words)
    case 'too_late':
      return tooLatePage(words, found.why)
    case 'answered':
      return answeredPage(words, found.isFirst)
  }
}
