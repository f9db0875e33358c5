// Microsoft Teams: an Adaptive Card to the URL of a workflow ("post to a channel when a webhook request is received").
// @see https://learn.microsoft.com/microsoftteams/platform/webhooks-and-connectors/how-to/connectors-using
import { type Static, Type } from 'typebox'
import type { TextContent } from '../../domain/content.ts'
import type { Outcome } from '../../domain/outcome.ts'
import { httpApi, tooLong, type Said } from '../http-api.ts'
import { checkUrl } from '../outgoing-url.ts'
import type { Limit, ProviderKind, SettingsProblem } from '../provider.ts'
import type { AllowedAddresses } from '../public-address.ts'

// A workflow takes 28 KB, card and all.
const limits: readonly Limit[] = [{ what: 'body', most: 24_000, unit: 'bytes' }]

const TeamsSettings = Type.Object(
  {
    url: Type.Optional(
      Type.String({
        maxLength: 2048,
        description:
          'A workflow: all messages go to its channel. Unset: the address is the URL of one.',
        examples: ['https://prod-00.westus.logic.azure.com:443/workflows/…'],
      }),
    ),
  },
  { additionalProperties: false },
)

type Settings = Static<typeof TeamsSettings>

export const teams: ProviderKind = {
  kind: 'teams',
  channels: ['teams'],
  title: 'Microsoft Teams workflow',
  settings: TeamsSettings,
  reachesMany: ({ url }) => url === undefined,
  secrets: ['url'],
  budgetMs: 20_000,
  limits,
  problems: teamsProblems,
  create(given, context) {
    const { url } = given as Settings
    return httpApi(context, {
      hidden: url === undefined ? [] : [url, ...signature(url)],
      request(message) {
        const { body } = message.content as TextContent
        const to = url ?? message.address
        if (isConnector(to)) return { kind: 'failed', code: 'connector', detail: connectorProblem }
        return (
          tooLong(limits, { body }) ?? {
            method: 'POST',
            url: to,
            headers: { 'content-type': 'application/json' },
            body: JSON.stringify(cardOf(body)),
          }
        )
      },
      read: (said) => read(said, url !== undefined),
    })
  },
}

function teamsProblems(
  { url }: Record<string, unknown>,
  allowed: AllowedAddresses,
): SettingsProblem[] {
  if (typeof url !== 'string') return []
  if (isConnector(url)) return [{ pointer: '/url', code: 'connector', detail: connectorProblem }]
  const problem = checkUrl(url, allowed)
  return problem ? [{ pointer: '/url', ...problem }] : []
}

const connectorProblem =
  'is a connector of Office 365, which Microsoft has shut down: make a workflow in Teams and use its URL'

function isConnector(url: string): boolean {
  return /(^|\.)(webhook\.office\.com|outlook\.office(365)?\.com)$/.test(
    URL.parse(url)?.hostname ?? '',
  )
}

/** What a workflow is known by, as an echo might bring it back. */
function signature(url: string): string[] {
  return URL.parse(url)?.searchParams.getAll('sig') ?? []
}

/** A TextBlock knows a little Markdown, and no mentions: those would have to be listed beside it. */
function cardOf(text: string): unknown {
  return {
    type: 'message',
    attachments: [
      {
        contentType: 'application/vnd.microsoft.card.adaptive',
        contentUrl: null,
        content: {
          $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
          type: 'AdaptiveCard',
          version: '1.4',
          body: [{ type: 'TextBlock', text, wrap: true }],
        },
      },
    ],
  }
}

/** `isOurs`: the workflow is one of the settings, so that its end is nobody's address. */
function read({ status, detail }: Said, isOurs: boolean): Outcome | null {
  if (status < 300) return { kind: 'sent' }
  if (status !== 404 && status !== 410) return null
  return isOurs
    ? { kind: 'retry', code: 'provider_auth', detail }
    : { kind: 'gone', code: `http_${status}`, detail }
}
