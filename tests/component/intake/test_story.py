"""Telling, reading and correcting a story through the real app; what may not be seen is not there."""

from uuid import UUID

import pytest

from shared.decisions import Act
from shared.event import Part, Role
from shared.ids import new_id
from tests.support.intake_doubles import IntakePlace, an_intake

LINE = "People choose what to share; this may not be everything."
HAPPENED = {"heading": "what-happened", "words": "I lost my flat."}
MATTERS = {"heading": "what-matters-most", "words": "My dog."}


@pytest.fixture
async def place(tmp_path):
    async with an_intake(tmp_path) as made:
        yield made


async def told(place: IntakePlace, person: UUID, *passages: dict[str, str]) -> str:
    answer = await place.of(person).post(f"/v1/people/{person}/stories", json={"passages": list(passages)})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["story"])


async def stories(client, person: UUID):
    answer = await client.get(f"/v1/people/{person}/stories")
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_a_story_is_told_in_the_person_s_own_words__s3(place):
    person = await place.arrive()
    story = await told(place, person, HAPPENED, MATTERS)

    said = await stories(place.of(person), person)

    assert said["called"] == "Robin"
    assert said["line"] == LINE
    (item,) = said["items"]
    assert (item["story"], item["version"]) == (story, 1)
    assert [p["words"] for p in item["passages"]] == ["My dog.", "I lost my flat."]  # what matters most is first
    assert {p["how"] for p in item["passages"]} == {"self"}
    assert {p["by"]["member"] for p in item["passages"]} == {str(person)}
    assert "intake.story-told" in await place.place.types("intake", person)


async def test_only_the_person_writes_as_themself__s3(place):
    person = await place.arrive()
    supporter = place.known(person)
    body = {"passages": [HAPPENED | {"how": "self"}]}

    assert (await supporter.post(f"/v1/people/{person}/stories", json=body)).status_code == 422
    body["passages"][0]["how"] = "supported-by"
    assert (await supporter.post(f"/v1/people/{person}/stories", json=body)).status_code == 201
    (item,) = (await stories(place.of(person), person))["items"]
    assert item["passages"][0]["how"] == "supported-by"
    assert item["passages"][0]["by"]["organisation"] is not None


async def test_a_story_opens_only_where_the_person_lets_it__c3(place):
    person = await place.arrive()
    await told(place, person, HAPPENED)
    reading, writing = place.known(person, Part.STORY), place.known(person)
    path = f"/v1/people/{person}/stories"

    answers = [
        await place.client(Role.PRACTITIONER).get(path),
        await writing.get(path),
        await reading.get(f"/v1/people/{new_id()}/stories"),
        await place.of(new_id()).get(path),
        await place.of(new_id()).post(path, json={"passages": [HAPPENED]}),
        await place.client(Role.PRACTITIONER).post(path, json={"passages": [HAPPENED]}),
    ]

    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.text for answer in answers}) == 1
    assert (await stories(reading, person))["items"]
    assert (await place.client().get(path)).status_code == 401
    assert (await place.client(Role.STEWARD).get(path)).status_code == 403


async def test_reading_a_story_asks_consent_which_keeps_the_receipt__s2(place):
    person = await place.arrive()
    await told(place, person, HAPPENED)
    await stories(place.known(person, Part.STORY), person)

    asked = place.consent.asked[-1]
    assert (asked.person, asked.part, asked.act) == (person, Part.STORY, Act.READ)


async def test_what_is_withheld_leaves_no_trace__s4(place):
    """A reader from whom a passage and a story are withheld gets, byte for byte, what they would without them."""
    person = await place.arrive()
    story = await told(place, person, MATTERS)
    reader = place.known(person, Part.STORY)
    one = f"/v1/people/{person}/stories/{story}"
    paths = [f"/v1/people/{person}/stories", f"/v1/people/{person}/stories?limit=1", one, f"{one}/versions"]
    before = [await reader.get(path) for path in paths]

    hidden = await told(place, person, HAPPENED)
    added = await place.of(person).post(f"{one}/versions", json={"passages": [HAPPENED]})
    assert added.status_code == 201
    everything = (await stories(place.of(person), person))["items"]
    secret = {p["passage"] for item in everything for p in item["passages"] if p["words"] == HAPPENED["words"]}
    assert len(secret) == 2
    organisation = place.consent.asked[-1].by.organisation
    place.consent.withheld[organisation] = {UUID(each) for each in secret}
    after = [await reader.get(path) for path in paths]

    assert [answer.content for answer in after] == [answer.content for answer in before]
    assert [answer.headers.get("etag") for answer in after] == [answer.headers.get("etag") for answer in before]
    gone = await reader.get(f"/v1/people/{person}/stories/{hidden}")
    unknown = await reader.get(f"/v1/people/{person}/stories/{new_id()}")
    assert (gone.status_code, gone.content) == (404, unknown.content)
    assert before[2].headers["etag"] != (await place.of(person).get(one)).headers["etag"]


async def test_versions_are_counted_for_each_reader__i1(place):
    person = await place.arrive()
    story = await told(place, person, MATTERS)
    path = f"/v1/people/{person}/stories/{story}/versions"
    secret = (await place.of(person).post(path, json={"passages": [HAPPENED]})).json()
    assert secret["version"] == 2
    whole = (await place.of(person).get(path)).json()["items"]
    reader = place.known(person, Part.STORY)
    await reader.get(path)
    place.consent.withheld[place.consent.asked[-1].by.organisation] = {UUID(whole[1]["passages"][0]["passage"])}

    mine = await reader.post(path, json={"passages": [{"heading": "my-wellness", "words": "Walks help."}]})

    assert mine.json()["version"] == 2
    assert [each["version"] for each in (await reader.get(path)).json()["items"]] == [1, 2]
    assert [each["version"] for each in (await place.of(person).get(path)).json()["items"]] == [1, 2, 3]


async def test_a_correction_says_why_and_what_stood_before_stays__s3(place):
    person = await place.arrive()
    story = await told(place, person, HAPPENED)
    path = f"/v1/people/{person}/stories/{story}"
    me = place.of(person)
    passage = (await me.get(path)).json()["passages"][0]["passage"]
    change = {"passage": passage, "words": "I was made to leave my flat."}

    assert (await me.post(f"{path}/versions", json={"passages": [change]})).status_code == 422
    change["why"] = "I did not lose it."
    assert (await me.post(f"{path}/versions", json={"passages": [change]})).status_code == 201

    (now,) = (await me.get(path)).json()["passages"]
    assert (now["words"], now["why"], now["passage"]) == (change["words"], change["why"], passage)
    versions = (await me.get(f"{path}/versions")).json()["items"]
    assert [each["passages"][0]["words"] for each in versions] == [HAPPENED["words"], change["words"]]
    assert "intake.story-amended" in await place.place.types("intake", person)


async def test_a_passage_taken_out_is_still_in_the_versions_before__s3(place):
    person = await place.arrive()
    story = await told(place, person, HAPPENED, MATTERS)
    me, path = place.of(person), f"/v1/people/{person}/stories/{story}"
    gone = (await me.get(path)).json()["passages"][1]["passage"]

    taken = await me.post(f"{path}/versions", json={"passages": [{"passage": gone, "why": "Not now."}]})

    assert taken.json()["version"] == 2
    assert [p["words"] for p in (await me.get(path)).json()["passages"]] == ["My dog."]
    assert len((await me.get(f"{path}/versions")).json()["items"][0]["passages"]) == 2


async def test_nobody_puts_their_words_in_the_place_of_the_person_s__i2(place):
    person = await place.arrive()
    story = await told(place, person, HAPPENED)
    supporter, path = place.known(person, Part.STORY), f"/v1/people/{person}/stories/{story}"
    passage = (await supporter.get(path)).json()["passages"][0]["passage"]
    change = {"passage": passage, "words": "They gave up the flat.", "why": "Our record differs."}

    turned_back = await supporter.post(f"{path}/versions", json={"passages": [change]})
    beside = await supporter.post(f"{path}/versions", json={"passages": [HAPPENED | {"words": "Our record differs."}]})

    assert (turned_back.status_code, turned_back.json()["code"]) == (409, "not-your-words")
    assert beside.status_code == 201
    assert len((await place.of(person).get(path)).json()["passages"]) == 2


async def test_a_correction_of_what_one_may_not_see_is_one_of_nothing__c4(place):
    person = await place.arrive()
    story = await told(place, person, HAPPENED, MATTERS)
    path = f"/v1/people/{person}/stories/{story}"
    hidden = (await place.of(person).get(path)).json()["passages"][1]["passage"]
    reader = place.known(person, Part.STORY)
    await reader.get(path)
    place.consent.withheld[place.consent.asked[-1].by.organisation] = {UUID(hidden)}

    answers = [
        await reader.post(f"{path}/versions", json={"passages": [{"passage": each, "words": "x", "why": "y"}]})
        for each in (hidden, str(new_id()))
    ]

    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.content for answer in answers}) == 1


async def test_a_correction_of_what_has_changed_since_is_stale(place):
    person = await place.arrive()
    story = await told(place, person, MATTERS)
    me, path = place.of(person), f"/v1/people/{person}/stories/{story}"
    mark = {"If-Match": (await me.get(path)).headers["etag"]}
    body = {"passages": [HAPPENED]}

    assert (await me.post(f"{path}/versions", json=body, headers=mark)).status_code == 201
    assert (await me.post(f"{path}/versions", json=body, headers=mark)).status_code == 412


async def test_having_to_tell_it_again_is_counted_for_the_organisation__s2(place):
    person = await place.arrive()
    centre = place.community.join()
    path = f"/v1/people/{person}/told-again"

    assert (await place.of(person).post(path, json={"organisation": str(centre)})).status_code == 201
    assert (await place.of(person).post(path, json={})).status_code == 422
    assert (await place.of(person).post(path, json={"organisation": str(new_id())})).status_code == 404
    assert (await place.known(person).post(path, json={})).status_code == 201
    assert (await place.known(person).post(path, json={"organisation": str(centre)})).status_code == 422

    facts = [e for e in await place.place.journal("intake", person) if e.type == "intake.story-asked-again"]
    assert len(facts) == 2
    assert facts[0].data["organisation"] == str(centre)


async def test_a_person_who_writes_is_told_who_reads_it__p10(place):
    person = await place.arrive()
    lead = place.community.join()
    place.pathway.leads[person] = lead
    body = {"passages": [HAPPENED]}

    mine = (await place.of(person).post(f"/v1/people/{person}/stories", json=body)).json()
    theirs = (await place.known(person).post(f"/v1/people/{person}/stories", json=body)).json()

    assert mine["read_by"]["organisation"] == str(lead)
    assert mine["by_when"]["says"]
    assert mine["i_need_someone_now"]["says"] == "I need someone now"
    assert set(theirs) == {"story", "version"}


async def test_stories_come_in_pages_without_totals__c4(place):
    person = await place.arrive()
    made = [await told(place, person, HAPPENED) for _ in range(3)]
    me, path = place.of(person), f"/v1/people/{person}/stories?limit=2"

    first = (await me.get(path)).json()
    last = (await me.get(f"{path}&cursor={first['next']}")).json()

    assert {item["story"] for item in first["items"] + last["items"]} == set(made)
    assert "next" not in last
    assert (await me.get(f"{path}&cursor=made-up")).status_code == 422


async def test_a_story_is_told_in_six_statements_and_read_in_four(place):
    person = await place.arrive()
    ran: list[str] = []
    place.place.watch(lambda prefix, text: ran.append(text))
    headers = {"X-Request-ID": str(new_id())}
    path = f"/v1/people/{person}/stories"

    await place.of(person).post(path, json={"passages": [HAPPENED, MATTERS]}, headers=headers)
    created = len(ran)
    ran.clear()
    await place.of(person).get(path)

    assert created <= 6
    assert len(ran) <= 4


async def test_having_to_tell_it_again_is_counted_with_small_numbers_hidden__s2(place):
    person = await place.arrive()
    often, seldom = place.community.join(), place.community.join()
    for organisation, times in ((often, 8), (seldom, 4)):
        for _ in range(times):
            body = {"organisation": str(organisation)}
            assert (await place.of(person).post(f"/v1/people/{person}/told-again", json=body)).status_code == 201
    steward = place.client(Role.STEWARD)

    pages = [(await steward.get("/v1/told-again?limit=1")).json()]
    pages.append((await steward.get(f"/v1/told-again?limit=1&cursor={pages[0]['next']}")).json())

    counted = {item["organisation"]: item["times"] for page in pages for item in page["items"]}
    assert counted == {str(often): 10, str(seldom): "*"}
    assert "next" not in pages[1]
    assert (await place.client(Role.PRACTITIONER).get("/v1/told-again")).status_code == 403
