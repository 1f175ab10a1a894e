"""Emergency access: plan and safe contact, where the person has not chosen (C5)."""
