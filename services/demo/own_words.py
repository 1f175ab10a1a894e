"""What the people of the demo say, in their own words. All of them are invented."""

from __future__ import annotations

CALLED = "R"
CODE_WORD = "heron and teapot"

STORY = (
    ("what-matters-most", "My sister's two girls, my sewing, and that nobody talks over my head."),
    ("people-who-matter", "Sam from the peer group knows me best. My sister Jo, but not when she is on nights."),
    ("how-i-communicate", "Give me time. If I go quiet I am still listening. Please don't ring from a hidden number."),
    ("my-wellness", "A good day is up before ten, one thing sewn, one walk. Bad days come in threes."),
    ("please-do-and-do-not", "Please do say what will happen next and when. Please don't promise what you can't do."),
    ("how-and-when-to-support-me", "Sit beside me, not across a desk. Evenings are the hardest."),
    ("also-worth-knowing", "I worked in a hospital laundry for eleven years. I know how the corridors sound at four."),
    ("what-happened", "I lost my flat in spring and then I lost the thread. I have told this so many times."),
    ("what-i-need-now", "Somewhere to rest for a few nights, and not to be sent home with a leaflet."),
)

NEED_REST = "Some nights somewhere safe where somebody is awake."
NEED_MONEY = "Money for the bus to the group and for a sewing machine."

PLAN_ALONE = (
    ("warning-signs", "Low mood, poor sleep."),
    ("services", "Attend the emergency department if things get worse."),
)
NOT_AGREED = "I was not in the room when this was written. It is not mine."
WOULD_AGREE = "A plan I make with Sam, with the evenings in it."
ASK = "I want support. I don't want to go home alone to nothing."
KNOWS = "I rang R. R knows that I am saying so."

PLAN_OWN = (
    ("warning-signs", "I stop sewing and leave the curtains shut."),
    ("by-myself", "Radio on, kettle on, the blue blanket."),
    ("people-and-places", "The group's Thursday table, even if I only sit there."),
    ("ask-for-help", "Sam, then Jo."),
    ("services", "The crisis house, and the night line they gave me."),
    ("safer-around-me", "Jo keeps my spare tablets."),
    ("worth-living", "The girls' school play in June."),
    ("helps", "Being told the time and what happens next."),
    ("does-not-help", "Being asked for my date of birth by three people in a row."),
    ("if-i-go-quiet", "Text first, then knock. Say it's you."),
)
SLEEP = "My sister's back room, until the flat is ready."
WAY_BACK = "Text 'I need you' to the line, or walk into the group on a Thursday. Nobody will ask you to start again."
BUDGET_FOR = "A sewing machine and twelve bus passes."
TEXT_BACK = "I need you"
BUSY = "We are full on the women's landing this week."

PLAN_CARE = (
    ("goals", "To be in my own flat by autumn, sewing again."),
    ("who-does-what", "The community team rings on Mondays. The group keeps my Thursday chair."),
    ("housing", "The council has me on its list, and rings me, not the other way round."),
)
GROUP_DOES = "A table, tea and sewing machines on Thursdays, and somebody who rings when you go quiet."
