// What signed links lead to: unsubscribing (RFC 8058: GET shows a page, POST acts, without a login), and
// a page on which a person chooses what to hear. Links that do not work all look the same.
import type { Context } from '../context.ts'
import {
  findPreferenceForm,
  submitPreferenceForm,
  type PreferenceForm,
} from '../pipeline/preference-form.ts'
import { planUnsubscription, unsubscribe } from '../pipeline/unsubscribe.ts'
import { acknowledgeLinkRoutes } from './acknowledge-link.ts'
import type { App } from './app.ts'
import {
  mandatoryPage,
  preferencesPage,
  unknownLinkPage,
  unsubscribedPage,
  unsubscribePage,
} from './link-pages.ts'
import { isStillThere, show } from './link-answers.ts'
import { whyRoutes } from './why.ts'

const formLimit = 64 * 1_024
// Pages for people, no part of the API.
const options = { schema: { hide: true }, config: { scope: 'public' } } as const
type TokenRequest = { params: { token: string } }

export function linkRoutes(app: App, ctx: Context): void {
  app.register((pages: App, _options, done) => {
    takeForms(pages)
    unsubscribeRoutes(pages, ctx)
    preferencesPageRoutes(pages, ctx)
    whyRoutes(pages, ctx)
    acknowledgeLinkRoutes(pages, ctx)
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
      const open = plan.isOff ? unsubscribedPage : unsubscribePage
      const render = plan.isMandatory ? mandatoryPage : open
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
    return show(reply, 200, pageOf(form, false))
  })
  pages.post<{ Params: { token: string } }>('/p/:token', options, async (request, reply) => {
    const owner = ctx.links.readPreferences(request.params.token)
    const { body } = request
    if (!owner || !(body instanceof URLSearchParams)) return show(reply, 404, unknownLinkPage)
    const saving = submitPreferenceForm(ctx, owner, body)
    const form = (await isStillThere(saving)) ? await saving : null
    if (!form) return show(reply, 404, unknownLinkPage)
    return show(reply, 200, pageOf(form, true))
  })
}

function pageOf(form: PreferenceForm, isSaved: boolean): string {
  const mandatory = form.mandatory.map(({ name }) => name)
  // What is nothing but an event type to subscribe to is shown there, and not a second time.
  const ofOptIns = new Map(form.optIns.map(({ key }) => [`type ${key}`, key]))
  const groups = form.groups.filter(({ name }) => !ofOptIns.has(name))
  const optIns = form.optIns.map((one) => ({
    ...one,
    choices: form.groups.find(({ name }) => ofOptIns.get(name) === one.key)?.choices ?? [],
  }))
  return preferencesPage({ level: form.level, groups, optIns, mandatory, isSaved })
}
