// What signed links lead to: unsubscribing (RFC 8058: GET shows a page, POST acts, without a login), and
// a page on which a person chooses what to hear. Links that do not work all look the same.
import type { FastifyReply } from 'fastify'
import type { Context } from '../context.ts'
import { ApiError } from '../errors.ts'
import { findPreferenceForm, submitPreferenceForm } from '../pipeline/preference-form.ts'
import { planUnsubscription, unsubscribe } from '../pipeline/unsubscribe.ts'
import type { App } from './app.ts'
import {
  mandatoryPage,
  pageHeaders,
  preferencesPage,
  unknownLinkPage,
  unsubscribedPage,
  unsubscribePage,
} from './link-pages.ts'

const formLimit = 64 * 1_024
// Pages for people, no part of the API.
const options = { schema: { hide: true }, config: { scope: 'public' } } as const
type TokenRequest = { params: { token: string } }

export function linkRoutes(app: App, ctx: Context): void {
  app.register((pages: App, _options, done) => {
    takeForms(pages)
    unsubscribeRoutes(pages, ctx)
    preferencesPageRoutes(pages, ctx)
    done()
  })
}

/** Mail programs send forms of either kind; what is in them does not matter to unsubscribing. */
function takeForms(pages: App): void {
  pages.removeAllContentTypeParsers()
  const form = 'application/x-www-form-urlencoded'
  pages.addContentTypeParser(form, { parseAs: 'string', bodyLimit: formLimit }, (_, body, done) =>
    done(null, new URLSearchParams(String(body))),
  )
  pages.addContentTypeParser('*', { parseAs: 'string', bodyLimit: formLimit }, (_, _body, done) =>
    done(null),
  )
}

function unsubscribeRoutes(pages: App, ctx: Context): void {
  pages.get<TokenRequest & { Params: { token: string } }>(
    '/unsubscribe/:token',
    options,
    async ({ params }, reply) => {
      const plan = await planOf(ctx, params.token)
      if (!plan) return show(reply, 404, unknownLinkPage)
      const render = plan.isMandatory ? mandatoryPage : unsubscribePage
      return show(reply, 200, render(aboutOf(ctx, plan)))
    },
  )
  pages.post<{ Params: { token: string } }>(
    '/unsubscribe/:token',
    options,
    async ({ params }, reply) => {
      const plan = await planOf(ctx, params.token)
      if (!plan || !(await isStillThere(unsubscribe(ctx, plan))))
        return show(reply, 404, unknownLinkPage)
      const render = plan.isMandatory ? mandatoryPage : unsubscribedPage
      return show(reply, 200, render(aboutOf(ctx, plan)))
    },
  )
}

type Plan = NonNullable<Awaited<ReturnType<typeof planUnsubscription>>>

async function planOf(ctx: Context, token: string): Promise<Plan | null> {
  const target = ctx.links.readUnsubscribe(token)
  return target && planUnsubscription(ctx, target)
}

function aboutOf(ctx: Context, { target, about }: Plan) {
  return { channel: target.channel, about, preferencesUrl: ctx.links.preferences(target) }
}

function preferencesPageRoutes(pages: App, ctx: Context): void {
  pages.get<{ Params: { token: string } }>('/p/:token', options, async ({ params }, reply) => {
    const owner = ctx.links.readPreferences(params.token)
    const form = owner && (await findPreferenceForm(ctx, owner))
    if (!form) return show(reply, 404, unknownLinkPage)
    return show(reply, 200, preferencesPage({ ...form, isSaved: false }))
  })
  pages.post<{ Params: { token: string } }>('/p/:token', options, async (request, reply) => {
    const owner = ctx.links.readPreferences(request.params.token)
    const { body } = request
    if (!owner || !(body instanceof URLSearchParams)) return show(reply, 404, unknownLinkPage)
    const saving = submitPreferenceForm(ctx, owner, body)
    const form = (await isStillThere(saving)) ? await saving : null
    if (!form) return show(reply, 404, unknownLinkPage)
    return show(reply, 200, preferencesPage({ ...form, isSaved: true }))
  })
}

/** False when the subscriber was deleted meanwhile. */
async function isStillThere(change: Promise<unknown>): Promise<boolean> {
  try {
    await change
    return true
  } catch (error) {
    if (error instanceof ApiError && error.code === 'not_found') return false
    throw error
  }
}

function show(reply: FastifyReply, status: number, html: string): FastifyReply {
  return reply.code(status).headers(pageHeaders).serializer(String).send(html)
}
