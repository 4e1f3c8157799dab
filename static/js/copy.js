// Adds to each sentence that can be quoted a button that copies it. Without script, or where a page may not
// write to the clipboard, nothing appears and the text can be selected as ever.
if (navigator.clipboard) {
  const told = document.createElement("p");
  told.className = "unseen";
  told.setAttribute("role", "status");
  document.querySelector("main").append(told);

  document.querySelectorAll("[data-copy]").forEach((text) => {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "copy";
    const say = (words) => {
      button.textContent = words;
      button.setAttribute("aria-label", `${words}: ${text.dataset.copy}`);
    };
    say("Copy");
    button.addEventListener("click", async () => {
      let words = "Copied";
      try {
        await navigator.clipboard.writeText(text.textContent.trim().replace(/\s+/g, " "));
      } catch {
        words = "Not copied: the browser does not allow it";
      }
      say(words);
      told.textContent = `${words}: ${text.dataset.copy}`;
      setTimeout(() => { say("Copy"); told.textContent = ""; }, 3000);
    });
    text.after(" ", button);
  });
}
