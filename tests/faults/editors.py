"""Two editors who save the same item in the same moment."""

from __future__ import annotations

import threading

from tests.faults.site import Answer, FaultSite, promise
from tests.waiting import PATIENCE

NAMES = ("ada", "grace")


def run(site: FaultSite, number: int) -> list[str]:
    """So many times: both open the form, both save at once; the one who is told saves knowingly."""
    path = site.first_news()
    saved: list[str] = []
    with site.running():
        desks = [site.editor(name) for name in NAMES]
        for turn in range(number):
            forms = [desk.open(path) for desk in desks]
            titles = [f"{name} {turn}" for name in NAMES]
            answers: dict[int, Answer] = {}
            together = threading.Barrier(2)

            def send(one: int) -> None:
                together.wait(PATIENCE)  # noqa: B023  (joined before the next turn)
                answers[one] = desks[one].send(path, forms[one], title=titles[one], why="x")  # noqa: B023

            threads = [threading.Thread(target=send, args=(one,)) for one in (0, 1)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            statuses = sorted(answer.status for answer in answers.values())
            promise(statuses == [200, 302], f"of two who save at once, one is told: {statuses}")
            first, second = sorted(answers, key=lambda one: -answers[one].status)
            told = answers[second].text
            saved.append(titles[first])
            promise(f"{NAMES[first].capitalize()} changed this on " in told, "the second is not told who")
            for words in (titles[first], titles[second]):
                promise(f"<q>{words}</q>" in told, f"the second does not see “{words}”")
            ((title,),) = site.database.ask("SELECT title FROM appg_newsitem ORDER BY id LIMIT 1")
            promise(title == titles[first], f"what was accepted is not there: {title}")
            from tests.desk import filled

            again = desks[second].send(path, filled(told))
            promise(again.status == 302, f"saving once more answers {again.status}")
            saved.append(titles[second])
    history = [
        title
        for (title,) in site.database.ask("SELECT title FROM appg_historicalnewsitem ORDER BY history_id")
    ]
    promise(history[-len(saved) :] == saved, f"the history lost something: {history} is not {saved}")
    return [
        f"{number} times two editors saved at once: one was taken, the other told by whom and what differs",
        f"all {len(saved)} versions are in the history, in their order",
    ]
