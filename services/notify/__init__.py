"""notify: what leaves the place by itself.

owns     subscriptions of partner systems, deliveries to them, alerts to people and their acknowledgement, messages
emits    subscription confirmed, paused, resumed, ended; delivery failed for good; alert raised, passed up, acknowledged
listens  to every fact, of consent's to emergency access; each delivery is decided again at the moment of sending (C7)
"""
