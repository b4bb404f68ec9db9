"""The networks' protocols, one folder each: bytes in, events out; drafts in, receipts out. No Django here."""
