// Hands the chosen image to the text editor in the window that opened this one.
"use strict"
for (const list of document.querySelectorAll(".desk-images")) {
  list.addEventListener("click", (event) => {
    const chosen = event.target.closest("button")
    if (!chosen || !window.opener?.CKEDITOR) return
    window.opener.CKEDITOR.tools.callFunction(list.dataset.question, chosen.dataset.address, {
      alternative_text: chosen.dataset.text,
      caption: chosen.dataset.caption,
    })
    window.close()
  })
}
