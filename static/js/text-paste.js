// Text from Word, Google Docs and web pages, made into the markup that texts have before the
// box reads it. The server sanitises again (portal/richtext/editor.py).
import { Extension, Plugin } from "django-prose-editor/editor"

export const PortalPaste = Extension.create({
  name: "portalPaste",
  addProseMirrorPlugins: () => [new Plugin({ props: { transformPastedHTML: cleanPaste } })],
})

export function cleanPaste(html, view) {
  const page = new DOMParser().parseFromString(html, "text/html").body
  // Google Docs wraps all in bold that is not bold.
  for (const wrapper of page.querySelectorAll('b[id^="docs-internal-guid"]')) {
    wrapper.replaceWith(...wrapper.childNodes)
  }
  headings(page, view)
  lists(page)
  tables(page)
  // Word's own marks in a document lead nowhere here.
  for (const link of page.querySelectorAll('a[href^="#_"]')) link.replaceWith(...link.childNodes)
  for (const paragraph of page.querySelectorAll("p, h2, h3, h4")) {
    if (!paragraph.textContent.trim()) paragraph.remove()
  }
  weights(page)
  return page.innerHTML
}

// h1 is the page's title; a heading is bold as it is.
function headings(page, view) {
  for (const heading of page.querySelectorAll("h1, h5, h6")) {
    const other = document.createElement(heading.matches("h1") ? "h2" : "h4")
    other.append(...heading.childNodes)
    heading.replaceWith(other)
  }
  for (const bold of page.querySelectorAll(":is(h2, h3, h4) :is(b, strong)")) {
    bold.replaceWith(...bold.childNodes)
  }
  // A section that was cut keeps its id where it is put; a copy must not take it over.
  const own = page.querySelector("[data-pm-slice]")
  for (const heading of page.querySelectorAll("[id]:is(h2, h3, h4)")) {
    const taken = view?.dom.querySelector(`[id="${CSS.escape(heading.id)}"]`)
    if (taken || !own) heading.removeAttribute("id")
  }
}

// Word marks a list item as a paragraph with a bullet or a number of its own.
function lists(page) {
  for (const item of page.querySelectorAll('p[style*="mso-list"]')) {
    const level = Number(item.getAttribute("style").match(/mso-list:\s*\w+ level(\d)/)?.[1])
    if (!level) continue
    const marker = item.querySelector('[style*="mso-list:Ignore"], [style*="mso-list: Ignore"]')
    const tag = /^\s*(?:\d+|[a-z]+)[.)]/i.test(marker?.textContent || "") ? "ol" : "ul"
    marker?.remove()
    const row = document.createElement("li")
    row.append(...item.childNodes)
    listFor(item, tag, level).append(row)
    item.remove()
  }
}

function listFor(item, tag, level) {
  let list = item.previousElementSibling
  if (!list?.dataset.pasted || (level === 1 && list.dataset.pasted !== tag)) {
    list = document.createElement(tag)
    list.dataset.pasted = tag
    item.before(list)
  }
  for (let depth = 1; depth < level && list.lastElementChild; depth++) {
    let inner = list.lastElementChild.querySelector(":scope > ul, :scope > ol")
    if (!inner) list.lastElementChild.append((inner = document.createElement(tag)))
    list = inner
  }
  return list
}

// Word says that a row is a header by repeating it on each page, or only by bold letters.
function tables(page) {
  for (const table of page.querySelectorAll("table")) {
    const first = table.rows[0]
    if (!first || table.querySelector("th")) continue
    const cells = [...first.cells]
    if (!table.tHead && (table.rows.length < 2 || !cells.every(isBold))) continue
    for (const cell of table.tHead?.rows.length ? table.tHead.querySelectorAll("td") : cells) {
      const header = document.createElement("th")
      for (const name of ["colspan", "rowspan"]) {
        if (cell.hasAttribute(name)) header.setAttribute(name, cell.getAttribute(name))
      }
      header.append(...cell.childNodes)
      for (const bold of header.querySelectorAll("b, strong")) bold.replaceWith(...bold.childNodes)
      cell.replaceWith(header)
    }
  }
}

// The policy keeps the box from reading style attributes, and Google Docs has no other bold.
function weights(page) {
  for (const element of page.querySelectorAll("[style]")) {
    const style = element.getAttribute("style")
    element.removeAttribute("style")
    if (!element.matches("span") || element.closest("h2, h3, h4")) continue
    if (/font-weight:\s*(?:bold|[6-9]00)/.test(style)) wrap(element, "strong")
    if (/font-style:\s*italic/.test(style)) wrap(element, "em")
  }
}

function wrap(element, tag) {
  const mark = document.createElement(tag)
  mark.append(...element.childNodes)
  element.append(mark)
}

function isBold(cell) {
  const bold = [...cell.querySelectorAll("b, strong")].map((each) => each.textContent).join("")
  return !!bold.trim() && bold.trim() === cell.textContent.trim()
}
