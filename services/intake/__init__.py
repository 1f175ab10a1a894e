"""Intake: who somebody is, how they came, what they told, what they need, who is around them.

Owns      people and what they can be recognised by; doors and arrivals; stories; needs; the circle around a
          person and whom to ring when they go quiet; how to reach them safely
Emits     intake.arrived, story-told, story-amended, story-asked-again, need-named, circle-changed,
          safe-contact-changed
Listens   to nobody
Answers   whether there is such a person, whom to ring, safe routes, whose an e-mail address is, the first hold
"""
