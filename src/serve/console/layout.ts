import { asset } from './assets.ts'
import { type Html, html, type Part } from './html.ts'

export const sections = [
  ['/', 'Overview'],
  ['/connections', 'Connections'],
  ['/runs', 'Runs'],
  ['/quality', 'Data quality'],
  ['/charts', 'Charts'],
  ['/sql', 'SQL'],
] as const

export interface Page {
  readonly title: string
  /** Path of the section it belongs to. */
  readonly section?: (typeof sections)[number][0] | '/connect'
  readonly body: Part
  /** Address of the event stream that keeps parts of it up to date. */
  readonly live?: string
  /** Modules of `assets/` that this page needs beside the common one. */
  readonly scripts?: readonly string[]
  /** The session's token, for forms and scripts; absent when nobody has signed in. */
  readonly csrf?: string
  readonly theme?: Theme
}

export const themes = ['auto', 'light', 'dark'] as const
export type Theme = (typeof themes)[number]

/** The theme that the browser has chosen; the cookie holds nothing else. */
export const themeOf = (cookie: string | undefined): Theme =>
  themes.find((one) => one === cookie) ?? 'auto'

/** The whole document. */
export function document(page: Page): string {
  const signedIn = page.csrf !== undefined
  return html`<!doctype html>
<html lang="en" data-theme="${page.theme ?? 'auto'}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${page.title} · fdx</title>
<link rel="icon" href="${asset('icon.svg')}" type="image/svg+xml">
<link rel="stylesheet" href="${asset('console.css')}">
${signedIn && html`<meta name="csrf" content="${page.csrf}">`}
<script type="module" src="${asset('console.js')}"></script>
${(page.scripts ?? []).map((name) =>
  name === 'chart.js'
    ? html`<script defer src="${asset(name)}"></script>`
    : html`<script type="module" src="${asset(name)}"></script>`,
)}
</head>
<body${page.live !== undefined && html` data-live="${page.live}"`}>
<a class="skip" href="#main">Skip to content</a>
${signedIn ? bar(page) : html`<header class="bar"><a class="brand" href="/">fdx</a></header>`}
<main id="main" tabindex="-1">${page.body}</main>
${signedIn && foot(page)}
</body>
</html>`.text
}

const bar = (page: Page): Html => html`<header class="bar">
<a class="brand" href="/">fdx</a>
<nav aria-label="Sections">${sections.map(
  ([path, name]) =>
    html`<a href="${path}"${page.section === path && html` aria-current="page"`}>${name}</a>`,
)}</nav>
<a class="button primary" href="/connect"${page.section === '/connect' && html` aria-current="page"`}>Connect a bank</a>
</header>`

const foot = (page: Page): Html => html`<footer class="foot">
<span id="live-state" role="status"></span>
<label>Theme <select id="theme">${themes.map(
  (one) => html`<option value="${one}"${page.theme === one && html` selected`}>${one}</option>`,
)}</select></label>
<form method="post" action="/sign-out">${csrfField(page.csrf)}<button class="plain">Sign out</button></form>
</footer>`

/** Every form that changes something carries it. */
export const csrfField = (token: string | undefined): Html =>
  html`<input type="hidden" name="csrf" value="${token ?? ''}">`

/** What is shown where something went wrong: what, and what to do next. */
export const trouble = (title: string, text: string, next?: Part): Html =>
  html`<section class="note bad" role="alert"><h1>${title}</h1><p>${text}</p>${next !== undefined && html`<p>${next}</p>`}</section>`

export const emptyNote = (text: Part): Html => html`<p class="empty">${text}</p>`

/** A part of the page that is fetched by itself, so that the page does not wait for it. */
export const loaded = (address: string, what: string): Html =>
  html`<div class="loaded" data-load="${address}" aria-busy="true"><p class="empty">Reading ${what} …</p><noscript><a href="${address}">Show ${what}</a></noscript></div>`

export interface Column {
  readonly name: Part
  readonly number?: boolean
}

/** A table that scrolls by itself where the screen is narrow. */
export const table = (
  caption: string,
  columns: readonly Column[],
  rows: readonly (readonly Part[])[],
): Html => html`<div class="scroll" role="region" aria-label="${caption}" tabindex="0"><table>
<caption class="hidden">${caption}</caption>
<thead><tr>${columns.map(({ name, number }) => html`<th scope="col"${number && html` class="number"`}>${name}</th>`)}</tr></thead>
<tbody>${rows.map(
  (row) =>
    html`<tr>${row.map((cell, at) => html`<td${cellClass(columns[at], cell)}>${cell}</td>`)}</tr>`,
)}</tbody></table></div>`

/** Dates, names and numbers stay on one line; only longer text is broken. */
const cellClass = (column: Column | undefined, cell: Part): Part => {
  if (column?.number) return html` class="number"`
  return typeof cell === 'string' && cell.length <= 40 && html` class="short"`
}
