"""Community: who is in a place, what they offer, and by which rulebook they go.

Owns organisations and their members, the ways to ring them, offers and places free, the rulebook in
force, and what a place needs before it serves: a backstop and a tested duty line (J2a).
Emits ``shared.events.community``. Listens to nothing: what people do never decides who may join (M1).
"""
