"""The services, each the owner of its own rules, tables and events; none imports another.

intake     people, doors and arrivals, stories, needs, the circle around a person
community  organisations and their members, offers, rulebooks, gaps
pathway    who leads, links, plans, contacts, asks, clocks, the timeline
consent    choices about sharing, every decision, the ledger of who looked
notify     subscriptions, deliveries to partner systems, alerts to people
gateway    sign-in of partner systems, the front page of the API

`system` says which of them run in this process; `__main__` is the command line.
"""

SERVICES = ("community", "intake", "consent", "pathway", "notify", "gateway")
"""Every service of the place. All run in one process unless told otherwise."""
