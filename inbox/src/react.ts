// The components for React, 18 and later: properties as props, events as functions.
//
//   <InboxBell url="https://notify.example.com" getToken={fetchToken} onOpen={follow} />
import { createElement, useLayoutEffect, useRef, type HTMLAttributes } from 'react'
import {
  defineComponents,
  type BelfryBell,
  type BelfryInbox,
  type BelfryPreferences,
  type FeedAction,
  type FeedItem,
} from './inbox.ts'

type FeedEvents = {
  /** A notification was opened. `preventDefault()` keeps the link from being followed. */
  onOpen?: (event: CustomEvent<{ item: FeedItem }>) => void
  onAction?: (event: CustomEvent<{ item: FeedItem; action: FeedAction }>) => void
}

type Attributes = Pick<HTMLAttributes<HTMLElement>, 'className' | 'style' | 'id' | 'lang'>
type OwnProps<Element, Name extends keyof Element> = { [Key in Name]?: Element[Key] | undefined }
type Client = 'url' | 'token' | 'getToken' | 'client' | 'strings'
type Looks = { theme?: 'light' | 'dark' }

export type InboxBellProps = Attributes &
  Looks &
  FeedEvents &
  OwnProps<BelfryBell, Client | 'tabs' | 'linkTarget' | 'open'>
export type InboxProps = Attributes &
  Looks &
  FeedEvents &
  OwnProps<BelfryInbox, Client | 'tabs' | 'linkTarget'>
export type PreferencesProps = Attributes & Looks & OwnProps<BelfryPreferences, Client>

defineComponents()

export const InboxBell = wrapped<InboxBellProps>('belfry-bell')
export const Inbox = wrapped<InboxProps>('belfry-inbox')
export const Preferences = wrapped<PreferencesProps>('belfry-preferences')

function wrapped<Props extends Attributes & Looks & FeedEvents>(name: string) {
  return function Component({
    className,
    style,
    id,
    lang,
    theme,
    onOpen,
    onAction,
    ...own
  }: Props) {
    const ref = useRef<HTMLElement>(null)
    // Before the browser paints, and so before the element asks for anything.
    useLayoutEffect(() => {
      Object.assign(ref.current!, own)
    })
    useLayoutEffect(() => {
      const element = ref.current!
      const open = onOpen as EventListener | undefined
      const action = onAction as EventListener | undefined
      if (open) element.addEventListener('belfry-open', open)
      if (action) element.addEventListener('belfry-action', action)
      return () => {
        if (open) element.removeEventListener('belfry-open', open)
        if (action) element.removeEventListener('belfry-action', action)
      }
    }, [onOpen, onAction])
    return createElement(name, { ref, class: className, style, id, lang, theme })
  }
}
