// The shapes that the modules share. Types only: no page ever loads this file.

/** @typedef {"ja" | "easy" | "en" | "zh" | "pt" | "es"} Lang */

/** @typedef {{label: string, number: string, dial: string, hours: string, note: string}} Phone */
/** @typedef {{title: string, url: string}} Link */
/** @typedef {{label: string, data: string, group: string}} Button */
/** @typedef {{title: string, text: string, phone: Phone | null, links: Link[], buttons: Button[]}} Card */

/** @typedef {{type: "text", role: "body" | "title" | "notice" | "source", text: string}} TextBlock */
/** @typedef {{type: "phones", items: Phone[]}} PhonesBlock */
/** @typedef {{type: "links", items: Link[]}} LinksBlock */
/** @typedef {{type: "cards", items: Card[]}} CardsBlock */
/** @typedef {{type: "location_request", text: string, label: string}} LocationBlock */
/** @typedef {TextBlock | PhonesBlock | LinksBlock | CardsBlock | LocationBlock} Block */

/**
 * `topic`: what an urgent answer is about, such as `violence`. `ruby`: furigana by line, where it was asked for.
 * @typedef {{blocks: Block[], quick_replies: Button[], lang: Lang, urgent: boolean,
 *   topic?: string, ruby?: {[line: string]: [string, string][]}}} Message
 */

/**
 * What is sent for one turn. At most one of `text`, `postback` and `location`; none opens the conversation.
 * `client_id` stays the same when the same turn is sent again, so that the server does the work once.
 * @typedef {{client_id: string, text?: string, postback?: string, location?: [number, number]}} Outgoing
 */

/**
 * One thing the resident did and its answer. `shown`: the resident's words in the log, empty for the opening.
 * `request` is forgotten once `messages` is there. `refused`: the server was reached and would not answer; only
 * the resident sends it again.
 * @typedef {{shown: string, request: Outgoing | null, messages: Message[] | null, refused?: boolean}} Turn
 */

/** @typedef {"offline" | "timeout" | "busy" | "tooLong" | "server" | "empty"} Failure */

export {};
