"use strict"
// Names for what Django's admin and its widgets leave unnamed to screen readers, the choice of an image, and the
// text editor's style.
{
  // The text editor would write its style into the page, which the policy forbids; admin-desk.css has the rules.
  // Where the editor finds an element of that name, it takes it that the style is there. This one is no HTML.
  const style = document.createElementNS("", "style")
  style.setAttribute("data-tiptap-style", "")
  document.head.append(style)

  const label = (id) => document.querySelector(`label[for="${CSS.escape(id)}"]`)

  const nameTexts = () => {
    for (const text of document.querySelectorAll(".ProseMirror[contenteditable]:not([aria-labelledby])")) {
      const area = text.closest(".prose-editor")?.querySelector("textarea")
      const found = area && label(area.id)
      if (!found) continue
      found.id ||= `label_${area.id}`
      text.setAttribute("aria-labelledby", found.id)
      text.setAttribute("aria-multiline", "true")
    }
  }

  const nameChoices = () => {
    for (const select of document.querySelectorAll("select.select2-hidden-accessible")) {
      const words = label(select.id)?.textContent.replace(/:\s*$/, "").trim()
      const box = select.nextElementSibling
      if (!words || !box?.matches(".select2-container")) continue
      for (const part of box.querySelectorAll("[role=combobox], [role=searchbox], [role=textbox]")) {
        part.removeAttribute("aria-labelledby")
        part.setAttribute("aria-label", part.getAttribute("role") === "searchbox" ? `${words}: type to find` : words)
      }
    }
    for (const search of document.querySelectorAll(".select2-dropdown .select2-search__field")) {
      search.setAttribute("aria-label", "Type to find")
    }
  }

  const nameAll = () => {
    document.querySelector("#searchbar:not([aria-label])")?.setAttribute("aria-label", "Search")
    nameTexts()
    nameChoices()
  }

  // The widgets come in their own time, and new rows whenever an editor adds one.
  let asked = 0
  const ask = () => {
    asked ||= requestAnimationFrame(() => {
      asked = 0
      nameAll()
    })
  }
  addEventListener("DOMContentLoaded", () => {
    new MutationObserver(ask).observe(document.body, { childList: true, subtree: true })
    ask()
  })

  // Hands the chosen image to the text editor in the window that opened this one.
  document.addEventListener("click", (event) => {
    const chosen = event.target.closest(".desk-images button")
    if (!chosen || !window.opener?.CKEDITOR) return
    window.opener.CKEDITOR.tools.callFunction(chosen.closest("ul").dataset.question, chosen.dataset.address, {
      alternative_text: chosen.dataset.text,
      caption: chosen.dataset.caption,
    })
    window.close()
  })
}
