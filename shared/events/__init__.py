"""The facts of the bus, a module for each service that emits them. Importing this registers them all."""

from shared.events import community, consent, intake, notify, pathway, pathway_plan

__all__ = ["community", "consent", "intake", "notify", "pathway", "pathway_plan"]
