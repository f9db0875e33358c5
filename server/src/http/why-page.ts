// The pages behind "Why did I get this?".
import type { Channel } from '../domain/channel.ts'
import { channelPhrase } from '../domain/person-words.ts'
import { tellYou, tellYourChoice } from '../domain/why.ts'
import { mostMutedThreads } from '../pipeline/preferences.ts'
import type { Undo, Why, WhyChoice } from '../pipeline/why.ts'
import { escaped, page } from './link-pages.ts'

/** What GET shows: it changes nothing. */
export function whyPage(why: Why, preferencesUrl: string): string {
  const { name, when, reasons, decision, choices, target } = why
  const phrase = channelPhrase(target.channel)
  const what = name === null ? 'a message to you' : `<strong>${escaped(name)}</strong>`
  const body =
    reasons === null
      ? '<p>The details of this message are not kept any more.</p>'
      : `<p>It is ${what}${when === null ? '' : `, sent ${escaped(when)}`}.</p>
<ul>${[...tellYou(reasons), tellYourChoice(decision, phrase)].map(item).join('')}</ul>`
  const forms = choices.map((choice) => actionOf(choice, wordsOf(choice, why)))
  const acts =
    forms.length === 0
      ? ''
      : `<h2>What would you like?</h2>\n<div class="acts">\n${forms.join('\n')}\n</div>`
  return page('Why did I get this?', `${body}\n${acts}\n${otherChoices(preferencesUrl)}`)
}

/** After a POST: what was done, and a way back. */
export function whyDonePage(
  why: Why,
  choice: WhyChoice,
  { undo, preferencesUrl }: { undo: Undo; preferencesUrl: string },
): string {
  const back =
    undo.length === 0
      ? '<p class="soft">It was so before.</p>'
      : `<form method="post"><input type="hidden" name="do" value="undo">
<input type="hidden" name="was" value="${escaped(JSON.stringify(undo))}">
<button class="other">Undo</button></form>`
  const done = `<p role="status" class="done">${escaped(doneOf(choice, why))}</p>`
  return page('Done', `${done}\n${back}\n${otherChoices(preferencesUrl)}`)
}

/** Critical by now, or one thread too many. */
export function whyRefusedPage(preferencesUrl: string): string {
  const body = `<p role="status">Nothing was changed. What is critical cannot be turned off, and no more than
${mostMutedThreads} threads can be muted.</p>`
  return page('This cannot be done', `${body}\n${otherChoices(preferencesUrl)}`)
}

export function whyUndonePage(preferencesUrl: string): string {
  const body = '<p role="status" class="done">It is again as it was before.</p>'
  return page('Undone', `${body}\n${otherChoices(preferencesUrl)}`)
}

function item(sentence: string): string {
  return `<li>${escaped(sentence)}</li>`
}

function actionOf(choice: WhyChoice, words: string): string {
  const channel =
    choice.does === 'instead'
      ? `<input type="hidden" name="channel" value="${choice.channel}">`
      : ''
  return `<form method="post"><input type="hidden" name="do" value="${choice.does}">${channel}<button class="other">${escaped(words)}</button></form>`
}

function wordsOf(choice: WhyChoice, { name, target: { channel } }: Why): string {
  switch (choice.does) {
    case 'mute_thread':
      return 'Mute this thread: nothing more about the same subject'
    case 'instead':
      return `Tell me ${channelPhrase(choice.channel)} instead of ${channelPhrase(channel)}`
    case 'never':
      return name === null ? `Never again ${channelPhrase(channel)}` : `Never again: ${name}`
  }
}

function doneOf(choice: WhyChoice, { name, target: { channel } }: Why): string {
  switch (choice.does) {
    case 'mute_thread':
      return 'This thread is muted. You get nothing more of it but what is critical.'
    case 'instead':
      return `You are told ${channelPhrase(choice.channel)} from now on, and no more ${channelPhrase(channel)}.`
    case 'never':
      return name === null
        ? `You get nothing more ${channelPhrase(channel)} but what is critical.`
        : `You get no more of “${name}” but what is critical.`
  }
}

function otherChoices(preferencesUrl: string): string {
  return `<footer><a href="${escaped(preferencesUrl)}">Choose what you want to hear</a></footer>`
}

/** What a form says; null for what this page did not offer. */
export function choiceIn(form: URLSearchParams, { choices }: Why): WhyChoice | null {
  const channel = form.get('channel') as Channel | null // compared with those offered
  return (
    choices.find(
      (choice) =>
        choice.does === form.get('do') && (choice.does !== 'instead' || choice.channel === channel),
    ) ?? null
  )
}
