"""Warm links to offers: linked, welcomed, met, or not right and here is what could be (J3, J5)."""
