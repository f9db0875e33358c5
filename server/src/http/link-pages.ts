// The pages behind signed links: plain HTML without scripts, for any browser, in light and dark.
import { createHash } from 'node:crypto'
import { channels, type Channel } from '../domain/channel.ts'
import type { Level } from '../domain/event-type.ts'

const channelNames: Record<Channel, string> = {
  in_app: 'In-app',
  email: 'Email',
  sms: 'SMS',
  push: 'Push',
  telegram: 'Telegram',
  slack: 'Slack',
  discord: 'Discord',
  teams: 'Teams',
  webhook: 'Webhook',
}

/** As in a sentence: "no more emails". */
const messageNames: Record<Channel, string> = {
  in_app: 'in-app messages',
  email: 'emails',
  sms: 'text messages',
  push: 'push messages',
  telegram: 'Telegram messages',
  slack: 'Slack messages',
  discord: 'Discord messages',
  teams: 'Teams messages',
  webhook: 'webhook calls',
}

const style = `
:root { color-scheme: light dark; --ink: light-dark(#1c2024, #edeef0); --soft: light-dark(#60646c, #b0b4ba);
  --paper: light-dark(#f4f5f7, #111113); --card: light-dark(#fff, #1b1d21); --line: light-dark(#d9d9e0, #3a3d43);
  --main: light-dark(#2a5bd7, #8fb0ff); --on-main: light-dark(#fff, #10131a); --good: light-dark(#1a7f4b, #6fd6a0); }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 1rem/1.5 system-ui, sans-serif; }
main { max-width: 36rem; margin: 8vh auto; padding: 2rem; background: var(--card); border: 1px solid var(--line);
  border-radius: 12px; overflow-wrap: anywhere; }
h1 { margin: 0 0 .75rem; font-size: 1.4rem; line-height: 1.25; }
h2 { margin: 2rem 0 .75rem; font-size: 1.05rem; }
p { margin: .5rem 0 1rem; }
.soft { color: var(--soft); font-size: .925rem; }
.done { color: var(--good); font-weight: 600; }
fieldset { margin: 0 0 .75rem; padding: .5rem 1rem .75rem; border: 1px solid var(--line); border-radius: 8px; min-width: 0; }
legend { padding: 0 .4rem; font-weight: 600; }
legend::first-letter { text-transform: uppercase; }
.choices { display: flex; flex-wrap: wrap; gap: .25rem 1.5rem; }
.own { padding-inline-start: 1.7rem; color: var(--soft); }
label { display: inline-flex; align-items: center; gap: .5rem; min-height: 44px; cursor: pointer; }
input { width: 1.2rem; height: 1.2rem; margin: 0; flex: none; accent-color: var(--main); }
button { min-height: 44px; padding: .5rem 1.25rem; border: 1px solid transparent; border-radius: 8px; background: var(--main);
  color: var(--on-main); font: inherit; font-weight: 600; cursor: pointer; }
button.other { border-color: var(--line); background: transparent; color: var(--main); }
.acts { display: grid; gap: .75rem; margin: 1.25rem 0; }
.acts button { width: 100%; text-align: start; }
a { color: var(--main); }
:focus-visible { outline: 3px solid var(--main); outline-offset: 2px; }
footer a { display: inline-flex; align-items: center; min-height: 44px; }
footer { margin-top: 2rem; padding-top: .5rem; border-top: 1px solid var(--line); }
@media (max-width: 40rem) { main { max-width: none; margin: 0; min-height: 100vh; padding: 1.25rem; border: 0; border-radius: 0; }
  button { width: 100%; } }
@media (min-width: 25rem) and (max-width: 40rem) { main { padding: 2rem; } }
`

const styleHash = createHash('sha256').update(style).digest('base64')

/** No script, no picture, nothing from elsewhere; and the link, which is a secret, is told to nobody. */
export const pageHeaders = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': `default-src 'none'; style-src 'sha256-${styleHash}'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'`,
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'x-robots-tag': 'noindex',
}

/** `body` is HTML. */
export function page(title: string, body: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title)}</title>
<style>${style}</style>
</head>
<body><main>
<h1>${escaped(title)}</h1>
${body}
</main></body>
</html>
`
}

/** The same for every link that leads nowhere, whatever the reason. */
export const unknownLinkPage = page(
  'This link does not work',
  '<p>It may have been cut off on its way. Open it once more from the message, or copy all of it.</p>',
)

type About = { channel: Channel; about: string | null; preferencesUrl: string }

const messages = ({ channel, about }: About) =>
  `${messageNames[channel]}${about === null ? '' : ` about <strong>${escaped(about)}</strong>`}`

const otherChoices = ({ preferencesUrl }: About) =>
  `<footer><a href="${escaped(preferencesUrl)}">Choose what you want to hear</a></footer>`

/** What GET shows: it changes nothing, since programs that check mail open every link. */
export function unsubscribePage(about: About): string {
  return page(
    'Unsubscribe',
    `<p>Do you want to stop getting ${messages(about)}?</p>
<form method="post"><button>Unsubscribe</button></form>
${otherChoices(about)}`,
  )
}

export function unsubscribedPage(about: About): string {
  return page(
    'You are unsubscribed',
    `<p role="status">You get no more ${messages(about)}. What is critical still comes.</p>
${otherChoices(about)}`,
  )
}

export function mandatoryPage(about: About): string {
  return page(
    'These messages are always sent',
    `<p role="status">The ${messages(about)} are critical: everybody gets them, and they cannot be turned off.</p>
${otherChoices(about)}`,
  )
}

/** One checkbox. `name` comes back with the form. */
export type Choice = { name: string; channel: Channel; isOn: boolean }

export type PreferencesPage = {
  level: Level
  /** Categories, and event types without one. */
  groups: { title: string; choices: Choice[] }[]
  /** Event types one has to subscribe to. Those without a category bring their channels. */
  optIns: { title: string; name: string; isOn: boolean; choices: Choice[] }[]
  /** Event types that cannot be turned off. */
  mandatory: string[]
  isSaved: boolean
}

export function preferencesPage(shown: PreferencesPage): string {
  const saved = shown.isSaved ? '<p role="status" class="done">Your choices are saved.</p>' : ''
  return page(
    'What do you want to hear?',
    `${saved}<form method="post">
<fieldset><legend>How much</legend><div class="choices">
${radio('standard', 'Everything I have chosen below', shown.level)}
${radio('critical', 'Only what is critical', shown.level)}
</div>${was('level', shown.level)}</fieldset>
${shown.groups.length > 0 ? '<h2>Where it reaches you</h2>' : ''}
${shown.groups.map(groupOf).join('\n')}
${shown.optIns.length > 0 ? `<fieldset><legend>Subscriptions</legend><div class="choices">${shown.optIns.map(optInOf).join('\n')}</div></fieldset>` : ''}
${mandatoryNote(shown.mandatory)}
<button>Save</button>
</form>`,
  )
}

function radio(value: Level, text: string, level: Level): string {
  const checked = value === level ? ' checked' : ''
  return `<label><input type="radio" name="level" value="${value}"${checked}> ${text}</label>`
}

function groupOf({ title, choices }: PreferencesPage['groups'][number]): string {
  return `<fieldset><legend>${escaped(title)}</legend><div class="choices">${channelBoxes(choices)}</div></fieldset>`
}

/** Where it reaches one is asked where one subscribes, and only of those who do. */
function optInOf({ title, choices, ...choice }: PreferencesPage['optIns'][number]): string {
  const own = choice.isOn && choices.length > 0
  const boxes = own
    ? `<div class="choices own" role="group" aria-label="${escaped(title)}">${channelBoxes(choices)}</div>`
    : ''
  return `<div>${checkbox(choice, title)}${boxes}</div>`
}

function channelBoxes(choices: Choice[]): string {
  const ordered = choices.toSorted(
    (a, b) => channels.indexOf(a.channel) - channels.indexOf(b.channel),
  )
  return ordered.map((choice) => checkbox(choice, channelNames[choice.channel])).join('\n')
}

function checkbox({ name, isOn }: { name: string; isOn: boolean }, text: string): string {
  const checked = isOn ? ' checked' : ''
  const box = `<input type="checkbox" name="${escaped(name)}" value="1"${checked}>`
  return `<label>${box} ${escaped(text)}</label>${was(name, isOn ? '1' : '0')}`
}

/** How it stood when the page was made: only what the person has changed is changed. */
function was(name: string, value: string): string {
  return `<input type="hidden" name="was ${escaped(name)}" value="${value}">`
}

function mandatoryNote(titles: string[]): string {
  if (titles.length === 0) return ''
  const names = titles.map((title) => `<strong>${escaped(title)}</strong>`).join(', ')
  return `<p class="soft">Always sent, because it is critical: ${names}.</p>`
}

export function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}
