"""What lets services run in processes of their own: each answers its port under ``/internal``, signed (ADR 0016).

Not a service: it is how ``services.system`` connects them, and it knows none of them. In one process none of it is
loaded; on PostgreSQL only ``hurried``.
"""
