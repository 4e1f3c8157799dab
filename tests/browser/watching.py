"""What a browser says of the policies of pages: what they kept from a page, and what is wrong with them."""

from __future__ import annotations

from playwright.sync_api import BrowserContext, ConsoleMessage

_TOLD = "Kept from the page by its policy:"

_LISTEN = f"""
document.addEventListener("securitypolicyviolation", (event) => {{
  console.error("{_TOLD}", event.effectiveDirective, event.blockedURI, event.sourceFile, event.lineNumber);
}});
"""


def complaints(context: BrowserContext) -> list[str]:
    """A list that fills with what the browser says of policies, on any page of a context from now on."""
    found: list[str] = []

    def hear(message: ConsoleMessage) -> None:
        if "policy" in message.text.lower():
            found.append(f"{message.page.url if message.page else ''}: {message.text}")

    context.add_init_script(_LISTEN)
    context.on("console", hear)
    return found
