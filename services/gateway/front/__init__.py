"""The API's front page: documentation, liveness, status, metrics, and a demo's clock."""
