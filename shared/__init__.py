"""The kernel: what two or more services need, and no rule of care.

Nothing here imports ``services``. Pure: ``errors``, ``event``, ``events``, ``passes``. Everything else
does I/O behind an async port.
"""
