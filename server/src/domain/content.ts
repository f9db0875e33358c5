// Rendered text, ready to be sent or shown. What each channel carries.

export type InAppContent = {
  title: string
  body: string
  url?: string
  actions?: { label: string; url: string }[]
}
export type EmailContent = { subject: string; html: string; text: string }
export type TextContent = { body: string } // sms, telegram, slack, discord, teams
export type WebhookContent = { body: unknown } // any JSON

export type Content = InAppContent | EmailContent | TextContent | WebhookContent
