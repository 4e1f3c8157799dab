"""An uploaded file that is missing from the media folder."""

from __future__ import annotations

import time

from tests.faults.site import NEWS, FaultSite, promise


def run(site: FaultSite, number: int) -> list[str]:  # noqa: ARG001  (there is one file)
    """Take the file away, and put it back."""
    ((key, name, title),) = site.database.ask("SELECT id, file, title FROM appg_upload")
    path, file = f"/files/{key}/report.pdf", site.folder / "media" / name
    copy = site.folder / "copy"
    site.manage("export_site", copy, "--processes", 1)
    promise("1 file is as uploaded." in site.manage("check_files"), "the file is not as uploaded")
    before = (copy / path[1:]).read_bytes()
    file.rename(site.folder / "taken")
    # From here on nobody has it: what is published is made anew.
    site.change(
        "from appg.models import NewsItem\nNewsItem.objects.filter(slug='first').update(summary='More.')"
    )
    with site.running():
        page, missing = site.get(NEWS), site.get(path)
        promise(page.status == 200 and path in page.text, f"the page with the link answers {page.status}")
        promise(missing.status == 404, f"the file's address answers {missing.status}")
        promise(title in missing.text and "checksum" in missing.text, f"it says: {missing.text}")
        named = site.refused("check_files")
        promise(f"{path} (“{title}”): {name} is missing" in named, f"check_files: {named}")
        export = site.refused("export_site", copy, "--processes", 1)
        promise(f"{path} answers 404: “{title}”" in export, f"export_site: {export}")
        promise((copy / path[1:]).read_bytes() == before, "the former export was touched")
        site.manage("verify_export", copy)
        against = site.refused("verify_export", copy, "--against", f"http://127.0.0.1:{site.port}")
        promise(path in against, f"verify_export: {against}")
        began = time.monotonic()
        (site.folder / "taken").rename(file)
        back = site.get(path)
        promise((back.status, back.body) == (200, before), f"put back, it answers {back.status}")
        healed = time.monotonic() - began
    site.manage("check_files")
    site.manage("export_site", copy, "--processes", 1)
    return [
        "a file is missing: its page 200, its address 404 with what it is known by",
        "check_files and export_site name it, the former export stays, verify_export names the difference",
        f"put back, it was sent after {healed:.2f} s, and the export succeeded",
    ]
