"""The API's own pages: its documentation, its health, its figures, what each error means; a demo's clock."""
