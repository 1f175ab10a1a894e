"""Gateway: sign-in of partner systems and of people, the API's own pages, the demo clock. No rule of care.

Owns: partner keys, used ``jti``, sessions, one-time links, devices of groups and PINs, the demo clock. Emits nothing,
listens to nothing.
"""
