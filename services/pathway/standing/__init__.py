"""How an organisation stands to people: whom it leads, is chosen by, walks beside and is linked to."""
