"""One fact on its way to one subscriber: decided as it is sent, signed, tried again, in order for each subject."""
