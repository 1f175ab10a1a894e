"""Pathway: the journey of a person; held until held.

owns     holds (who leads, who walks alongside), links, plans, steps, contacts, promises, asks, warning signs, ways out
         and back, the timeline
emits    ``shared.events.pathway``
listens  intake (arrived), consent (withdrawn), community (a member left, an organisation ended), and every event
         about a person for the timeline

Rule J2 is kept here: exactly one organisation leads while somebody is supported. ``holding.domain.lead_of`` is the
one function that answers who; nothing but ``holding.domain`` and ``wayout.domain`` changes it.
"""
