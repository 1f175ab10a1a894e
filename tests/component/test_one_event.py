"""One event, followed: the path of the README's table, hop by hop, and the names in it."""

import re
from importlib import import_module
from pathlib import Path

from shared.event import Part
from shared.ids import new_id
from tests.support.notify_servers import receiving, verified
from tests.support.whole_place import WholePlace, whole_place

README = Path(__file__).resolve().parents[2] / "README.md"
ROW = re.compile(r"^\| \d+ \| `([\w/]+)\.py` \| `([\w.]+)` \|", re.MULTILINE)
HOPS = 10
TOLD = "intake.story-told"


def test_every_name_in_the_readmes_table_is_there() -> None:
    rows = ROW.findall(README.read_text())
    assert len(rows) == HOPS
    for path, name in rows:
        found = import_module(path.replace("/", "."))
        for part in name.split("."):
            found = getattr(found, part)
        assert callable(found), (path, name)


def count(here: WholePlace, sql: str) -> int:
    return int(here.place.system.file.reader.execute(sql).fetchone()[0])


async def test_a_story_told_is_journalled_carried_heard_and_delivered_once(tmp_path: Path) -> None:
    async with whole_place(tmp_path / "data") as here, receiving() as partner:
        await here.yes(here.group.id, Part.STORY)
        async with here.place.client(here.system_of(here.group)) as system:
            wish = await system.post("/v1/subscriptions", json={"url": partner.url(), "events": [TOLD]})
        await here.place.settle()
        request = {"X-Request-ID": str(new_id())}
        body = {"passages": [{"heading": "what-happened", "words": "I lost the thread."}]}
        async with here.me as me:
            first = await me.post(f"/v1/people/{here.r}/stories", json=body, headers=request)
            again = await me.post(f"/v1/people/{here.r}/stories", json=body, headers=request)
        assert (first.status_code, again.json()["story"]) == (201, first.json()["story"])
        (event,) = [
            e for e in await here.place.journal("intake", here.r) if e.data.get("story") == first.json()["story"]
        ]
        assert event.type == TOLD
        assert count(here, "SELECT count(*) FROM intake_unsent") == 1
        await here.place.settle()
        assert count(here, "SELECT count(*) FROM intake_unsent") == 0
        carried = here.place.system.file.reader.execute("SELECT count(*) FROM bus_record WHERE value = ?", (event.raw,))
        assert carried.fetchone()[0] == 1
        async with here.me as me:
            line = (await me.get(f"/v1/people/{here.r}/timeline")).json()["items"][-1]
        assert line["says"] == "A story was told."
        (delivered,) = [each for each in partner.heard if each.json["type"] == TOLD]
        told = verified(delivered, wish.json()["secret"])
        assert (told["subject"], told["order"]) == (str(here.r), 1)
        assert "thread" not in delivered.body.decode()
