// What the vendors of e-mail with an HTTP API have in common.
import { Type } from 'typebox'
import type { Message, SettingsProblem } from '../provider.ts'
import { readSender } from './smtp-settings.ts'

export const EmailFrom = Type.String({
  minLength: 3,
  maxLength: 400,
  description:
    'The sender, whose domain the vendor knows as yours: an address, or a name and an address.',
  examples: ['Acme <no-reply@acme.example>'],
})

/** Checks the setting `from`. */
export function fromProblems({ from }: Record<string, unknown>): SettingsProblem[] {
  if (typeof from === 'string' && readSender(from)) return []
  const detail = 'must be an address, or a name and an address: Acme <no-reply@acme.example>'
  return [{ pointer: '/from', code: 'invalid_email', detail }]
}

/** One-click unsubscribing. @see RFC 8058 */
export function unsubscribeHeaders({ unsubscribeUrl }: Message): Record<string, string> {
  if (unsubscribeUrl === undefined) return {}
  return {
    'List-Unsubscribe': `<${unsubscribeUrl}>`,
    'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
  }
}
